use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::jwt::JTI_BYTES_MAX;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const ORIGIN: &str = "https://mcp.example.com";
const ISSUER: &str = "https://acme.idp.example";

/// RFC 8410 section 7: what precedes an Ed25519 private key.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

fn key(seed: u8) -> EncodingKey {
    EncodingKey::from_ed_der(&[PKCS8.as_slice(), &[seed; 32]].concat())
}

fn keys() -> PublicKeys {
    let mut jwk = Jwk::from_encoding_key(&key(1), Algorithm::EdDSA).unwrap();
    jwk.common.key_id = Some("one".into());
    PublicKeys::read(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

fn public() -> PublicOrigin {
    PublicOrigin::parse(ORIGIN).unwrap()
}

/// A good assertion with these claims in place of its own; `null` takes one away.
fn signed(changes: &Value, seed: u8, change: impl FnOnce(&mut Header)) -> String {
    let second = NOW.as_second();
    let mut claims = json!({ "iss": ISSUER, "sub": "U019488227", "aud": ORIGIN,
        "resource": format!("{ORIGIN}/mcp"), "client_id": "app", "jti": "one",
        "iat": second, "exp": second + 300, "scope": "mcp" });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    let mut header = Header::new(Algorithm::EdDSA);
    (header.typ, header.kid) = (Some("oauth-id-jag+jwt".into()), Some("one".into()));
    change(&mut header);
    jsonwebtoken::encode(&header, &claims, &key(seed)).unwrap()
}

fn checked(assertion: &str) -> Result<Vouched, VouchRefusal> {
    shown(assertion, None)
}

fn shown(assertion: &str, key: Option<&KeyThumbprint>) -> Result<Vouched, VouchRefusal> {
    let public = public();
    let expected = Expected {
        issuer: ISSUER,
        client_id: "app",
        key,
        public: &public,
    };
    check(assertion, &keys(), &expected, NOW)
}

fn saying(changes: &Value) -> Result<Vouched, VouchRefusal> {
    checked(&signed(changes, 1, |_| ()))
}

/// Checklist AS-21.
#[test]
fn a_good_assertion_names_a_user_and_is_like_no_other() {
    let one = saying(&json!({})).unwrap();
    assert_eq!(
        (one.subject.as_str(), one.scope.as_deref()),
        ("U019488227", Some("mcp"))
    );
    assert_eq!(one.resource, "https://mcp.example.com/mcp");
    assert!(one.proof.until >= NOW + SignedDuration::from_secs(360));
    assert_ne!(
        one.proof.name,
        saying(&json!({ "jti": "two" })).unwrap().proof.name
    );
    for good in [
        json!({ "aud": [ORIGIN] }),
        json!({ "aud": format!("{ORIGIN}/") }),
        json!({ "resource": [ORIGIN] }),
        json!({ "scope": null }),
        json!({ "nbf": NOW.as_second() }),
    ] {
        assert!(saying(&good).is_ok(), "{good}");
    }
}

/// RFC 7800 section 3.
#[test]
fn an_assertion_that_is_bound_to_a_key_is_good_with_that_key_alone() {
    let thumbprint = |byte: u8| KeyThumbprint::parse(&encoding::encode([byte; 32])).unwrap();
    let (key, other) = (thumbprint(1), thumbprint(2));
    let bound = signed(&json!({ "cnf": { "jkt": key.as_str() } }), 1, |_| ());
    assert!(shown(&bound, Some(&key)).is_ok());
    assert_eq!(shown(&bound, Some(&other)), Err(VouchRefusal::Bound));
    assert_eq!(shown(&bound, None), Err(VouchRefusal::Bound));
    for unknown in [json!({ "x5t#S256": "x" }), json!("x"), json!({ "jkt": 1 })] {
        let assertion = signed(&json!({ "cnf": unknown }), 1, |_| ());
        for shows in [None, Some(&key)] {
            assert_eq!(shown(&assertion, shows), Err(VouchRefusal::Bound));
        }
    }
}

/// Checklist AS-21; RFC 7523 section 3, RFC 8725 section 3.11.
#[test]
fn an_assertion_that_is_not_for_this_client_here_and_now_is_refused() {
    use VouchRefusal::{Audience, Client, Issuer, Malformed, Name, Resource, Tenant, Time};
    let second = NOW.as_second();
    for (changes, want) in [
        (json!({ "iss": "https://evil.example" }), Issuer),
        (json!({ "iss": format!("{ISSUER}/") }), Issuer),
        (json!({ "aud": "https://evil.example" }), Audience),
        (json!({ "aud": format!("{ORIGIN}/token") }), Audience),
        (json!({ "aud": [ORIGIN, "https://evil.example"] }), Audience),
        (json!({ "aud": [] }), Audience),
        (json!({ "client_id": "other" }), Client),
        (json!({ "resource": "https://evil.example/mcp" }), Resource),
        (
            json!({ "resource": [ORIGIN, "https://evil.example"] }),
            Resource,
        ),
        (json!({ "exp": second - 60 }), Time),
        (json!({ "exp": second + 3_661 }), Time),
        (json!({ "iat": second + 61 }), Time),
        (json!({ "nbf": second + 61 }), Time),
        (json!({ "tenant": "one" }), Tenant),
        (json!({ "jti": "" }), Name),
        (json!({ "jti": "x".repeat(JTI_BYTES_MAX + 1) }), Name),
    ] {
        assert_eq!(saying(&changes), Err(want), "{changes}");
    }
    for name in [
        "iss",
        "sub",
        "aud",
        "client_id",
        "resource",
        "exp",
        "iat",
        "jti",
    ] {
        assert_eq!(saying(&json!({ name: null })), Err(Malformed), "{name}");
    }
}

type Change = fn(&mut Header);

/// Checklist AS-21; RFC 8725 section 3.11.
#[test]
fn another_kind_of_jwt_or_one_of_another_key_is_refused() {
    let table: [(Change, VouchRefusal); 6] = [
        (
            |header| header.typ = Some("JWT".into()),
            VouchRefusal::Malformed,
        ),
        (|header| header.typ = None, VouchRefusal::Malformed),
        (
            |header| header.typ = Some("at+jwt".into()),
            VouchRefusal::Malformed,
        ),
        (|header| header.kid = Some("two".into()), VouchRefusal::Key),
        (
            |header| header.crit = Some(vec!["b64".into()]),
            VouchRefusal::Malformed,
        ),
        (|_| (), VouchRefusal::Signature),
    ];
    for (change, want) in table {
        assert_eq!(checked(&signed(&json!({}), 2, change)), Err(want));
    }
    for text in ["", "a.b.c", &"x".repeat(ID_JAG_CHARS_MAX + 1)] {
        assert_eq!(checked(text), Err(VouchRefusal::Malformed));
    }
}

/// Checklist AS-21: "trusted per tenant".
#[test]
fn only_listed_issuers_are_trusted_and_none_that_all_the_world_shares() {
    let issuers = Issuers::parse(&format!(" {ISSUER} ,https://b.example/tenant/"), &public());
    let issuers = issuers.unwrap();
    let claimed = |iss: &str| {
        issuers
            .claimed(&signed(&json!({ "iss": iss }), 2, |_| ()))
            .is_some()
    };
    assert!(claimed(ISSUER) && claimed("https://b.example/tenant/"));
    assert!(!claimed("https://b.example/tenant") && !claimed("https://evil.example"));
    assert_eq!(issuers.claimed("garbage"), None);
    assert!(Issuers::parse("", &public()).unwrap().is_empty());
    for bad in [
        "http://acme.idp.example",
        "http://127.0.0.1:1",
        "acme",
        "https://a@acme.idp.example",
        "https://acme.idp.example?tenant=1",
        "https://accounts.google.com",
        "https://a.b,https://a.b,https://a.b,https://a.b,https://a.b,https://a.b,https://a.b,https://a.b,https://a.b",
    ] {
        assert!(Issuers::parse(bad, &public()).is_err(), "{bad}");
    }
}
