use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;

use super::*;
use crate::encoding;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const EXPECTED: Expected<'_> = Expected {
    issuer: "https://id.example",
    client_id: "sessile",
    nonce: "the nonce",
};

/// RFC 8410 section 7: what precedes an Ed25519 private key.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

fn key(seed: u8) -> EncodingKey {
    EncodingKey::from_ed_der(&[PKCS8.as_slice(), &[seed; 32]].concat())
}

fn jwk(seed: u8, id: &str) -> Value {
    let mut key = Jwk::from_encoding_key(&key(seed), Algorithm::EdDSA).unwrap();
    key.common.key_id = Some(id.to_owned());
    serde_json::to_value(key).unwrap()
}

fn keys() -> PublicKeys {
    let set = json!({ "keys": [{ "kty": "new kind" }, 7, jwk(1, "one"), jwk(2, "two")] });
    PublicKeys::read(set.to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    let second = NOW.as_second();
    json!({ "iss": "https://id.example", "sub": "carol", "aud": "sessile", "nonce": "the nonce",
        "iat": second, "exp": second + 300, "name": "Carol" })
}

fn signed(claims: &Value, change: impl FnOnce(&mut Header)) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("one".into());
    change(&mut header);
    jsonwebtoken::encode(&header, claims, &key(1)).unwrap()
}

fn checked(claims: &Value) -> Result<UserClaims, IdTokenRefusal> {
    check_id_token(&signed(claims, |_| ()), &keys(), &EXPECTED, NOW)
}

#[test]
fn an_honest_token_names_its_user() {
    let user = checked(&claims()).unwrap();
    assert_eq!(
        (user.subject.as_str(), user.name.as_deref()),
        ("carol", Some("Carol"))
    );
}

/// OpenID Connect Core section 3.1.3.7, steps 2 to 11.
#[test]
fn a_token_with_a_wrong_claim_is_refused() {
    use IdTokenRefusal as No;
    let second = NOW.as_second();
    let table = [
        ("iss", json!("https://id.example/"), No::Issuer),
        ("iss", json!("accounts.google.com"), No::Issuer),
        ("iss", json!(null), No::Malformed),
        ("aud", json!("somebody-else"), No::Audience),
        ("aud", json!(null), No::Malformed),
        ("aud", json!([]), No::Audience),
        ("aud", json!(["sessile", "other"]), No::Audience),
        ("azp", json!("other"), No::Audience),
        ("nonce", json!("replayed"), No::Nonce),
        ("nonce", json!(null), No::Nonce),
        ("exp", json!(second - 60), No::Time),
        ("exp", json!(null), No::Malformed),
        ("exp", json!("never"), No::Malformed),
        ("iat", json!(second + 61), No::Time),
        ("iat", json!(null), No::Malformed),
        ("nbf", json!(second + 61), No::Time),
        ("sub", json!(""), No::Subject),
        ("sub", json!(null), No::Malformed),
        ("sub", json!(7), No::Malformed),
    ];
    for (claim, value, want) in table {
        let mut claims = claims();
        claims[claim] = value.clone();
        assert_eq!(checked(&claims), Err(want), "{claim} = {value}");
    }
}

#[test]
fn a_clock_that_is_a_minute_off_is_forgiven() {
    let second = NOW.as_second();
    for (claim, value) in [
        ("exp", second - 59),
        ("iat", second + 60),
        ("nbf", second + 60),
    ] {
        let mut claims = claims();
        claims[claim] = json!(value);
        assert!(checked(&claims).is_ok(), "{claim}");
    }
}

/// Section 3.1.3.7, steps 4 and 5.
#[test]
fn one_of_several_audiences_must_be_named_as_the_authorized_party() {
    let mut claims = claims();
    claims["aud"] = json!(["other", "sessile"]);
    claims["azp"] = json!("sessile");
    assert!(checked(&claims).is_ok());
}

#[test]
fn google_may_name_itself_without_its_scheme() {
    let mut claims = claims();
    claims["iss"] = json!("accounts.google.com");
    let expected = Expected {
        issuer: "https://accounts.google.com",
        ..EXPECTED
    };
    let token = signed(&claims, |_| ());
    assert!(check_id_token(&token, &keys(), &expected, NOW).is_ok());
}

/// RFC 8725 sections 3.1 and 3.2.
#[test]
fn a_token_with_another_key_or_algorithm_is_refused() {
    let refused = |token: &str| check_id_token(token, &keys(), &EXPECTED, NOW).unwrap_err();
    let unknown = signed(&claims(), |header| header.kid = Some("three".into()));
    assert_eq!(refused(&unknown), IdTokenRefusal::Key);
    let another = signed(&claims(), |header| header.kid = Some("two".into()));
    assert_eq!(refused(&another), IdTokenRefusal::Signature);
    let ambiguous = signed(&claims(), |header| header.kid = None);
    assert_eq!(refused(&ambiguous), IdTokenRefusal::Key);
    let critical = signed(&claims(), |header| header.crit = Some(vec!["b64".into()]));
    assert_eq!(refused(&critical), IdTokenRefusal::Malformed);
    let x = encoding::decode(jwk(1, "one")["x"].as_str().unwrap()).unwrap();
    for secret in [x.as_slice(), b"client secret"] {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("one".into());
        let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(secret));
        assert_eq!(refused(&forged.unwrap()), IdTokenRefusal::Algorithm);
    }
    let none = encoding::encode(r#"{"alg":"none"}"#);
    let payload = encoding::encode(claims().to_string());
    assert_eq!(
        refused(&format!("{none}.{payload}.")),
        IdTokenRefusal::Malformed
    );
    for garbage in ["", "not.a.token", "..", &"a".repeat(20_000)] {
        assert_eq!(refused(garbage), IdTokenRefusal::Malformed);
    }
}

/// A key of the wrong size must not reach the verifier, which would panic.
#[test]
fn keys_that_cannot_be_used_are_left_out() {
    let short = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "one", "x": "AAAA" });
    let weak =
        json!({ "kty": "RSA", "kid": "one", "n": encoding::encode([255; 128]), "e": "AQAB" });
    let symmetric = json!({ "kty": "oct", "kid": "one", "k": "c2VjcmV0" });
    let mut sealing = jwk(1, "one");
    sealing["use"] = json!("enc");
    for key in [short, weak, symmetric, sealing] {
        let keys = PublicKeys::read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
        let got = check_id_token(&signed(&claims(), |_| ()), &keys, &EXPECTED, NOW);
        assert_eq!(got, Err(IdTokenRefusal::Key), "{key}");
    }
    assert!(PublicKeys::read(b"[]").is_err() && PublicKeys::read(b"{}").is_err());
}

/// OpenID Connect Core section 5.3.2.
#[test]
fn more_is_believed_of_the_same_user_only() {
    let said = json!({ "sub": "carol", "name": " ", "preferred_username": "caro" }).to_string();
    assert_eq!(
        read_user_info(said.as_bytes(), "carol"),
        Ok(Some("caro".to_owned()))
    );
    assert!(read_user_info(said.as_bytes(), "mallory").is_err());
    assert!(read_user_info(b"[]", "carol").is_err());
}
