use serde_json::json;

use super::*;
use crate::client::{ClientKeys, DocumentRules, Named};
use crate::encoding;
use crate::public_keys::PublicKeys;
use crate::redirect::RedirectRules;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const CALLBACK: &str = "https://a.example/cb";

fn root() -> RootSecret {
    RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap()
}

fn public() -> PublicOrigin {
    PublicOrigin::parse("https://mcp.example.com").unwrap()
}

fn clients() -> Clients {
    let documents = DocumentRules::new(public());
    Clients::new(&root(), RedirectRules::default(), documents)
}

fn client(nonce: u8) -> (String, Client) {
    let body = json!({ "redirect_uris": [CALLBACK] }).to_string();
    let id = clients().register(body.as_bytes(), NOW, [nonce; 24]);
    let id = id.unwrap().client_id().to_owned();
    let Ok(Named::Registered(client)) = clients().named(&id) else {
        panic!("the client that was just registered")
    };
    (id, client)
}

/// A good request, with these in place of its own parameters; an empty one is left out.
fn sent(changes: &[(&str, &str)]) -> Parameters {
    let mut sent = Parameters::parse("").unwrap();
    for (name, value) in [
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
        ("state", "a b&c"),
        ("client_assertion", "secret.secret.secret"),
    ]
    .iter()
    .chain(changes)
    {
        sent.set(name, value);
    }
    sent
}

fn pushed(changes: &[(&str, &str)], key: Option<&KeyThumbprint>) -> Result<String, PushError> {
    let (id, client) = client(1);
    let answer = PushedRequests::new(&root()).push(
        &sent(changes),
        (&id, &client, false),
        key,
        (&clients(), &public(), &Existing::default()),
        (NOW, [7; 24]),
    )?;
    assert_eq!(answer.expires_in, 60);
    Ok(answer.request_uri)
}

fn resolved(query: &[(&str, &str)], seconds: i64) -> Result<Parameters, PageError> {
    let mut sent = Parameters::parse("").unwrap();
    for (name, value) in query {
        sent.set(name, value);
    }
    let now = NOW + SignedDuration::from_secs(seconds);
    PushedRequests::new(&root()).resolve(sent, now)
}

/// RFC 9126 sections 2.2 and 4; RFC 9101 section 6.3.
#[test]
fn a_reference_is_the_request_that_was_pushed_and_nothing_beside_it_counts() {
    let uri = pushed(&[], None).unwrap();
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    let (id, _) = client(1);
    let query = [
        ("client_id", id.as_str()),
        ("request_uri", &uri),
        ("redirect_uri", "https://evil.example/cb"),
        ("scope", "admin"),
    ];
    for seconds in [0, 59] {
        let found = resolved(&query, seconds).unwrap();
        assert_eq!(found.get("state"), Some("a b&c"));
        assert_eq!(found.get("redirect_uri"), Some(CALLBACK));
        assert_eq!(
            (found.get("scope"), found.get("client_assertion")),
            (None, None)
        );
        assert_eq!(found.get("client_id"), Some(id.as_str()));
    }
}

/// RFC 9126 sections 2.2 and 7.1 to 7.3.
#[test]
fn a_reference_is_good_for_its_client_and_a_minute() {
    let uri = pushed(&[], None).unwrap();
    let ((id, _), (other, _)) = (client(1), client(2));
    let query = [("client_id", id.as_str()), ("request_uri", uri.as_str())];
    assert_eq!(resolved(&query, 60), Err(PageError::RequestUri));
    assert_eq!(resolved(&query[1..], 0), Err(PageError::NoClient));
    let foreign = [("client_id", other.as_str()), query[1]];
    assert_eq!(resolved(&foreign, 0), Err(PageError::RequestUri));
    let made_up = [
        query[0],
        ("request_uri", "urn:ietf:params:oauth:request_uri:x"),
    ];
    assert_eq!(resolved(&made_up, 0), Err(PageError::RequestUri));
    // Another kind of reference is refused where all requests are checked.
    let elsewhere = [query[0], ("request_uri", "https://evil.example/request")];
    assert_eq!(
        resolved(&elsewhere, 0).unwrap().get("request_uri"),
        Some(elsewhere[1].1)
    );
}

/// RFC 9126 sections 2.1 and 2.3.
#[test]
fn a_request_that_is_not_in_order_is_refused_when_it_is_pushed() {
    let long = "x".repeat(PUSHED_BYTES_MAX);
    for (name, value, code) in [
        ("redirect_uri", "https://evil.example/cb", "invalid_request"),
        (
            "request_uri",
            "urn:ietf:params:oauth:request_uri:x",
            "invalid_request",
        ),
        ("request", "e30.e30.", "request_not_supported"),
        ("response_type", "token", "unsupported_response_type"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("resource", "https://evil.example/", "invalid_target"),
        ("scope", "no:such", "invalid_scope"),
        ("dpop_jkt", "x", "invalid_request"),
        ("state", &long, "invalid_request"),
    ] {
        let refused = pushed(&[(name, value)], None).map_err(|error| error.code());
        assert_eq!(refused, Err(code), "{name}");
    }
}

/// RFC 9126 section 2: "as at the token endpoint".
#[test]
fn a_client_with_keys_proves_itself() {
    let (id, mut client) = client(1);
    let none = PublicKeys::read(br#"{"keys":[]}"#).unwrap();
    client.keys = Some(ClientKeys::Here(none));
    let push = |proved| {
        PushedRequests::new(&root()).push(
            &sent(&[]),
            (&id, &client, proved),
            None,
            (&clients(), &public(), &Existing::default()),
            (NOW, [7; 24]),
        )
    };
    assert_eq!(
        push(false).map_err(|error| error.code()),
        Err("invalid_client")
    );
    assert!(push(true).is_ok());
}

/// RFC 9449 section 10.1.
#[test]
fn the_key_of_a_proof_is_that_of_the_code() {
    let key = KeyThumbprint::parse(&encoding::encode([1; 32])).unwrap();
    let other = KeyThumbprint::parse(&encoding::encode([2; 32])).unwrap();
    let (id, _) = client(1);
    for changes in [&[][..], &[("dpop_jkt", key.as_str())]] {
        let uri = pushed(changes, Some(&key)).unwrap();
        let found = resolved(&[("client_id", &id), ("request_uri", &uri)], 0).unwrap();
        assert_eq!(found.get("dpop_jkt"), Some(key.as_str()));
    }
    let refused = pushed(&[("dpop_jkt", other.as_str())], Some(&key));
    assert_eq!(refused, Err(PushError::OtherKey));
}
