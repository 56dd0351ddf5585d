//! The documents by which clients find everything else.

use serde::Serialize;

use crate::origin::PublicOrigin;
use crate::public_keys::ALGORITHMS;
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
    /// Our public keys.
    pub const JWKS: &str = "/.well-known/jwks.json";
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
            resource_name: "Sessile",
        }
    }
}

/// What the authorization server says about itself (RFC 8414 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerMetadata {
    issuer: String,
    authorization_endpoint: String,
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
    #[serde(flatten)]
    introspection: Option<IntrospectionMetadata>,
    code_challenge_methods_supported: Vec<&'static str>,
    authorization_response_iss_parameter_supported: bool,
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

impl ServerMetadata {
    /// The document of this server; the same under each of its paths. `introspects`:
    /// whether there is a resource server that may ask about tokens.
    pub fn new(public: &PublicOrigin, introspects: bool, existing: &Scopes) -> Self {
        let mut scopes = existing.names();
        scopes.push(OFFLINE_ACCESS.to_owned());
        Self {
            issuer: public.as_str().to_owned(),
            authorization_endpoint: public.url(path::AUTHORIZE),
            token_endpoint: public.url(path::TOKEN),
            registration_endpoint: public.url(path::REGISTER),
            revocation_endpoint: public.url(path::REVOKE),
            jwks_uri: public.url(path::JWKS),
            scopes_supported: scopes,
            response_types_supported: vec!["code"],
            response_modes_supported: vec!["query"],
            grant_types_supported: vec!["authorization_code", "refresh_token"],
            token_endpoint_auth_methods_supported: vec!["none", "private_key_jwt"],
            token_endpoint_auth_signing_alg_values_supported: algorithms(),
            revocation_endpoint_auth_methods_supported: vec!["none", "private_key_jwt"],
            revocation_endpoint_auth_signing_alg_values_supported: algorithms(),
            introspection: introspects.then(|| IntrospectionMetadata {
                introspection_endpoint: public.url(path::INTROSPECT),
                introspection_endpoint_auth_methods_supported: vec!["client_secret_basic"],
            }),
            code_challenge_methods_supported: vec!["S256"],
            authorization_response_iss_parameter_supported: true,
            client_id_metadata_document_supported: true,
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: vec!["EdDSA"],
        }
    }
}

/// What clients may sign assertions with.
fn algorithms() -> Vec<String> {
    let names = ALGORITHMS.iter();
    names.map(|algorithm| format!("{algorithm:?}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 8414 section 2; checklist AS-01, AS-02, AS-07.
    /// Checklist AS-10, AS-13.
    #[test]
    fn the_server_metadata_has_what_clients_require() {
        let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
        let existing = Scopes::read(Some("notes:read")).unwrap();
        let document =
            serde_json::to_value(ServerMetadata::new(&public, false, &existing)).unwrap();
        let mut want = json!({
            "issuer": "https://mcp.example.com",
            "authorization_endpoint": "https://mcp.example.com/authorize",
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
            "client_id_metadata_document_supported": true,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        });
        assert_eq!(document, want);
        let document = serde_json::to_value(ServerMetadata::new(&public, true, &existing)).unwrap();
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
    }
}
