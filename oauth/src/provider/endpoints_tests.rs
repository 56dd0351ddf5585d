use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::task::{Context, Poll, Waker};

use oauth2::HttpRequest;
use oauth2::http::{Response, header};
use serde_json::json;

use super::*;
use crate::provider::github_endpoints;

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

fn endpoints(secret_in: SecretIn) -> Endpoints {
    Endpoints {
        authorize: "https://id.example/authorize?tenant=1".into(),
        token: "https://id.example/token".into(),
        secret_in,
    }
}

fn registration<'a>(endpoints: &'a Endpoints, secret: &'a Secret) -> Registration<'a> {
    Registration {
        client_id: "sessile",
        client_secret: Some(secret),
        redirect_uri: "https://mcp.example.com/login/callback/acme",
        endpoints,
    }
}

/// Runs a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn json_answer(status: u16, body: &Value) -> HttpResponse {
    let builder = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json");
    builder.body(body.to_string().into_bytes()).unwrap()
}

/// Exchanges a code against an answer; returns what was sent as well.
fn exchanged(
    secret_in: SecretIn,
    answer: &HttpResponse,
) -> (Result<Exchanged, NotExchanged<Infallible>>, HttpRequest) {
    let (endpoints, key) = (endpoints(secret_in), secret("s3:cret"));
    let sent = RefCell::new(None);
    let http = |request: HttpRequest| {
        *sent.borrow_mut() = Some(request);
        std::future::ready(Ok::<_, Infallible>(honest(answer.clone())))
    };
    let verifier = secret("a-verifier-of-at-least-forty-three-characters");
    let got = now(registration(&endpoints, &key).exchange("code", &verifier, &http));
    (got, sent.into_inner().unwrap())
}

/// RFC 6749 section 4.1.1, RFC 7636 section 4.3, OpenID Connect Core 3.1.2.1.
#[test]
fn the_person_is_sent_with_state_challenge_and_nonce() {
    let (endpoints, key, nonce) = (
        endpoints(SecretIn::Header),
        secret("s3cret"),
        secret("nonce"),
    );
    let verifier = secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"); // RFC 7636 appendix B
    let scopes = ["openid".to_owned(), "profile".to_owned()];
    let passage = Passage {
        state: "the state",
        verifier: &verifier,
        nonce: Some(&nonce),
        scopes: &scopes,
        offline: None,
    };
    let url = registration(&endpoints, &key)
        .authorize_url(&passage)
        .unwrap();
    let url = url::Url::parse(&url).unwrap();
    let sent: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let want = [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "sessile"),
        (
            "redirect_uri",
            "https://mcp.example.com/login/callback/acme",
        ),
        ("state", "the state"),
        ("scope", "openid profile"),
        ("nonce", "nonce"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(
        sent,
        want.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
    assert!(!url.as_str().contains(&key.0) && !url.as_str().contains(&verifier.0));
}

/// OpenID Connect Core section 11; Google Identity, "Using OAuth 2.0 for Web Server
/// Applications".
#[test]
fn a_refresh_token_is_asked_for_in_the_providers_own_way() {
    let (endpoints, key) = (endpoints(SecretIn::Header), secret("s3cret"));
    let verifier = secret("a-verifier-of-at-least-forty-three-characters");
    let asked = |offline, scopes: &[&str]| {
        let scopes: Vec<String> = scopes.iter().map(|&scope| scope.into()).collect();
        let passage = Passage {
            state: "s",
            verifier: &verifier,
            nonce: None,
            scopes: &scopes,
            offline,
        };
        let registration = registration(&endpoints, &key);
        let url = url::Url::parse(&registration.authorize_url(&passage).unwrap()).unwrap();
        let sent: HashMap<_, _> = url.query_pairs().into_owned().collect();
        ["prompt", "access_type"].map(|name| sent.get(name).cloned())
    };
    let consent = Some("consent".to_owned());
    let both = ["openid", "offline_access"];
    assert_eq!(asked(None, &both), [None, None]);
    assert_eq!(asked(Some(Offline::Scopes), &["openid"]), [None, None]);
    assert_eq!(asked(Some(Offline::Scopes), &both), [consent.clone(), None]);
    assert_eq!(
        asked(Some(Offline::Google), &["openid"]),
        [consent, Some("offline".to_owned())]
    );
}

/// RFC 6749 section 6.
#[test]
fn tokens_are_renewed_with_the_refresh_token_and_our_secret() {
    let (endpoints, key) = (endpoints(SecretIn::Header), secret("s3:cret"));
    let sent = RefCell::new(None);
    let renewed = |status, body: &Value| {
        let answer = json_answer(status, body);
        let http = |request: HttpRequest| {
            *sent.borrow_mut() = Some(request);
            std::future::ready(Ok::<_, Infallible>(honest(answer.clone())))
        };
        now(registration(&endpoints, &key).renew(&secret("old"), &http))
    };
    let body = json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 60,
        "refresh_token": "new" });
    let want = Tokens {
        access_token: secret("a"),
        refresh_token: Some(secret("new")),
        expires_in: Some(60),
    };
    assert_eq!(renewed(200, &body).unwrap(), want);
    let request = sent.take().unwrap();
    assert!(request.headers().contains_key(header::AUTHORIZATION));
    let form = String::from_utf8_lossy(request.body()).into_owned();
    assert!(form.contains("grant_type=refresh_token") && form.contains("refresh_token=old"));
    for (status, error) in [(400, "invalid_grant"), (200, "bad_refresh_token")] {
        let got = renewed(status, &json!({ "error": error }));
        assert!(matches!(&got, Err(NotExchanged::Refused(code)) if code == error));
    }
}

/// RFC 6749 section 2.3.1.
#[test]
fn the_secret_is_sent_where_the_provider_wants_it() {
    let answer = json_answer(200, &json!({ "access_token": "a", "token_type": "Bearer" }));
    let (_, request) = exchanged(SecretIn::Header, &answer);
    let field = request.headers()[header::AUTHORIZATION].to_str().unwrap();
    assert_eq!(field, "Basic c2Vzc2lsZTpzMyUzQWNyZXQ=");
    assert!(!String::from_utf8_lossy(request.body()).contains("cret"));
    let (_, request) = exchanged(SecretIn::Body, &answer);
    assert!(request.headers().get(header::AUTHORIZATION).is_none());
    let body = String::from_utf8_lossy(request.body()).into_owned();
    assert!(body.contains("client_secret=s3%3Acret") && body.contains("code_verifier=a-ver"));
}

#[test]
fn an_answer_gives_its_tokens() {
    let answer = json!({ "access_token": "a", "token_type": "bearer", "id_token": "i.d.t",
        "scope": "read:user,user:email" });
    let (got, _) = exchanged(SecretIn::Body, &json_answer(200, &answer));
    let got = got.unwrap();
    assert_eq!(
        (got.tokens.access_token, got.id_token),
        (secret("a"), Some(secret("i.d.t")))
    );
}

/// GitHub Docs, "Troubleshooting OAuth app access token request errors".
#[test]
fn an_error_with_status_200_is_an_error() {
    let body = json!({ "error": "bad_verification_code", "error_description": "expired" });
    for status in [200, 400] {
        let (got, _) = exchanged(SecretIn::Body, &json_answer(status, &body));
        assert!(
            matches!(&got, Err(NotExchanged::Refused(code)) if code == "bad_verification_code")
        );
    }
}

#[test]
fn an_answer_that_is_none_gives_nothing() {
    let html = Response::builder().header(header::CONTENT_TYPE, "text/html");
    let table = [
        html.body(b"<html>".to_vec()).unwrap(),
        json_answer(200, &json!([1, 2, 3])),
        json_answer(200, &json!({})),
        json_answer(500, &json!("oops")),
        Response::builder().status(302).body(Vec::new()).unwrap(),
    ];
    for answer in table {
        let (got, _) = exchanged(SecretIn::Body, &answer);
        assert!(
            matches!(got, Err(NotExchanged::Garbled)),
            "{answer:?}: {got:?}"
        );
    }
}

#[test]
fn github_wants_its_secret_in_the_form() {
    let endpoints = github_endpoints("https://github.com");
    assert_eq!(
        endpoints.token,
        "https://github.com/login/oauth/access_token"
    );
    assert_eq!(endpoints.secret_in, SecretIn::Body);
}
