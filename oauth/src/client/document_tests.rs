use serde_json::json;

use super::*;
use crate::client::DocumentRules;
use crate::origin::PublicOrigin;

const URL: &str = "https://app.example/oauth/client.json";
const CALLBACK: &str = "http://127.0.0.1:33418/callback";

fn served(body: Vec<u8>) -> Served {
    Served {
        status: 200,
        content_type: Some("application/json; charset=utf-8".into()),
        cache: CacheFields::default(),
        body,
    }
}

fn read_served(served: &Served) -> Result<Client, BadDocument> {
    let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
    let documents = DocumentRules::new(public);
    let url = DocumentUrl::read(URL, &documents).unwrap();
    read(&url, served, &RedirectRules::default(), &documents)
}

/// A good document with these members instead of its own; `null` takes one away.
fn changed(changes: &Value) -> Value {
    let mut document = json!({
        "client_id": URL, "client_name": "Example MCP Client", "client_uri": "https://app.example",
        "logo_uri": "http://169.254.169.254/logo.png",
        "redirect_uris": [CALLBACK, "https://app.example/cb"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        "token_endpoint_auth_method": "none", "scope": "mcp", "software_id": 7,
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            document.as_object_mut().unwrap().remove(name);
        } else {
            document[name] = value.clone();
        }
    }
    document
}

fn read_changed(changes: &Value) -> Result<Client, BadDocument> {
    read_served(&served(changed(changes).to_string().into_bytes()))
}

/// CIMD section 4.1; MCP 2026-07-28, client registration.
/// Checklist AS-15.
#[test]
fn a_document_is_a_client_and_its_host_vouches_for_it() {
    let client = read_changed(&json!({})).unwrap();
    assert_eq!(
        client,
        Client {
            name: Some("Example MCP Client".into()),
            uri: Some("https://app.example".into()),
            redirect_uris: vec![CALLBACK.into(), "https://app.example/cb".into()],
            dpop_bound: false,
            published_by: Some("app.example".into()),
            keys: None,
            secret: None,
        }
    );
    for left_out in [
        "client_uri",
        "grant_types",
        "response_types",
        "token_endpoint_auth_method",
    ] {
        assert!(
            read_changed(&json!({ left_out: null })).is_ok(),
            "{left_out}"
        );
    }
}

/// A registration with such a URI is refused; a document is for all servers.
#[test]
fn what_we_may_not_redirect_to_is_left_out_of_a_document() {
    let uris = [
        "javascript:alert(1)",
        CALLBACK,
        "vscode://app/cb",
        "http://app.example/cb",
    ];
    let client = read_changed(&json!({ "redirect_uris": uris })).unwrap();
    assert_eq!(client.redirect_uris, [CALLBACK]);
}

/// CIMD sections 4.1 and 6.2.
/// Checklist AS-15.
#[test]
fn a_document_that_cannot_be_used_is_refused_with_its_reason() {
    use BadDocument::{AuthMethod, ClientId, Flow, Name, RedirectUris, Secret, Shape, Uri};
    let many: Vec<_> = (0..=REDIRECT_URIS_MAX)
        .map(|n| format!("{CALLBACK}/{n}"))
        .collect();
    let long = "x".repeat(CLIENT_NAME_CHARS_MAX + 1);
    let table = [
        (json!({ "client_id": null }), ClientId),
        (json!({ "client_id": 7 }), ClientId),
        (json!({ "client_id": format!("{URL}/") }), ClientId),
        (
            json!({ "client_id": "https://APP.example/oauth/client.json" }),
            ClientId,
        ),
        (
            json!({ "client_id": "https://app.example:443/oauth/client.json" }),
            ClientId,
        ),
        (json!({ "client_name": null }), Name),
        (json!({ "client_name": "" }), Name),
        (json!({ "client_name": " \t" }), Name),
        (json!({ "client_name": "a\u{1b}[31m" }), Name),
        (json!({ "client_name": long }), Name),
        (json!({ "client_name": ["App"] }), Name),
        (json!({ "redirect_uris": null }), RedirectUris),
        (json!({ "redirect_uris": [] }), RedirectUris),
        (json!({ "redirect_uris": CALLBACK }), RedirectUris),
        (json!({ "redirect_uris": [CALLBACK, 7] }), RedirectUris),
        (
            json!({ "redirect_uris": ["http://app.example/cb", "javascript:x"] }),
            RedirectUris,
        ),
        (json!({ "redirect_uris": many }), RedirectUris),
        (json!({ "client_secret": "s" }), Secret),
        (json!({ "client_secret": false }), Secret),
        (json!({ "client_secret_expires_at": 0 }), Secret),
        (
            json!({ "token_endpoint_auth_method": "client_secret_basic" }),
            AuthMethod,
        ),
        (
            json!({ "token_endpoint_auth_method": "client_secret_post" }),
            AuthMethod,
        ),
        (
            json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
            AuthMethod,
        ),
        (
            json!({ "token_endpoint_auth_method": ["none"] }),
            AuthMethod,
        ),
        (json!({ "grant_types": ["client_credentials"] }), Flow),
        (json!({ "response_types": ["token"] }), Flow),
        (json!({ "grant_types": "authorization_code" }), Shape),
        (json!({ "client_uri": "javascript:alert(1)" }), Uri),
    ];
    for (changes, want) in table {
        assert_eq!(read_changed(&changes), Err(want), "{changes}");
    }
    let null_secret = r#"{"client_id":"URL","client_secret":null}"#.replace("URL", URL);
    assert_eq!(read_served(&served(null_secret.into())), Err(Secret));
    for body in [
        "",
        "[]",
        "null",
        "7",
        "{",
        "\"a\"",
        "{}{}",
        "\u{feff}{}",
        "<html>",
    ] {
        assert_eq!(read_served(&served(body.into())), Err(Shape), "{body}");
    }
    assert_eq!(read_served(&served(vec![b'"', 0xff, b'"'])), Err(Shape));
}

/// CIMD section 6.2; RFC 7591 section 2.
/// Checklist AS-15.
#[test]
fn a_document_says_where_the_keys_of_a_confidential_client_are() {
    use BadDocument::{Keys, Secret};
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "one",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let read = |members: Value| {
        let mut changes = members;
        changes["token_endpoint_auth_method"] = json!("private_key_jwt");
        read_changed(&changes).map(|client| client.keys)
    };
    let here = read(json!({ "jwks": { "keys": [key] } })).unwrap();
    assert!(matches!(here, Some(ClientKeys::Here(_))), "{here:?}");
    let at = read(json!({ "jwks_uri": "https://keys.example/set" })).unwrap();
    assert!(
        matches!(&at, Some(ClientKeys::At(url)) if url.as_str() == "https://keys.example/set"),
        "{at:?}"
    );
    // A public client may publish keys for something else.
    assert_eq!(
        read_changed(&json!({ "jwks": 7 })).map(|client| client.keys),
        Ok(None)
    );
    let mut private = key.clone();
    private["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    let symmetric = json!({ "kty": "oct", "k": "c2VjcmV0" });
    let short = json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" });
    let table = [
        (json!({}), Keys),
        (json!({ "jwks": { "keys": [] } }), Keys),
        (json!({ "jwks": { "keys": [short] } }), Keys),
        (json!({ "jwks": [key] }), Keys),
        (json!({ "jwks": "https://keys.example/set" }), Keys),
        (
            json!({ "jwks": { "keys": [key] }, "jwks_uri": "https://keys.example/set" }),
            Keys,
        ),
        (json!({ "jwks_uri": 7 }), Keys),
        (json!({ "jwks_uri": "http://keys.example/set" }), Keys),
        (json!({ "jwks_uri": "https://169.254.169.254/set" }), Keys),
        (json!({ "jwks_uri": "https://keys.internal/set" }), Keys),
        (json!({ "jwks_uri": "https://u:p@keys.example/set" }), Keys),
        (json!({ "jwks": { "keys": [key, private] } }), Secret),
        (json!({ "jwks": { "keys": [key, symmetric] } }), Secret),
    ];
    for (members, want) in table {
        assert_eq!(read(members.clone()), Err(want), "{members}");
    }
    // A set of its own comes under the rules of documents.
    let set = || served(json!({ "keys": [key] }).to_string().into_bytes());
    assert!(read_keys(&set()).is_ok_and(|keys| !keys.is_empty()));
    let missing = Served {
        status: 404,
        ..set()
    };
    assert_eq!(read_keys(&missing), Err(BadDocument::Status));
    assert_eq!(read_keys(&served(b"{}".to_vec())), Err(Keys));
}

/// CIMD sections 4 and 6.6.
/// Checklist AS-15, AS-17.
#[test]
fn only_a_small_json_answer_with_status_200_is_a_document() {
    let good = || served(changed(&json!({})).to_string().into_bytes());
    for status in [
        100, 201, 204, 206, 301, 302, 304, 307, 400, 401, 404, 500, 503,
    ] {
        let answer = Served { status, ..good() };
        assert_eq!(read_served(&answer), Err(BadDocument::Status), "{status}");
    }
    let kinds = [
        "application/json",
        "Application/JSON;charset=utf-8",
        "application/oauth+json",
    ];
    for kind in kinds {
        let content_type = Some(kind.to_owned());
        assert!(
            read_served(&Served {
                content_type,
                ..good()
            })
            .is_ok(),
            "{kind}"
        );
    }
    let kinds = [
        "",
        "text/html",
        "text/json",
        "application/jsonp",
        "application/+json",
        "json",
    ];
    for kind in kinds.into_iter().map(Some).chain([None]) {
        let content_type = kind.map(str::to_owned);
        let got = read_served(&Served {
            content_type,
            ..good()
        });
        assert_eq!(got, Err(BadDocument::Kind), "{kind:?}");
    }
    let mut body = good().body;
    body.resize(DOCUMENT_BYTES_MAX, b' ');
    assert!(read_served(&served(body.clone())).is_ok());
    body.push(b' ');
    assert_eq!(read_served(&served(body)), Err(BadDocument::TooLarge));
}
