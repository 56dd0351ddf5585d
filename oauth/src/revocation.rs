//! The revocation endpoint (RFC 7009 section 2.1): reading what a client sends.

use crate::access::{Expected, KeySet};
use crate::client::{Clients, Proof};
use crate::form::Parameters;
use crate::grant::{RevokedToken, Revoking, TokenTexts};
use crate::identity::AccountId;
use crate::sender::{Assertion, Sender};
use crate::token::TokenError;

/// A token of ours that a client gives up; now the account's object decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationRequest {
    /// Whose object decides.
    pub account: AccountId,
    /// What it is asked.
    pub asked: Revoking,
    /// What the client proves itself with, if it does. It has to be checked
    /// before the request goes on, and [`RevocationRequest::proved`] says that
    /// it was.
    pub assertion: Option<Assertion>,
}

impl RevocationRequest {
    /// The request of a client that proved itself.
    #[must_use]
    pub fn proved(mut self, _by: &Proof) -> Self {
        self.asked.authenticated = true;
        self
    }
}

/// By what tokens of this deployment are known.
#[derive(Debug, Clone, Copy)]
pub struct Ours<'a> {
    /// Client ids.
    pub clients: &'a Clients,
    /// Refresh tokens.
    pub texts: &'a TokenTexts,
    /// Access tokens.
    pub keys: &'a KeySet,
    /// What they must say.
    pub expected: &'a Expected,
}

/// Reads a revocation request; none if the token is not one of ours, which is
/// no error (section 2.2).
///
/// `token_type_hint` only says where to look first, and may be ignored (section
/// 2.1): the texts of the two kinds have nothing in common.
pub fn read(sent: &Parameters, ours: Ours<'_>) -> Result<Option<RevocationRequest>, TokenError> {
    if sent.repeated().is_some() {
        return Err(TokenError::Repeated);
    }
    let sender = Sender::read(sent, ours.clients)?;
    let token = sent.get("token").ok_or(TokenError::Missing("token"))?;
    let request = |account, grant, token| RevocationRequest {
        account,
        asked: Revoking {
            grant,
            client_id: sender.client_id.clone(),
            authenticated: sender.authenticated,
            token,
        },
        assertion: sender.assertion.clone(),
    };
    if let Some(refresh) = ours.texts.read_refresh(token) {
        let token = RevokedToken::Refresh {
            generation: refresh.generation,
            secret: refresh.secret,
        };
        return Ok(Some(request(refresh.account, refresh.grant, token)));
    }
    let claims = ours.keys.issued(token, ours.expected).ok();
    Ok(claims.map(|claims| request(claims.sub, claims.sid, RevokedToken::Access)))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::client::{ASSERTION_TYPE, DocumentRules};
    use crate::encoding;
    use crate::grant::{CodeText, GrantId, RefreshText, Secret};
    use crate::origin::PublicOrigin;
    use crate::redirect::RedirectRules;
    use crate::secret::RootSecret;

    struct Deployment {
        clients: Clients,
        texts: TokenTexts,
        keys: KeySet,
        expected: Expected,
    }

    fn deployment(seed: u8) -> Deployment {
        let root = encoding::encode((seed..seed + 32).collect::<Vec<u8>>());
        let root = RootSecret::parse(&root).unwrap();
        let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
        let documents = DocumentRules::new(public);
        Deployment {
            clients: Clients::new(&root, RedirectRules::default(), documents),
            texts: TokenTexts::new(&root),
            keys: KeySet::derived(&root).unwrap(),
            expected: Expected {
                issuer: "i".into(),
                resources: vec!["r".into()],
            },
        }
    }

    impl Deployment {
        fn client(&self) -> String {
            let body = json!({ "redirect_uris": ["https://a.example/cb"] }).to_string();
            let got = self
                .clients
                .register(body.as_bytes(), Timestamp::UNIX_EPOCH, [1; 24]);
            got.unwrap().client_id().to_owned()
        }

        fn refresh_token(&self) -> String {
            self.texts.refresh(&RefreshText {
                account: account(),
                grant: grant(),
                generation: 3,
                secret: Secret("secret".into()),
            })
        }

        fn code(&self) -> String {
            let secret = Secret("secret".into());
            let account = account();
            self.texts.code(&CodeText { account, secret }, [1; 24])
        }

        /// An access token that was over in 1970.
        fn access_token(&self) -> String {
            let claims = json!({
                "iss": "i", "sub": account(), "aud": "r", "client_id": "client", "scope": "mcp",
                "jti": "1", "sid": grant(), "iat": 1, "exp": 2,
                "idp": { "provider": "dev", "issuer": "i", "subject": "s" },
            });
            self.keys
                .sign(&serde_json::from_value(claims).unwrap())
                .unwrap()
        }

        fn read(&self, form: &[(&str, &str)]) -> Result<Option<RevocationRequest>, TokenError> {
            let mut text = url::form_urlencoded::Serializer::new(String::new());
            text.extend_pairs(form);
            let ours = Ours {
                clients: &self.clients,
                texts: &self.texts,
                keys: &self.keys,
                expected: &self.expected,
            };
            read(&Parameters::parse(&text.finish()).unwrap(), ours)
        }
    }

    fn account() -> AccountId {
        AccountId::trusted("account".into())
    }

    fn grant() -> GrantId {
        GrantId::new([1; 16])
    }

    /// RFC 7009 section 2.1: the hint changes nothing, also if it is wrong.
    #[test]
    fn both_kinds_of_tokens_lead_to_their_grant_whatever_the_hint() {
        let here = deployment(0);
        let (client, refresh, access) = (here.client(), here.refresh_token(), here.access_token());
        let secret = Secret("secret".into());
        let generation = 3;
        let table = [
            (&refresh, RevokedToken::Refresh { generation, secret }),
            (&access, RevokedToken::Access),
        ];
        for (text, token) in table {
            let want = RevocationRequest {
                account: account(),
                asked: Revoking {
                    grant: grant(),
                    client_id: client.clone(),
                    authenticated: false,
                    token,
                },
                assertion: None,
            };
            for hint in ["", "refresh_token", "access_token", "something_else"] {
                let form = [
                    ("token", text.as_str()),
                    ("client_id", &client),
                    ("token_type_hint", hint),
                ];
                assert_eq!(here.read(&form), Ok(Some(want.clone())), "{hint}");
            }
        }
    }

    /// RFC 7009 section 2.2: "invalid tokens do not cause an error response".
    #[test]
    fn what_is_no_token_of_ours_leads_nowhere() {
        let (here, elsewhere) = (deployment(0), deployment(1));
        let refresh = here.refresh_token();
        let (route, _) = refresh.split_once('.').unwrap();
        let access = here.access_token();
        let (unsigned, _) = access.rsplit_once('.').unwrap();
        let table = [
            "x".to_owned(),
            ".".to_owned(),
            "a.b.c".to_owned(),
            "x".repeat(20_000),
            route.to_owned(),
            format!("{unsigned}."),
            here.code(),
            elsewhere.refresh_token(),
            elsewhere.access_token(),
        ];
        for token in table {
            let form = [("token", token.as_str()), ("client_id", &here.client())];
            assert_eq!(here.read(&form), Ok(None), "{token}");
        }
    }

    /// RFC 7009 section 2.2.1, RFC 6749 section 5.2.
    #[test]
    fn a_request_that_is_not_in_order_is_refused() {
        let here = deployment(0);
        let (id, token) = (here.client(), here.refresh_token());
        let good = [("token", token.as_str()), ("client_id", id.as_str())];
        let with = |more: (&'static str, &'static str)| {
            let form: Vec<_> = good.into_iter().chain([more]).collect();
            here.read(&form)
        };
        assert_eq!(here.read(&good[1..]), Err(TokenError::Missing("token")));
        assert_eq!(here.read(&good[..1]), Err(TokenError::Missing("client_id")));
        let stranger = [good[0], ("client_id", "made-up")];
        assert_eq!(here.read(&stranger), Err(TokenError::UnknownClient));
        assert_eq!(with(("token", "again")), Err(TokenError::Repeated));
        for secret in ["client_secret", "client_assertion"] {
            assert_eq!(with((secret, "x")), Err(TokenError::PublicClient));
        }
    }
    /// RFC 7009 section 2.1; CIMD section 6.2.
    #[test]
    fn a_client_of_a_document_may_prove_itself() {
        let here = deployment(0);
        let token = here.refresh_token();
        let form = [
            ("token", token.as_str()),
            ("client_id", "https://app.example/client.json"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", "a.b.c"),
        ];
        let bare = here.read(&form[..2]).unwrap().unwrap();
        assert!(bare.assertion.is_none() && !bare.asked.authenticated);
        let proving = here.read(&form).unwrap().unwrap();
        assert!(proving.assertion.is_some() && !proving.asked.authenticated);
    }
}
