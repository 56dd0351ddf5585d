use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::*;
use crate::encoding;
use crate::secret::{BRIEF_LIFE_MAX, RootSecret, Rotation};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn keys(seed: u8) -> KeySet {
    let root = encoding::encode((seed..seed + 32).collect::<Vec<u8>>());
    KeySet::derived(&RootSecret::parse(&root).unwrap()).unwrap()
}

fn expected() -> Expected {
    Expected {
        issuer: "https://mcp.example.com".into(),
        resources: vec!["https://mcp.example.com/mcp".into()],
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://mcp.example.com", "sub": "account", "aud": "https://mcp.example.com/mcp",
        "client_id": "client", "scope": "mcp", "jti": "1", "sid": "grant",
        "iat": NOW.as_second(), "exp": NOW.as_second() + 900,
        "idp": { "provider": "dev", "issuer": "i", "subject": "s" },
    })
}

fn signed(claims: &Value) -> String {
    keys(0)
        .sign(&serde_json::from_value(claims.clone()).unwrap())
        .unwrap()
}

fn verified(token: &str) -> Result<Claims, TokenRefusal> {
    keys(0).verify(token, &expected(), NOW)
}

#[test]
fn a_token_of_ours_says_what_was_signed() {
    assert_eq!(
        serde_json::to_value(verified(&signed(&claims())).unwrap()).unwrap(),
        claims()
    );
}

/// RFC 9068 section 4.
/// Checklist RS-05.
#[test]
fn a_token_with_a_wrong_claim_is_refused() {
    let second = NOW.as_second();
    let table = [
        ("iss", json!("https://evil.example"), TokenRefusal::Issuer),
        (
            "iss",
            json!("https://mcp.example.com/"),
            TokenRefusal::Issuer,
        ),
        (
            "aud",
            json!("https://mcp.example.com"),
            TokenRefusal::Audience,
        ),
        (
            "aud",
            json!("https://other.example/mcp"),
            TokenRefusal::Audience,
        ),
        ("exp", json!(second), TokenRefusal::Expired),
        ("exp", json!(second - 1), TokenRefusal::Expired),
        ("iat", json!(second + 61), TokenRefusal::Early),
    ];
    for (claim, value, want) in table {
        let mut claims = claims();
        claims[claim] = value.clone();
        assert_eq!(verified(&signed(&claims)), Err(want), "{claim} = {value}");
    }
}

type Change = fn(&mut Header);

/// RFC 8725 sections 3.1 and 3.11.
/// Checklist RS-05.
#[test]
fn a_token_with_another_header_is_refused() {
    let with = |change: Change| {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some("at+jwt".into());
        header.kid = keys(0).public().keys[0].common.key_id.clone();
        change(&mut header);
        let token = signed(&claims());
        let claims = token.split('.').nth(1).unwrap();
        let header = encoding::encode(serde_json::to_vec(&header).unwrap());
        format!("{header}.{claims}.{}", encoding::encode([0; 64]))
    };
    let table: [(Change, TokenRefusal); 6] = [
        (|header| header.typ = Some("JWT".into()), TokenRefusal::Type),
        (|header| header.typ = None, TokenRefusal::Type),
        (
            |header| header.alg = Algorithm::HS256,
            TokenRefusal::Algorithm,
        ),
        (|header| header.kid = None, TokenRefusal::Key),
        (
            |header| header.kid = Some("../../dev/null".into()),
            TokenRefusal::Key,
        ),
        (
            |header| header.crit = Some(vec!["b64".into()]),
            TokenRefusal::Malformed,
        ),
    ];
    for (change, want) in table {
        assert_eq!(verified(&with(change)), Err(want));
    }
    assert_eq!(verified(&with(|_| ())), Err(TokenRefusal::Signature));
}

/// Checklist RS-05.
#[test]
fn a_token_without_signature_or_with_alg_none_is_refused() {
    let token = signed(&claims());
    let (unsigned, _) = token.rsplit_once('.').unwrap();
    assert_eq!(
        verified(&format!("{unsigned}.")),
        Err(TokenRefusal::Signature)
    );
    let none = encoding::encode(r#"{"alg":"none","typ":"at+jwt"}"#);
    let (_, payload) = unsigned.split_once('.').unwrap();
    assert_eq!(
        verified(&format!("{none}.{payload}.")),
        Err(TokenRefusal::Malformed)
    );
}

/// The public key as an HMAC secret: the classic algorithm confusion.
/// Checklist RS-05.
#[test]
fn a_token_signed_with_our_public_key_as_secret_is_refused() {
    let public = serde_json::to_value(keys(0).public()).unwrap();
    let x = encoding::decode(public["keys"][0]["x"].as_str().unwrap()).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some("at+jwt".into());
    header.kid = keys(0).public().keys[0].common.key_id.clone();
    let forged = jsonwebtoken::encode(&header, &claims(), &EncodingKey::from_secret(&x)).unwrap();
    assert_eq!(verified(&forged), Err(TokenRefusal::Algorithm));
}

/// Checklist RS-05.
#[test]
fn a_token_of_another_root_secret_is_refused() {
    let token = keys(1)
        .sign(&serde_json::from_value(claims()).unwrap())
        .unwrap();
    assert_eq!(verified(&token), Err(TokenRefusal::Key));
}

#[test]
fn garbage_is_no_token() {
    for text in ["", ".", "..", "a.b.c", "a.b.c.d", "\u{0}", "eyJ.eyJ.x"] {
        assert_eq!(verified(text), Err(TokenRefusal::Malformed), "{text:?}");
    }
}

/// RFC 7517 section 4, RFC 8037 section 2.
#[test]
fn the_published_key_has_no_private_part() {
    let public = serde_json::to_value(keys(0).public()).unwrap();
    let key = public["keys"][0].as_object().unwrap();
    let mut members: Vec<&str> = key.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
}

/// A replaced key verifies until its tokens are over, and makes none.
/// Checklist RS-05.
#[test]
fn the_key_before_this_one_verifies_until_its_tokens_are_over() {
    let text = |seed: u8| encoding::encode((seed..seed + 32).collect::<Vec<u8>>());
    let begun = NOW - SignedDuration::from_mins(1);
    let said = [(1, text(0)), (2, format!("{} from {begun}", text(1)))];
    let at = |now| KeySet::derived(&Rotation::read(&said, now).unwrap().root).unwrap();

    let old = signed(&claims());
    assert!(at(NOW).verify(&old, &expected(), NOW).is_ok());
    let new = at(NOW).sign(&serde_json::from_value(claims()).unwrap());
    assert_eq!(
        keys(0).verify(&new.unwrap(), &expected(), NOW),
        Err(TokenRefusal::Key)
    );
    assert_eq!(at(NOW).public().keys.len(), 2);

    // Whoever finds the old secret later can make no token with it.
    let later = begun + BRIEF_LIFE_MAX + SignedDuration::from_secs(1);
    assert_eq!(
        at(later).verify(&old, &expected(), NOW),
        Err(TokenRefusal::Key)
    );
    assert_eq!(at(later).public().keys.len(), 1);
}
