use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::client::{BadDocumentUrl, DocumentRules, DocumentUrl, Named, Served};
use crate::encoding;
use crate::redirect::RedirectRules;
use crate::scope::Existing;
use crate::secret::RootSecret;

const CALLBACK: &str = "http://127.0.0.1:33418/callback";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn clients() -> Clients {
    let root = RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap();
    Clients::new(
        &root,
        RedirectRules::default(),
        DocumentRules::new(public()),
    )
}

fn client_id() -> String {
    let body = json!({ "redirect_uris": [CALLBACK] }).to_string();
    let got = clients().register(body.as_bytes(), Timestamp::UNIX_EPOCH, [1; 24]);
    got.unwrap().client_id().to_owned()
}

fn public() -> PublicOrigin {
    PublicOrigin::parse("http://127.0.0.1:8787").unwrap()
}

/// A client as a document at that URL describes it.
fn published(url: &DocumentUrl) -> Client {
    let body = json!({
        "client_id": url.as_str(), "client_name": "App",
        "redirect_uris": [CALLBACK, "https://app.example/cb"],
    });
    let served = Served {
        status: 200,
        content_type: Some("application/json".into()),
        body: body.to_string().into_bytes(),
        ..Served::default()
    };
    clients().read_document(url, &served).unwrap()
}

/// A good request with changes; a change to nothing leaves the parameter out.
fn query(changes: &[(&str, Option<&str>)]) -> String {
    let id = client_id();
    let good = [
        ("client_id", id.as_str()),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("resource", "http://localhost:8787/mcp"),
        ("scope", "mcp"),
        ("state", "my state"),
    ];
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in good {
        if !changes.iter().any(|(changed, _)| *changed == name) {
            query.append_pair(name, value);
        }
    }
    for (name, value) in changes {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

fn checked(query: &str) -> Result<AuthorizeRequest, Refusal> {
    let sent = Parameters::parse(query).unwrap();
    let id = super::client_id(&sent).map_err(Refusal::Page)?;
    let named = clients().named(id);
    let client = match named.map_err(|bad| Refusal::Page(bad.into()))? {
        Named::Registered(client) => client,
        Named::Configured(configured) => configured.client,
        Named::Document(url) => published(&url),
    };
    check(&sent, &client, &clients(), &public(), &existing()).map(|(request, _)| request)
}

fn existing() -> Existing {
    Existing {
        scopes: Scopes::read(Some("notes:read")).unwrap(),
        misses_some: false,
    }
}

#[test]
fn a_good_request_asks_the_same_when_it_is_asked_again() {
    let request = checked(&query(&[])).unwrap();
    assert_eq!(request.resource, "http://localhost:8787/mcp");
    assert_eq!(request.state.as_deref(), Some("my state"));
    assert_eq!(checked(&request.to_query()), Ok(request));
}

/// Checklist AS-05.
#[test]
fn a_doubtful_client_or_redirect_uri_is_never_redirected_to() {
    let other = format!("{CALLBACK}/more");
    let table = [
        ("client_id", None, PageError::NoClient),
        ("client_id", Some(""), PageError::NoClient),
        ("client_id", Some("made-up"), PageError::UnknownClient),
        (
            "redirect_uri",
            Some("https://evil.example/"),
            PageError::RedirectUri,
        ),
        ("redirect_uri", Some(&other), PageError::RedirectUri),
        (
            "redirect_uri",
            Some("javascript:alert(1)"),
            PageError::RedirectUri,
        ),
    ];
    for (name, value, want) in table {
        assert_eq!(
            checked(&query(&[(name, value)])),
            Err(Refusal::Page(want)),
            "{name} {value:?}"
        );
    }
    let twice = format!("{}&redirect_uri=https://evil.example/", query(&[]));
    assert_eq!(checked(&twice), Err(Refusal::Page(PageError::RedirectUri)));
}

/// CIMD sections 3 and 4.5; RFC 8252 section 7.3.
/// Checklist AS-13, AS-15.
#[test]
fn a_client_of_a_document_is_answered_where_its_document_says() {
    let id = ("client_id", Some("https://app.example/client.json"));
    for redirect in [
        "https://app.example/cb",
        CALLBACK,
        "http://127.0.0.1:4/callback",
    ] {
        let request = checked(&query(&[id, ("redirect_uri", Some(redirect))])).unwrap();
        assert_eq!(
            (request.client_id.as_str(), request.redirect_uri.as_str()),
            (id.1.unwrap(), redirect)
        );
    }
    for redirect in [
        "https://app.example/cb/",
        "https://app.example:8443/cb",
        "https://evil.example/cb",
        "http://localhost:33418/callback",
    ] {
        let got = checked(&query(&[id, ("redirect_uri", Some(redirect))]));
        assert_eq!(
            got,
            Err(Refusal::Page(PageError::RedirectUri)),
            "{redirect}"
        );
    }
    // There are two, so one has to be named.
    let unsaid = checked(&query(&[id, ("redirect_uri", None)]));
    assert_eq!(unsaid, Err(Refusal::Page(PageError::RedirectUri)));
    for (id, bad) in [
        ("https://app.example/", BadDocumentUrl::Path),
        ("http://app.example/client.json", BadDocumentUrl::Scheme),
        ("https://10.0.0.1/client.json", BadDocumentUrl::Host),
    ] {
        let got = checked(&query(&[("client_id", Some(id))]));
        assert_eq!(got, Err(Refusal::Page(PageError::DocumentUrl(bad))), "{id}");
    }
}

/// RFC 6749 section 4.1.2.1, RFC 7636 section 4.4.1, RFC 8707 section 2.
/// Checklist AS-04, AS-06 to AS-08.
#[test]
fn any_other_fault_is_told_to_the_client() {
    let long = "x".repeat(STATE_BYTES_MAX + 1);
    let table: [(&str, Option<&str>, &str); 17] = [
        ("response_type", None, "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        (
            "response_type",
            Some("code id_token"),
            "unsupported_response_type",
        ),
        ("response_mode", Some("fragment"), "invalid_request"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        (
            "resource",
            Some("https://other.example/mcp"),
            "invalid_target",
        ),
        (
            "resource",
            Some("http://localhost:8787/mcp#part"),
            "invalid_target",
        ),
        ("scope", Some("admin"), "invalid_scope"),
        ("request", Some("jwt"), "request_not_supported"),
        (
            "request_uri",
            Some("https://a.example"),
            "request_uri_not_supported",
        ),
        ("state", Some(&long), "invalid_request"),
        ("scope", Some("a\"b"), "invalid_scope"),
        ("response_type", Some("CODE"), "unsupported_response_type"),
        ("code_challenge_method", Some("s256"), "invalid_request"),
    ];
    for (name, value, want) in table {
        let Err(Refusal::Redirect { location, .. }) = checked(&query(&[(name, value)])) else {
            panic!("{name} = {value:?} was not refused by redirect");
        };
        let start = format!("{CALLBACK}?error={want}&");
        assert!(
            location.starts_with(&start),
            "{name} = {value:?}: {location}"
        );
        assert!(
            location.ends_with("&iss=http%3A%2F%2F127.0.0.1%3A8787"),
            "{location}"
        );
        assert_eq!(
            location.contains("state=my+state"),
            name != "state",
            "{location}"
        );
    }
}

/// RFC 6749 section 3.1.
#[test]
fn a_parameter_sent_twice_is_refused() {
    for (twice, want) in [
        ("scope=mcp", "invalid_request"),
        ("resource=x", "invalid_target"),
    ] {
        let got = checked(&format!("{}&{twice}", query(&[])));
        let Err(Refusal::Redirect { error, .. }) = got else {
            panic!("{twice}: {got:?}")
        };
        assert_eq!(error.code(), want);
    }
}

/// Checklist AS-06.
#[test]
fn what_may_be_left_out_has_its_default() {
    let changes = [
        ("resource", None),
        ("scope", None),
        ("state", None),
        ("redirect_uri", None),
    ];
    let request = checked(&query(&changes)).unwrap();
    assert_eq!(request.resource, "http://127.0.0.1:8787/mcp");
    assert_eq!(request.scopes, Scopes::baseline());
    assert_eq!(
        (request.state, request.redirect_uri.as_str()),
        (None, CALLBACK)
    );
}
