//! Tokens that no person is asked for: a client logs in by itself (RFC 6749
//! section 4.4, checklist AS-20).
//!
//! There is no refresh token: the client asks again.

use crate::client::{Clients, Named, Proof};
use crate::form::Parameters;
use crate::grant::{GrantRefusal, Terms};
use crate::identity::Identity;
use crate::origin::PublicOrigin;
use crate::scope::{BadScope, Scopes};
use crate::sender::{Assertion, Sender};
use crate::token::TokenError;

/// The `grant_type` of a client that logs in by itself.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// The provider and issuer of clients' own accounts. It is no URL, as those of
/// people's providers are, so that no user can have such an account.
const CLIENTS: (&str, &str) = ("client", "urn:sessile:client");

/// A request of a client that has yet to prove itself, or has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectRequest {
    /// Its id.
    pub client_id: String,
    /// What it is called.
    pub client_name: Option<String>,
    /// What it proves itself with, if that is to be checked.
    pub assertion: Option<Assertion>,
    authenticated: bool,
    resource: String,
    scopes: Scopes,
}

/// Whether a request is for such a token.
pub fn is_direct(sent: &Parameters) -> bool {
    sent.get("grant_type") == Some(CLIENT_CREDENTIALS)
}

/// Reads a request.
pub fn read(
    sent: &Parameters,
    clients: &Clients,
    public: &PublicOrigin,
) -> Result<DirectRequest, TokenError> {
    match sent.repeated() {
        Some("resource") => return Err(TokenError::Target), // We have one.
        Some(_) => return Err(TokenError::Repeated),
        None => {}
    }
    let Sender {
        client_id,
        client_name,
        assertion,
        authenticated,
    } = Sender::read(sent, clients)?;
    let scopes = match clients.named(&client_id) {
        Ok(Named::Configured(client)) if client.by_itself => client.scopes,
        _ => return Err(TokenError::Unauthorized),
    };
    let resource = match sent.get("resource") {
        Some(named) => public.resource_named(named).ok_or(TokenError::Target)?,
        None => public.resource(),
    };
    let scopes = scopes.narrowed(sent.get("scope"));
    let scopes = scopes.map_err(|_: BadScope| GrantRefusal::WiderScope)?;
    Ok(DirectRequest {
        client_id,
        client_name,
        assertion,
        authenticated,
        resource,
        scopes,
    })
}

impl DirectRequest {
    /// The request of a client that proved itself with an assertion.
    #[must_use]
    pub fn proved(mut self, _by: &Proof) -> Self {
        self.authenticated = true;
        self
    }

    /// What is granted, of whom: the client itself, which has to have proved
    /// that it is.
    pub fn terms(&self) -> Result<Terms, TokenError> {
        if !self.authenticated {
            return Err(TokenError::Refused(GrantRefusal::Unauthenticated));
        }
        let (provider, issuer) = CLIENTS;
        let name = self.client_name.as_deref();
        let identity = Identity::new(provider, issuer, &self.client_id, name);
        Ok(Terms {
            client_id: self.client_id.clone(),
            confidential: true,
            key: None,
            resource: self.resource.clone(),
            scopes: self.scopes.clone(),
            identity: identity.map_err(|_| TokenError::UnknownClient)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::client::{ASSERTION_TYPE, DocumentRules};
    use crate::encoding;
    use crate::redirect::RedirectRules;
    use crate::secret::{RootSecret, SecretHash};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn public() -> PublicOrigin {
        PublicOrigin::parse("https://mcp.example.com").unwrap()
    }

    fn clients() -> Clients {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        let root = RootSecret::parse(&root).unwrap();
        let documents = DocumentRules::new(public());
        let hash = SecretHash::of(SECRET);
        let list = json!([
            { "id": "ci", "grant_types": [CLIENT_CREDENTIALS], "secret_hash": hash.as_str() },
            { "id": "bot", "grant_types": [CLIENT_CREDENTIALS],
              "jwks_uri": "https://bot.example/keys.json" },
            { "id": "web", "grant_types": ["authorization_code"],
              "redirect_uris": ["https://web.example/cb"], "secret_hash": hash.as_str() },
        ]);
        Clients::new(&root, RedirectRules::default(), documents)
            .with_configured(&list.to_string())
            .unwrap()
    }

    fn asked(form: &[(&str, &str)]) -> Result<Terms, TokenError> {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(form);
        let sent = Parameters::parse(&text.finish()).unwrap();
        read(&sent, &clients(), &public())?.terms()
    }

    /// RFC 6749 section 4.4; checklist AS-20.
    #[test]
    fn a_client_that_proves_itself_gets_what_it_was_given_for_an_account_of_its_own() {
        let form = [("client_id", "ci"), ("client_secret", SECRET)];
        let terms = asked(&form).unwrap();
        assert_eq!((terms.client_id.as_str(), terms.confidential), ("ci", true));
        assert_eq!(terms.identity.issuer, "urn:sessile:client");
        assert!(
            url::Url::parse(&terms.identity.issuer)
                .unwrap()
                .host()
                .is_none()
        );
        assert_eq!(terms.resource, "https://mcp.example.com/mcp");
    }

    /// RFC 6749 section 5.2; checklist AS-20.
    #[test]
    fn any_other_client_gets_nothing() {
        let registered = clients().register(
            json!({ "redirect_uris": ["https://a.example/cb"] })
                .to_string()
                .as_bytes(),
            Timestamp::UNIX_EPOCH,
            [1; 24],
        );
        let registered = registered.unwrap().client_id().to_owned();
        let secret = ("client_secret", SECRET);
        let table: [(&[(&str, &str)], &str); 12] = [
            (&[], "invalid_request"),
            (&[("client_id", "ci")], "invalid_client"),
            (
                &[("client_id", "ci"), ("client_secret", "wrong")],
                "invalid_client",
            ),
            (&[("client_id", "bot")], "invalid_client"),
            (&[("client_id", "bot"), secret], "invalid_client"),
            (&[("client_id", "nobody"), secret], "invalid_client"),
            (&[("client_id", "web"), secret], "unauthorized_client"),
            (&[("client_id", &registered)], "unauthorized_client"),
            (
                &[("client_id", "https://a.example/client.json")],
                "unauthorized_client",
            ),
            (
                &[("client_id", "ci"), secret, ("scope", "no:such")],
                "invalid_scope",
            ),
            (
                &[
                    ("client_id", "ci"),
                    secret,
                    ("resource", "https://evil.example/"),
                ],
                "invalid_target",
            ),
            (
                &[
                    ("client_id", "ci"),
                    secret,
                    ("client_assertion_type", ASSERTION_TYPE),
                    ("client_assertion", "a.b.c"),
                ],
                "invalid_client",
            ),
        ];
        for (form, code) in table {
            let refused = asked(form).map_err(|error| error.code());
            assert_eq!(refused, Err(code), "{form:?}");
        }
    }

    /// That it is a good one is for the shell to find out.
    #[test]
    fn an_assertion_has_to_be_checked_first() {
        let text = "client_id=bot&client_assertion=a.b.c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let sent = Parameters::parse(text).unwrap();
        let request = read(&sent, &clients(), &public()).unwrap();
        assert!(request.assertion.is_some() && request.terms().is_err());
    }
}
