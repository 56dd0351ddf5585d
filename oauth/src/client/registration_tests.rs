use serde_json::json;

use super::*;
use crate::client::{Clients, DocumentRules, Named, Unnamed};
use crate::encoding;
use crate::origin::PublicOrigin;
use crate::secret::RootSecret;
use jiff::Timestamp;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const CALLBACK: &str = "http://127.0.0.1:33418/callback";

fn clients() -> Clients {
    let root = RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap();
    let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
    Clients::new(&root, RedirectRules::default(), DocumentRules::new(public))
}

fn registered(metadata: &Value) -> Result<Value, BadRegistration> {
    let got = clients().register(metadata.to_string().as_bytes(), NOW, [1; 24])?;
    Ok(serde_json::to_value(got).unwrap())
}

/// RFC 7591 section 3.2.1; checklist AS-12.
#[test]
fn a_client_gets_back_what_it_is_and_what_was_replaced() {
    let got = registered(&json!({
        "redirect_uris": [CALLBACK], "client_name": "Näme & <Co>",
        "client_uri": "https://app.example", "application_type": "native",
        "grant_types": ["authorization_code", "refresh_token", "password"],
        "response_types": ["code"], "token_endpoint_auth_method": "client_secret_basic",
        "scope": "mcp unknown", "software_id": 7,
    }))
    .unwrap();
    let mut want = json!({
        "client_id_issued_at": NOW.as_second(), "redirect_uris": [CALLBACK],
        "client_name": "Näme & <Co>", "client_uri": "https://app.example",
        "application_type": "native", "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "token_endpoint_auth_method": "none",
    });
    want["client_id"] = got["client_id"].clone();
    assert_eq!(got, want);
}

/// Checklist AS-12.
#[test]
fn a_client_id_leads_back_to_its_registration_and_a_changed_one_does_not() {
    let got = registered(&json!({ "redirect_uris": [CALLBACK] })).unwrap();
    let id = got["client_id"].as_str().unwrap();
    let named = |id: &str| clients().named(id);
    let Ok(Named::Registered(client)) = named(id) else {
        panic!("{:?}", named(id))
    };
    assert_eq!(client.redirect_uris, [CALLBACK]);
    assert_eq!(client.published_by, None);
    assert_eq!(named(&id[1..]), Err(Unnamed::Unknown));
    assert_eq!(named("made-up"), Err(Unnamed::Unknown));
}

/// RFC 7591 section 3.2.2.
/// Checklist AS-12.
#[test]
fn a_registration_that_cannot_be_served_is_refused() {
    let uris = |count| {
        (0..count)
            .map(|n| format!("{CALLBACK}/{n}"))
            .collect::<Vec<_>>()
    };
    let long: Vec<_> = (0..8)
        .map(|n| format!("https://a.example/{n}{}", "x".repeat(400)))
        .collect();
    let table = [
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": CALLBACK }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": [7] }), "invalid_redirect_uri"),
        (
            json!({ "redirect_uris": [CALLBACK, "http://evil.example/"] }),
            "invalid_redirect_uri",
        ),
        (json!({ "redirect_uris": uris(11) }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": long }), "invalid_client_metadata"),
        (
            json!({ "redirect_uris": [CALLBACK], "client_name": {} }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [CALLBACK], "client_name": "a\u{1b}[31m" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [CALLBACK], "client_name": "x".repeat(201) }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [CALLBACK], "client_uri": "javascript:alert(1)" }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [CALLBACK], "grant_types": ["password"] }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [CALLBACK], "response_types": ["token"] }),
            "invalid_client_metadata",
        ),
        (
            json!({ "redirect_uris": [CALLBACK], "application_type": "odd" }),
            "invalid_client_metadata",
        ),
        (json!([]), "invalid_client_metadata"),
        (json!("text"), "invalid_client_metadata"),
    ];
    for (metadata, want) in table {
        let code = registered(&metadata).map_err(BadRegistration::code);
        assert_eq!(code, Err(want), "{metadata}");
    }
    let large = vec![b' '; REGISTRATION_BYTES_MAX + 1];
    let got = clients().register(&large, NOW, [1; 24]);
    assert_eq!(got.unwrap_err(), BadRegistration::TooLarge);
}

/// OAuth 2.1 section 4.1.1.
#[test]
fn a_request_may_leave_out_the_redirect_uri_only_if_there_is_one() {
    let client = |uris: &[&str]| Client {
        name: None,
        uri: None,
        redirect_uris: uris.iter().map(|&uri| uri.to_owned()).collect(),
        dpop_bound: false,
        published_by: None,
        keys: None,
        secret: None,
    };
    let one = client(&[CALLBACK]);
    let two = client(&[CALLBACK, "https://a.example/cb"]);
    let found = |client, asked| {
        clients()
            .redirect(client, asked)
            .map(|uri| uri.as_str().to_owned())
    };
    assert_eq!(found(&one, None).as_deref(), Some(CALLBACK));
    assert_eq!(found(&two, None), None);
    assert_eq!(
        found(&two, Some("https://a.example/cb")).as_deref(),
        Some("https://a.example/cb")
    );
    assert_eq!(found(&two, Some("https://evil.example/cb")), None);
    assert!(clients().is_local(&one) && !clients().is_local(&two));
}
