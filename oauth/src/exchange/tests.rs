use serde_json::json;

use super::*;
use crate::client::{ASSERTION_TYPE, DocumentRules};
use crate::redirect::RedirectRules;
use crate::role::Assigned;
use crate::secret::{RootSecret, SecretHash};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const LIFE: SignedDuration = SignedDuration::from_secs(900);
const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn root() -> RootSecret {
    RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap()
}

fn public() -> PublicOrigin {
    PublicOrigin::parse("https://mcp.example.com").unwrap()
}

fn expected() -> Expected {
    Expected {
        issuer: public().as_str().to_owned(),
        resources: public().resources(),
    }
}

fn clients() -> Clients {
    let documents = DocumentRules::new(public());
    let hash = SecretHash::of(SECRET);
    let list = json!([
        { "id": "agent", "grant_types": [TOKEN_EXCHANGE], "secret_hash": hash.as_str(),
          "scope": "notes:read notes:write" },
        { "id": "next", "grant_types": [TOKEN_EXCHANGE], "secret_hash": hash.as_str() },
        { "id": "ci", "grant_types": ["client_credentials"], "secret_hash": hash.as_str() },
    ]);
    Clients::new(&root(), RedirectRules::default(), documents)
        .with_configured(&list.to_string())
        .unwrap()
}

fn key(byte: u8) -> KeyThumbprint {
    KeyThumbprint::parse(&encoding::encode([byte; 32])).unwrap()
}

/// A user's token that ends in five minutes.
fn subject() -> Claims {
    let claims = json!({
        "iss": "https://mcp.example.com", "sub": "account", "aud": public().resource(),
        "client_id": "app", "client_name": "App", "scope": "mcp admin:users notes:read",
        "jti": "1", "sid": "grant", "iat": NOW.as_second(), "exp": NOW.as_second() + 300,
        "idp": { "provider": "dev", "issuer": "i", "subject": "s" },
    });
    serde_json::from_value(claims).unwrap()
}

fn signed(claims: &Claims) -> String {
    KeySet::derived(&root()).unwrap().sign(claims).unwrap()
}

fn request(client: &str, token: &str, more: &[(&str, &str)]) -> Result<Exchange, TokenError> {
    let mut form = vec![
        ("grant_type", TOKEN_EXCHANGE),
        ("client_id", client),
        ("client_secret", SECRET),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    // An empty one stands for none.
    form.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(form);
    read(
        &Parameters::parse(&text.finish()).unwrap(),
        &clients(),
        &public(),
        None,
    )
}

fn swapped(
    client: &str,
    token: &str,
    more: &[(&str, &str)],
    shown: Option<KeyThumbprint>,
    bound: Bound,
) -> Result<Claims, TokenError> {
    let request = request(client, token, more)?;
    let keys = KeySet::derived(&root()).unwrap();
    let subject = request.subject((&keys, &expected()), shown.as_ref(), NOW)?;
    request.claims(subject, bound, shown, (NOW, LIFE), [1; 16])
}

fn plain(client: &str, token: &str, more: &[(&str, &str)]) -> Result<Claims, TokenError> {
    swapped(client, token, more, None, Bound::everything())
}

/// RFC 8693 sections 1.1 and 4.1.
#[test]
fn a_swapped_token_is_the_users_and_names_who_acts() {
    let token = signed(&subject());
    let claims = plain("agent", &token, &[]).unwrap();
    let old = subject();
    assert_eq!(
        (&claims.sub, &claims.sid, &claims.idp),
        (&old.sub, &old.sid, &old.idp)
    );
    assert_eq!(
        (claims.client_id.as_str(), &claims.aud),
        ("agent", &old.aud)
    );
    assert_ne!(claims.jti, old.jti);
    let act = serde_json::to_value(&claims).unwrap()["act"].clone();
    assert_eq!(act, json!({ "sub": "agent" }));
    let again = plain("next", &signed(&claims), &[]).unwrap();
    let act = serde_json::to_value(&again).unwrap()["act"].clone();
    assert_eq!(act, json!({ "sub": "next", "act": { "sub": "agent" } }));
}

#[test]
fn it_never_allows_more_nor_lives_longer() {
    let token = signed(&subject());
    let scope = |client, more: &[(&str, &str)], bound| {
        swapped(client, &token, more, None, bound).map(|claims| claims.scope.to_string())
    };
    // Of what the user allowed, what the operator allows the client.
    let all = scope("agent", &[], Bound::everything());
    assert_eq!(all.unwrap(), "mcp notes:read");
    assert_eq!(scope("next", &[], Bound::everything()).unwrap(), "mcp");
    let narrow = scope("agent", &[("scope", "mcp")], Bound::everything());
    assert_eq!(narrow.unwrap(), "mcp");
    for wider in ["admin:users", "notes:write", "no:such"] {
        let refused = scope("agent", &[("scope", wider)], Bound::everything());
        assert_eq!(
            refused.map_err(|error| error.code()),
            Err("invalid_scope"),
            "{wider}"
        );
    }
    // What the user's roles allow by now.
    let nothing = Bound::of(&[Assigned {
        role: "guest".to_owned(),
        permissions: Some(String::new()),
    }]);
    assert_eq!(scope("agent", &[], nothing).unwrap(), "mcp");
    let claims = plain("agent", &token, &[]).unwrap();
    assert_eq!(claims.exp, subject().exp);
    let long = signed(&Claims {
        exp: NOW.as_second() + 90_000,
        ..subject()
    });
    assert_eq!(
        plain("agent", &long, &[]).unwrap().exp,
        NOW.as_second() + 900
    );
}

/// RFC 9449 section 1: what is worth nothing without a key stays so.
#[test]
fn a_bound_token_is_swapped_by_who_holds_its_key_alone() {
    let token = signed(&Claims {
        cnf: Some(Confirmation { jkt: key(1) }),
        ..subject()
    });
    for shown in [None, Some(key(2))] {
        let got = swapped("agent", &token, &[], shown, Bound::everything());
        assert_eq!(got, Err(ExchangeRefusal::Bound.into()));
    }
    let got = swapped("agent", &token, &[], Some(key(1)), Bound::everything());
    assert_eq!(got.unwrap().cnf, Some(Confirmation { jkt: key(1) }));
    let bearer = signed(&subject());
    let got = swapped("agent", &bearer, &[], Some(key(2)), Bound::everything());
    assert_eq!(got.unwrap().cnf, Some(Confirmation { jkt: key(2) }));
}

#[test]
fn a_token_is_not_passed_on_for_ever() {
    let mut claims = subject();
    for _ in 0..ACTORS_MAX {
        claims = plain("agent", &signed(&claims), &[]).unwrap();
    }
    let got = plain("agent", &signed(&claims), &[]);
    assert_eq!(got, Err(ExchangeRefusal::Actors.into()));
}

/// Client, token, what else is in the form, and the error.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a str);

/// RFC 8693 section 2.2.2.
#[test]
fn whatever_else_is_refused() {
    let token = signed(&subject());
    let over = signed(&Claims {
        exp: NOW.as_second(),
        ..subject()
    });
    let elsewhere = signed(&Claims {
        aud: "https://evil.example/mcp".into(),
        ..subject()
    });
    let proof = [
        ("client_secret", ""),
        ("client_assertion", "a.b.c"),
        ("client_assertion_type", ASSERTION_TYPE),
    ];
    let table: [Row<'_>; 16] = [
        ("agent", &over, &[], "invalid_request"),
        ("agent", &elsewhere, &[], "invalid_request"),
        ("agent", "x", &[], "invalid_request"),
        ("agent", &token, &[("subject_token", "")], "invalid_request"),
        (
            "agent",
            &token,
            &[("subject_token_type", "")],
            "invalid_request",
        ),
        (
            "agent",
            &token,
            &[(
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:refresh_token",
            )],
            "invalid_request",
        ),
        (
            "agent",
            &token,
            &[(
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:refresh_token",
            )],
            "invalid_request",
        ),
        (
            "agent",
            &token,
            &[("actor_token", &token)],
            "invalid_request",
        ),
        (
            "agent",
            &token,
            &[("audience", "https://evil.example/mcp")],
            "invalid_target",
        ),
        (
            "agent",
            &token,
            &[("resource", "https://evil.example/mcp")],
            "invalid_target",
        ),
        ("agent", &token, &[("client_secret", "")], "invalid_client"),
        (
            "agent",
            &token,
            &[("client_secret", "wrong")],
            "invalid_client",
        ),
        ("agent", &token, &proof, "invalid_client"),
        ("ci", &token, &[], "unauthorized_client"),
        ("nobody", &token, &[("client_secret", "")], "invalid_client"),
        (
            "https://a.example/client.json",
            &token,
            &[("client_secret", "")],
            "unauthorized_client",
        ),
    ];
    for (client, token, more, code) in table {
        let refused = plain(client, token, more).map_err(|error| error.code());
        assert_eq!(refused.map(|_| ()), Err(code), "{client} {more:?}");
    }
    let named = [
        ("resource", public().resource()),
        ("audience", public().resource()),
    ];
    let named = named
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    assert!(plain("agent", &token, &named).is_ok());
    let shown = format!("{:?}", request("agent", &token, &[]).unwrap());
    assert!(
        !shown.contains(&token) && !shown.contains(SECRET),
        "{shown}"
    );
}
