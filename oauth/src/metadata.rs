//! The documents by which clients find everything else.

use serde::Serialize;

use crate::client::Clients;
use crate::direct::{CLIENT_CREDENTIALS, ID_JAG_PROFILE, JWT_BEARER};
use crate::exchange::TOKEN_EXCHANGE;
use crate::origin::PublicOrigin;
use crate::public_keys::algorithm_names;
use crate::scope::{OFFLINE_ACCESS, Scopes};

/// Paths of our OAuth endpoints.
pub mod path {
    /// Where a user is asked for consent.
    pub const AUTHORIZE: &str = "/authorize";
    /// Where codes and refresh tokens are redeemed.
    pub const TOKEN: &str = "/token";
    /// Where clients give up what they were granted.
    pub const REVOKE: &str = "/revoke";
    /// Where resource servers ask about tokens.
    pub const INTROSPECT: &str = "/introspect";
    /// Where clients register.
    pub const REGISTER: &str = "/register";
    /// Where clients push what they ask for.
    pub const PAR: &str = "/par";
    /// Our public keys.
    pub const JWKS: &str = "/.well-known/jwks.json";
    /// The resource's metadata (RFC 9728 section 3.1, with the path of the resource
    /// inserted).
    pub const RESOURCE: &str = "/.well-known/oauth-protected-resource/mcp";
}

/// What the resource says about itself (RFC 9728 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceMetadata {
    /// The identifier the client used: it must find its own (section 3.3).
    resource: String,
    authorization_servers: Vec<String>,
    /// The minimal useful set, without `offline_access` (checklist RS-08).
    scopes_supported: Vec<String>,
    bearer_methods_supported: Vec<&'static str>,
    /// Bound tokens are taken as well; they are not required.
    dpop_signing_alg_values_supported: Vec<String>,
    resource_name: &'static str,
}

impl ResourceMetadata {
    /// The document for a client that uses the resource under this identifier.
    pub fn new(public: &PublicOrigin, resource: String) -> Self {
        Self {
            resource,
            authorization_servers: vec![public.as_str().to_owned()],
            scopes_supported: Scopes::baseline().names(),
            bearer_methods_supported: vec!["header"],
            dpop_signing_alg_values_supported: algorithm_names(),
            resource_name: "Sessile",
        }
    }
}

/// What the authorization server says about itself (RFC 8414 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerMetadata {
    issuer: String,
    authorization_endpoint: String,
    /// RFC 9126 section 5.
    pushed_authorization_request_endpoint: String,
    require_pushed_authorization_requests: bool,
    token_endpoint: String,
    registration_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    scopes_supported: Vec<String>,
    response_types_supported: Vec<&'static str>,
    response_modes_supported: Vec<&'static str>,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Left out, it would mean `client_secret_basic` (RFC 8414 section 2).
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// MCP Enterprise-Managed Authorization: identity assertion grants are taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_grant_profiles_supported: Vec<&'static str>,
    #[serde(flatten)]
    introspection: Option<IntrospectionMetadata>,
    code_challenge_methods_supported: Vec<&'static str>,
    authorization_response_iss_parameter_supported: bool,
    /// RFC 9449 section 5.1.
    dpop_signing_alg_values_supported: Vec<String>,
    // CIMD section 5.
    client_id_metadata_document_supported: bool,
    // Two fields that OpenID Connect Discovery section 3 requires of the
    // document under its name; we issue no ID tokens.
    subject_types_supported: Vec<&'static str>,
    id_token_signing_alg_values_supported: Vec<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct IntrospectionMetadata {
    introspection_endpoint: String,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
}

/// Whom the configuration names, beside clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Others {
    /// Whether there is a resource server that may ask about tokens.
    pub ask: bool,
    /// Whether there is a provider that may vouch for users.
    pub vouch: bool,
}

impl ServerMetadata {
    /// The document of this server; the same under each of its paths. `others`:
    /// who else there is.
    pub fn new(
        public: &PublicOrigin,
        clients: &Clients,
        others: Others,
        existing: &Scopes,
    ) -> Self {
        let mut methods = vec!["none", "private_key_jwt"];
        if clients.have_secrets() {
            methods.extend(["client_secret_basic", "client_secret_post"]);
        }
        let mut grants = vec!["authorization_code", "refresh_token"];
        if clients.may_log_in() {
            grants.push(CLIENT_CREDENTIALS);
        }
        if others.vouch {
            grants.push(JWT_BEARER);
        }
        if clients.may_exchange() {
            grants.push(TOKEN_EXCHANGE);
        }
        let mut scopes = existing.names();
        scopes.push(OFFLINE_ACCESS.to_owned());
        Self {
            issuer: public.as_str().to_owned(),
            authorization_endpoint: public.url(path::AUTHORIZE),
            pushed_authorization_request_endpoint: public.url(path::PAR),
            require_pushed_authorization_requests: false,
            token_endpoint: public.url(path::TOKEN),
            registration_endpoint: public.url(path::REGISTER),
            revocation_endpoint: public.url(path::REVOKE),
            jwks_uri: public.url(path::JWKS),
            scopes_supported: scopes,
            response_types_supported: vec!["code"],
            response_modes_supported: vec!["query"],
            grant_types_supported: grants,
            token_endpoint_auth_methods_supported: methods.clone(),
            token_endpoint_auth_signing_alg_values_supported: algorithm_names(),
            revocation_endpoint_auth_methods_supported: methods,
            revocation_endpoint_auth_signing_alg_values_supported: algorithm_names(),
            authorization_grant_profiles_supported: if others.vouch {
                vec![ID_JAG_PROFILE]
            } else {
                Vec::new()
            },
            introspection: others.ask.then(|| IntrospectionMetadata {
                introspection_endpoint: public.url(path::INTROSPECT),
                introspection_endpoint_auth_methods_supported: vec!["client_secret_basic"],
            }),
            code_challenge_methods_supported: vec!["S256"],
            authorization_response_iss_parameter_supported: true,
            dpop_signing_alg_values_supported: algorithm_names(),
            client_id_metadata_document_supported: true,
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: vec!["EdDSA"],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::DocumentRules;
    use crate::encoding;
    use crate::redirect::RedirectRules;
    use crate::secret::{RootSecret, SecretHash};

    fn clients() -> Clients {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        let root = RootSecret::parse(&root).unwrap();
        let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
        Clients::new(&root, RedirectRules::default(), DocumentRules::new(public))
    }

    /// Checklist AS-20, AS-21.
    #[test]
    fn what_only_clients_of_the_configuration_do_is_announced_if_there_are_some() {
        let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
        let hash = SecretHash::of("secret");
        let list = json!([{ "id": "ci", "grant_types": ["client_credentials", TOKEN_EXCHANGE],
            "secret_hash": hash.as_str() }]);
        let clients = clients().with_configured(&list.to_string()).unwrap();
        let others = Others {
            ask: false,
            vouch: true,
        };
        let document = ServerMetadata::new(&public, &clients, others, &Scopes::baseline());
        let document = serde_json::to_value(document).unwrap();
        let grants = json!([
            "authorization_code",
            "refresh_token",
            "client_credentials",
            JWT_BEARER,
            TOKEN_EXCHANGE
        ]);
        assert_eq!(document["grant_types_supported"], grants);
        let profiles = &document["authorization_grant_profiles_supported"];
        assert_eq!(*profiles, json!([ID_JAG_PROFILE]));
        let methods = json!([
            "none",
            "private_key_jwt",
            "client_secret_basic",
            "client_secret_post"
        ]);
        assert_eq!(document["token_endpoint_auth_methods_supported"], methods);
    }

    /// RFC 8414 section 2; checklist AS-01, AS-02, AS-07.
    /// Checklist AS-10, AS-13.
    #[test]
    fn the_server_metadata_has_what_clients_require() {
        let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
        let existing = Scopes::read(Some("notes:read")).unwrap();
        let worded = |others| {
            let document = ServerMetadata::new(&public, &clients(), others, &existing);
            serde_json::to_value(document).unwrap()
        };
        let document = worded(Others::default());
        let mut want = json!({
            "issuer": "https://mcp.example.com",
            "authorization_endpoint": "https://mcp.example.com/authorize",
            "pushed_authorization_request_endpoint": "https://mcp.example.com/par",
            "require_pushed_authorization_requests": false,
            "token_endpoint": "https://mcp.example.com/token",
            "registration_endpoint": "https://mcp.example.com/register",
            "revocation_endpoint": "https://mcp.example.com/revoke",
            "jwks_uri": "https://mcp.example.com/.well-known/jwks.json",
            "scopes_supported": ["mcp", "notes:read", "offline_access"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256", "PS256", "EdDSA"],
            "revocation_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "revocation_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256", "PS256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "dpop_signing_alg_values_supported": ["RS256", "ES256", "PS256", "EdDSA"],
            "client_id_metadata_document_supported": true,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        });
        assert_eq!(document, want);
        let document = worded(Others {
            ask: true,
            vouch: false,
        });
        want["introspection_endpoint"] = json!("https://mcp.example.com/introspect");
        want["introspection_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]);
        assert_eq!(document, want);
    }

    /// RFC 9728 sections 2 and 3.3; checklist RS-01, RS-08.
    /// Checklist AS-10.
    #[test]
    fn the_resource_metadata_names_the_resource_as_the_client_does() {
        let public = PublicOrigin::parse("http://127.0.0.1:8787").unwrap();
        let resource = "http://localhost:8787/mcp".to_owned();
        let document = serde_json::to_value(ResourceMetadata::new(&public, resource)).unwrap();
        assert_eq!(document["resource"], "http://localhost:8787/mcp");
        assert_eq!(
            document["authorization_servers"],
            json!(["http://127.0.0.1:8787"])
        );
        assert_eq!(document["scopes_supported"], json!(["mcp"]));
        // RFC 9728 section 2: offered, and not required.
        let algorithms = json!(["RS256", "ES256", "PS256", "EdDSA"]);
        assert_eq!(document["dpop_signing_alg_values_supported"], algorithms);
        assert!(document.get("dpop_bound_access_tokens_required").is_none());
    }
}
