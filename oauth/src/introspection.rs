//! The introspection endpoint (RFC 7662): reading what a resource server asks, and
//! wording what it hears.
//!
//! Who asks was told before, and whether the token's grant stands is asked after.

use jiff::Timestamp;
use serde::Serialize;

use crate::access::{Claims, Expected, KeySet};
use crate::dpop::{Confirmation, DPOP};
use crate::exchange::Actor;
use crate::form::Parameters;
use crate::identity::AccountId;
use crate::scope::Scopes;
use crate::token::TokenError;

/// Reads what is asked: what an access token says that is good now and for a
/// resource of ours; none for any other text, also for a refresh token, which is
/// nobody's business but its client's.
///
/// `token_type_hint` may be ignored (section 2.1).
pub fn read(
    sent: &Parameters,
    keys: &KeySet,
    expected: &Expected,
    now: Timestamp,
) -> Result<Option<Claims>, TokenError> {
    if sent.repeated().is_some() {
        return Err(TokenError::Repeated);
    }
    let token = sent.get("token").ok_or(TokenError::Missing("token"))?;
    Ok(keys.verify(token, expected, now).ok())
}

/// What a resource server hears of a token (section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten)]
    says: Option<Says>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Says {
    scope: Scopes,
    client_id: String,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Box<Actor>>,
    exp: i64,
    iat: i64,
    sub: AccountId,
    aud: String,
    iss: String,
}

impl Introspection {
    /// A token that is good for nothing, whatever the reason.
    pub fn inactive() -> Self {
        Self {
            active: false,
            says: None,
        }
    }

    /// A token that says this, and whose grant stands.
    pub fn active(claims: Claims) -> Self {
        Self {
            active: true,
            says: Some(Says {
                scope: claims.scope,
                client_id: claims.client_id,
                token_type: claims.cnf.as_ref().map_or("Bearer", |_| DPOP),
                cnf: claims.cnf,
                act: claims.act,
                exp: claims.exp,
                iat: claims.iat,
                sub: claims.sub,
                aud: claims.aud,
                iss: claims.iss,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;
    use crate::encoding;
    use crate::secret::RootSecret;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn keys(seed: u8) -> KeySet {
        let root = encoding::encode((seed..seed + 32).collect::<Vec<u8>>());
        KeySet::derived(&RootSecret::parse(&root).unwrap()).unwrap()
    }

    fn token(keys: &KeySet, aud: &str) -> String {
        let claims = json!({
            "iss": "i", "sub": "account", "aud": aud, "client_id": "client", "scope": "mcp",
            "client_name": "App", "jti": "1", "sid": "grant",
            "iat": NOW.as_second(), "exp": NOW.as_second() + 900,
            "idp": { "provider": "dev", "issuer": "i", "subject": "s" },
        });
        keys.sign(&serde_json::from_value(claims).unwrap()).unwrap()
    }

    fn asked(form: &[(&str, &str)], now: Timestamp) -> Result<Option<Claims>, TokenError> {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(form);
        let expected = Expected {
            issuer: "i".into(),
            resources: vec!["r".into()],
        };
        let sent = Parameters::parse(&text.finish()).unwrap();
        read(&sent, &keys(0), &expected, now)
    }

    fn worded(answer: &Introspection) -> Value {
        serde_json::to_value(answer).unwrap()
    }

    /// RFC 7662 section 2.2. Nothing of the person and no name of ours is told.
    #[test]
    fn a_live_token_is_told_in_the_words_of_the_rfc_and_no_more() {
        for hint in ["access_token", "refresh_token", "magic"] {
            let text = token(&keys(0), "r");
            let form = [("token", text.as_str()), ("token_type_hint", hint)];
            let claims = asked(&form, NOW).unwrap().unwrap();
            let want = json!({
                "active": true, "scope": "mcp", "client_id": "client", "token_type": "Bearer",
                "exp": NOW.as_second() + 900, "iat": NOW.as_second(),
                "sub": "account", "aud": "r", "iss": "i",
            });
            assert_eq!(worded(&Introspection::active(claims)), want);
        }
    }

    /// RFC 9449 section 6.2.
    #[test]
    fn a_bound_token_is_told_with_its_key() {
        let jkt = encoding::encode([7; 32]);
        let claims = json!({
            "iss": "i", "sub": "account", "aud": "r", "client_id": "client", "scope": "mcp",
            "jti": "1", "sid": "grant", "iat": 1, "exp": 2, "cnf": { "jkt": jkt },
            "idp": { "provider": "dev", "issuer": "i", "subject": "s" },
        });
        let told = worded(&Introspection::active(
            serde_json::from_value(claims).unwrap(),
        ));
        assert_eq!(told["token_type"], "DPoP");
        assert_eq!(told["cnf"], json!({ "jkt": jkt }));
    }

    /// RFC 7662 section 2.2: of what is not active, nothing is told.
    #[test]
    fn whatever_else_is_not_active() {
        let good = token(&keys(0), "r");
        let after = NOW + SignedDuration::from_secs(900);
        let table = [
            (good.clone(), after),
            (token(&keys(1), "r"), NOW),
            (token(&keys(0), "elsewhere"), NOW),
            (format!("{good}x"), NOW),
            ("x".into(), NOW),
            ("x".repeat(20_000), NOW),
        ];
        for (text, now) in table {
            assert_eq!(asked(&[("token", &text)], now), Ok(None), "{text}");
        }
        let answer = worded(&Introspection::inactive());
        assert_eq!(answer, json!({ "active": false }));
    }

    #[test]
    fn a_request_that_is_not_in_order_is_refused() {
        assert_eq!(asked(&[], NOW), Err(TokenError::Missing("token")));
        let twice = [("token", "a"), ("token", "b")];
        assert_eq!(asked(&twice, NOW), Err(TokenError::Repeated));
    }
}
