use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::*;
use crate::jwt::JTI_BYTES_MAX;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const ORIGIN: &str = "https://mcp.example.com";

/// RFC 8410 section 7: what precedes an Ed25519 private key.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

fn key(seed: u8) -> EncodingKey {
    EncodingKey::from_ed_der(&[PKCS8.as_slice(), &[seed; 32]].concat())
}

fn jwk(seed: u8) -> Value {
    let key = Jwk::from_encoding_key(&key(seed), Algorithm::EdDSA).unwrap();
    serde_json::to_value(key).unwrap()
}

/// Members of one object in place of another's; `null` takes one away.
fn with(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            object[name] = value.clone();
        }
    }
    object
}

/// A proof for `POST /mcp`, signed by the first key, with these changes.
fn proof(header: &Value, claims: &Value) -> String {
    let plain = json!({ "typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk(1) });
    let header = with(plain, header).to_string();
    let plain = json!({ "htm": "POST", "htu": format!("{ORIGIN}/mcp"), "jti": "one",
        "iat": NOW.as_second() });
    let claims = with(plain, claims).to_string();
    let signed = format!("{}.{}", encoding::encode(header), encoding::encode(claims));
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key(1), Algorithm::EdDSA);
    format!("{signed}.{}", signature.unwrap())
}

fn checked_at(
    proof: &str,
    token: Option<&str>,
    now: Timestamp,
) -> Result<Demonstrated, ProofRefusal> {
    let target = Target {
        method: "POST",
        origin: ORIGIN,
        path: "/mcp",
        token,
    };
    check(proof, &target, now)
}

fn checked(proof: &str) -> Result<Demonstrated, ProofRefusal> {
    checked_at(proof, None, NOW)
}

fn saying(claims: &Value) -> Result<Demonstrated, ProofRefusal> {
    checked(&proof(&json!({}), claims))
}

fn headed(header: &Value) -> Result<Demonstrated, ProofRefusal> {
    checked(&proof(header, &json!({})))
}

/// RFC 9449 section 4.2, and RFC 7638 for the name of the key.
#[test]
fn a_good_proof_names_its_key_and_no_two_have_a_name_in_common() {
    let one = saying(&json!({})).unwrap();
    let key: Jwk = serde_json::from_value(jwk(1)).unwrap();
    assert_eq!(one.key, KeyThumbprint::of(&key).unwrap());
    assert_eq!(
        one.name,
        saying(&json!({ "iat": NOW.as_second() - 1 })).unwrap().name
    );
    assert_ne!(one.name, saying(&json!({ "jti": "two" })).unwrap().name);
}

/// RFC 9449 section 4.3, numbers 3 to 7; RFC 7515 section 4.1.11.
#[test]
fn a_proof_of_another_kind_or_without_a_public_key_is_refused() {
    use ProofRefusal::{Algorithm, Key, Malformed, Signature};
    let with = |name: &str, value: Value| {
        let mut key = jwk(1);
        key[name] = value;
        json!({ "jwk": key })
    };
    let table = [
        (json!({ "typ": "JWT" }), Malformed),
        (json!({ "typ": null }), Malformed),
        (json!({ "typ": "at+jwt" }), Malformed),
        (json!({ "crit": ["b64"] }), Malformed),
        (json!({ "alg": "none" }), Malformed),
        (json!({ "alg": "HS256" }), Algorithm),
        (json!({ "alg": "ES384" }), Algorithm),
        (json!({ "alg": "ES256" }), Key),
        (json!({ "jwk": null }), Malformed),
        (json!({ "jwk": {} }), Key),
        (json!({ "jwk": jwk(2) }), Signature),
        (json!({ "jwk": { "kty": "oct", "k": "c2VjcmV0" } }), Key),
        (with("d", json!("x")), Key),
        (with("k", json!("x")), Key),
        (with("use", json!("enc")), Key),
        (with("alg", json!("ES256")), Key),
        (with("x", json!("AAAA")), Key),
    ];
    for (header, want) in table {
        let got = headed(&header);
        let refused = got.is_err_and(|refusal| refusal == want);
        assert!(refused, "{header}: {want}");
    }
}

/// RFC 9449 section 4.3, numbers 8 and 9.
#[test]
fn a_proof_is_for_one_method_and_one_address_whatever_its_query() {
    for htu in [
        "https://mcp.example.com/mcp",
        "https://mcp.example.com/mcp?a=b#c",
        "HTTPS://MCP.example.com:443/mcp",
        "https://mcp.example.com/./mcp",
    ] {
        assert!(saying(&json!({ "htu": htu })).is_ok(), "{htu}");
    }
    for claims in [
        json!({ "htm": "GET" }),
        json!({ "htm": "post" }),
        json!({ "htu": "https://mcp.example.com/mcp/" }),
        json!({ "htu": "https://mcp.example.com/token" }),
        json!({ "htu": "http://mcp.example.com/mcp" }),
        json!({ "htu": "https://mcp.example.com:444/mcp" }),
        json!({ "htu": "https://a@mcp.example.com/mcp" }),
        json!({ "htu": "https://evil.example/mcp" }),
        json!({ "htu": "/mcp" }),
        json!({ "htu": "" }),
    ] {
        assert_eq!(saying(&claims), Err(ProofRefusal::Target), "{claims}");
    }
}

/// RFC 9449 sections 4.3, number 11, and 11.1.
#[test]
fn a_proof_is_good_for_a_short_while() {
    let now = NOW.as_second();
    let bound = (PROOF_AGE_MAX + CLOCK_SKEW).as_secs();
    for (iat, good) in [
        (json!(now), true),
        (json!(now + 60), true),
        (json!(now - bound), true),
        (json!(1_799_999_999.5), true),
        (json!(now + 61), false),
        (json!(now - bound - 1), false),
        (json!(0), false),
        (json!(1e300), false),
        (json!(-1e300), false),
    ] {
        let got = saying(&json!({ "iat": iat }));
        assert_eq!(got.err(), (!good).then_some(ProofRefusal::Time), "{iat}");
    }
    let said = proof(&json!({}), &json!({ "iat": now + 60 }));
    let until = checked(&said).unwrap().until;
    assert_eq!(
        checked_at(&said, None, until),
        Err(ProofRefusal::Time),
        "forgotten while good"
    );
}

/// RFC 9449 section 4.3, number 12.
#[test]
fn beside_a_token_a_proof_is_for_that_one() {
    let ath = encoding::encode(Sha256::digest("token"));
    let said = proof(&json!({}), &json!({ "ath": ath }));
    assert!(checked_at(&said, Some("token"), NOW).is_ok());
    assert_eq!(
        checked_at(&said, Some("other"), NOW),
        Err(ProofRefusal::Token)
    );
    let without = proof(&json!({}), &json!({}));
    assert_eq!(
        checked_at(&without, Some("token"), NOW),
        Err(ProofRefusal::Token)
    );
}

#[test]
fn a_proof_without_a_claim_or_that_is_none_is_refused() {
    for name in ["htm", "htu", "iat"] {
        assert_eq!(
            saying(&json!({ name: null })),
            Err(ProofRefusal::Malformed),
            "{name}"
        );
        assert_eq!(
            saying(&json!({ name: [] })),
            Err(ProofRefusal::Malformed),
            "{name}"
        );
    }
    for jti in [json!(null), json!(""), json!("x".repeat(JTI_BYTES_MAX + 1))] {
        assert_eq!(saying(&json!({ "jti": jti })), Err(ProofRefusal::Name));
    }
    let long = proof(&json!({}), &json!({ "more": "x".repeat(PROOF_CHARS_MAX) }));
    for text in ["", ".", "..", "a.b.c", &long] {
        assert_eq!(checked(text), Err(ProofRefusal::Malformed), "{text:?}");
    }
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("dpop+jwt".into());
    let keyless = jsonwebtoken::encode(&header, &json!({}), &key(1)).unwrap();
    assert_eq!(checked(&keyless), Err(ProofRefusal::Malformed));
}

/// RFC 9449 section 4.3, number 1.
#[test]
fn there_is_one_proof_or_none() {
    assert_eq!(one([]), Ok(None));
    assert_eq!(one(["a"]), Ok(Some("a")));
    assert_eq!(one(["a", "a"]), Err(ProofRefusal::Count));
}
