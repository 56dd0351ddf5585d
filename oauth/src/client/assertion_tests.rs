use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::jwt::{CLOCK_SKEW, JTI_BYTES_MAX};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const CLIENT: &str = "https://app.example/client.json";
const ISSUER: &str = "https://mcp.example.com";

/// RFC 8410 section 7: what precedes an Ed25519 private key.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

fn key(seed: u8) -> EncodingKey {
    EncodingKey::from_ed_der(&[PKCS8.as_slice(), &[seed; 32]].concat())
}

fn jwk(seed: u8, id: Option<&str>) -> Value {
    let mut key = Jwk::from_encoding_key(&key(seed), Algorithm::EdDSA).unwrap();
    key.common.key_id = id.map(str::to_owned);
    serde_json::to_value(key).unwrap()
}

fn keys(keys: &[Value]) -> PublicKeys {
    PublicKeys::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

/// Good claims with these instead of their own; `null` takes one away.
fn claims(changes: &Value) -> Value {
    let second = NOW.as_second();
    let mut claims = json!({ "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "one",
        "iat": second, "exp": second + 60 });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn signed(claims: &Value, change: impl FnOnce(&mut Header)) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("one".into());
    change(&mut header);
    jsonwebtoken::encode(&header, claims, &key(1)).unwrap()
}

fn checked_by(assertion: &str, keys: &PublicKeys) -> Result<Proof, AssertionRefusal> {
    let public = PublicOrigin::parse(ISSUER).unwrap();
    let expected = Expected {
        client_id: CLIENT,
        public: &public,
    };
    check(assertion, keys, &expected, NOW)
}

fn checked(assertion: &str) -> Result<Proof, AssertionRefusal> {
    let set = keys(&[jwk(1, Some("one")), jwk(2, Some("two"))]);
    checked_by(assertion, &set)
}

fn changed(changes: &Value) -> Result<Proof, AssertionRefusal> {
    checked(&signed(&claims(changes), |_| ()))
}

/// RFC 7523 section 3.
#[test]
fn an_assertion_proves_its_client_and_has_a_name_of_its_own() {
    let one = changed(&json!({})).unwrap();
    assert!(one.until > NOW + SignedDuration::from_secs(60) + CLOCK_SKEW);
    assert_eq!(
        changed(&json!({ "exp": NOW.as_second() + 90 }))
            .unwrap()
            .name,
        one.name
    );
    assert_ne!(changed(&json!({ "jti": "two" })).unwrap().name, one.name);
    for same in [
        json!({ "aud": [ISSUER] }),
        json!({ "aud": format!("{ISSUER}/") }),
        json!({ "aud": format!("{ISSUER}/token") }),
        json!({ "iat": null }),
        json!({ "nbf": NOW.as_second() }),
        json!({ "more": { "of": "it" } }),
    ] {
        assert!(changed(&same).is_ok(), "{same}");
    }
    for typ in [None, Some("JWT"), Some("client-authentication+jwt")] {
        let assertion = signed(&claims(&json!({})), |header| {
            header.typ = typ.map(str::to_owned);
        });
        assert!(checked(&assertion).is_ok(), "{typ:?}");
    }
    let assertion = signed(&claims(&json!({})), |_| ());
    assert_eq!(claimed_client(&assertion).as_deref(), Some(CLIENT));
    assert_eq!(claimed_client("not.a.token"), None);
}

/// RFC 7523 section 3; RFC 7519 section 4.1.
#[test]
fn an_assertion_for_another_time_place_or_client_is_refused() {
    use AssertionRefusal::{Audience, Client, Malformed, Name, Time};
    let second = NOW.as_second();
    let most = ASSERTION_LIFE_MAX.as_secs() + CLOCK_SKEW.as_secs();
    let table = [
        (json!({ "iss": "https://evil.example/c" }), Client),
        (json!({ "sub": "https://evil.example/c" }), Client),
        (json!({ "sub": null }), Malformed),
        (json!({ "aud": null }), Malformed),
        (json!({ "aud": "https://evil.example" }), Audience),
        (json!({ "aud": format!("{ISSUER}/mcp") }), Audience),
        (json!({ "aud": format!("{ISSUER}.evil.example") }), Audience),
        (json!({ "aud": format!("{ISSUER}//") }), Audience),
        (json!({ "aud": [] }), Audience),
        (json!({ "aud": [ISSUER, "https://evil.example"] }), Audience),
        (json!({ "exp": null }), Malformed),
        (json!({ "exp": "soon" }), Malformed),
        (json!({ "exp": second - 60 }), Time),
        (json!({ "exp": second + most + 1 }), Time),
        (json!({ "exp": 1e300 }), Time),
        (json!({ "iat": second + 61 }), Time),
        (json!({ "nbf": second + 61 }), Time),
        (json!({ "jti": null }), Name),
        (json!({ "jti": "" }), Name),
        (json!({ "jti": "x".repeat(JTI_BYTES_MAX + 1) }), Name),
        (json!({ "jti": 7 }), Malformed),
    ];
    for (changes, want) in table {
        assert_eq!(changed(&changes), Err(want), "{changes}");
    }
}

/// RFC 8725 sections 3.1, 3.10 and 3.11; RFC 7515 section 4.1.11.
#[test]
fn an_assertion_is_signed_with_a_key_of_the_client_and_is_no_other_jwt() {
    use AssertionRefusal::{Algorithm as Alg, Key, Malformed, Signature};
    let good = claims(&json!({}));
    let header = |change: fn(&mut Header)| checked(&signed(&good, change));
    assert_eq!(
        header(|header| header.kid = Some("two".into())),
        Err(Signature)
    );
    assert_eq!(header(|header| header.kid = Some("three".into())), Err(Key));
    assert_eq!(
        header(|header| header.kid = None),
        Err(Key),
        "there are two"
    );
    let only = keys(&[jwk(1, None)]);
    assert!(checked_by(&signed(&good, |header| header.kid = None), &only).is_ok());
    for typ in ["at+jwt", "dpop+jwt", "oauth-id-jag+jwt", ""] {
        let assertion = signed(&good, |header| header.typ = Some(typ.to_owned()));
        assert_eq!(checked(&assertion), Err(Malformed), "{typ}");
    }
    let by_secret = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &good,
        &EncodingKey::from_secret(b"secret"),
    );
    assert_eq!(checked(&by_secret.unwrap()), Err(Alg));
    let parts: Vec<String> = signed(&good, |_| ())
        .split('.')
        .map(str::to_owned)
        .collect();
    let [_, payload, signature] = parts.as_slice() else {
        panic!("{parts:?}")
    };
    let none = encoding::encode(r#"{"alg":"none","typ":"JWT"}"#);
    assert_eq!(checked(&format!("{none}.{payload}.")), Err(Malformed));
    let critical = encoding::encode(r#"{"alg":"EdDSA","kid":"one","crit":["x"],"x":1}"#);
    assert_eq!(
        checked(&format!("{critical}.{payload}.{signature}")),
        Err(Malformed)
    );
    for garbage in [
        "",
        "not.a.token",
        "..",
        &"a".repeat(ASSERTION_CHARS_MAX + 1),
    ] {
        assert_eq!(checked(garbage), Err(Malformed));
    }
}
