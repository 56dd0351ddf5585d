use serde_json::json;

use super::*;
use crate::client::{ASSERTION_TYPE, DocumentRules, Named};
use crate::grant::contract::terms;
use crate::grant::{CodeText, GrantId, Secret};
use crate::redirect::RedirectRules;
use crate::role::{Assigned, BOUND_CHARS_MAX};
use crate::scope::{SCOPE_CHARS_MAX, SCOPES_MAX, Scope, Scopes};
use crate::secret::RootSecret;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn root() -> RootSecret {
    RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap()
}

fn clients() -> Clients {
    let documents = DocumentRules::new(public());
    Clients::new(&root(), RedirectRules::default(), documents)
}

fn public() -> PublicOrigin {
    PublicOrigin::parse("https://mcp.example.com").unwrap()
}

fn client_id() -> String {
    let body = json!({ "redirect_uris": ["https://a.example/cb"], "client_name": "App" });
    let got = clients()
        .register(body.to_string().as_bytes(), NOW, [1; 24])
        .unwrap();
    got.client_id().to_owned()
}

fn account() -> AccountId {
    AccountId::trusted("account".into())
}

fn code() -> String {
    let code = CodeText {
        account: account(),
        secret: Secret("secret".into()),
    };
    TokenTexts::new(&root()).code(&code, [1; 24])
}

fn refresh_token() -> String {
    let (grant, secret) = (GrantId::new([1; 16]), Secret("secret".into()));
    let token = RefreshText {
        account: account(),
        grant,
        generation: 3,
        secret,
    };
    TokenTexts::new(&root()).refresh(&token)
}

fn read_form(form: &[(&str, &str)]) -> Result<TokenRequest, TokenError> {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(form);
    let sent = Parameters::parse(&text.finish()).unwrap();
    read(&sent, &clients(), &TokenTexts::new(&root()), &public())
}

#[test]
fn a_code_and_a_refresh_token_lead_to_their_account() {
    let (id, code, token) = (client_id(), code(), refresh_token());
    let request = read_form(&[
        ("grant_type", "authorization_code"),
        ("client_id", &id),
        ("code", &code),
        ("code_verifier", "v"),
        ("resource", "https://MCP.example.com/mcp"),
    ])
    .unwrap();
    assert_eq!(
        (request.account, request.client_name.as_deref()),
        (account(), Some("App"))
    );
    let Wants::Redeem(redemption) = request.wants else {
        panic!()
    };
    assert_eq!(
        redemption.resource.as_deref(),
        Some("https://mcp.example.com/mcp")
    );
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &id),
        ("refresh_token", token.as_str()),
    ];
    let Wants::Refresh(refreshing) = read_form(&form).unwrap().wants else {
        panic!()
    };
    assert_eq!(
        (refreshing.generation, refreshing.grant),
        (3, GrantId::new([1; 16]))
    );
}

/// RFC 6749 section 5.2.
/// Checklist AS-04, AS-06.
#[test]
fn a_request_that_is_not_in_order_is_refused_in_the_words_of_the_rfc() {
    let (id, code, token) = (client_id(), code(), refresh_token());
    let good = [
        ("grant_type", "authorization_code"),
        ("client_id", id.as_str()),
        ("code", code.as_str()),
        ("code_verifier", "v"),
    ];
    let with = |name, value| {
        let mut form: Vec<(&str, &str)> = good.into_iter().filter(|(n, _)| *n != name).collect();
        form.push((name, value));
        form
    };
    let table = [
        (with("grant_type", ""), "invalid_request"),
        (with("grant_type", "password"), "unsupported_grant_type"),
        (with("client_id", ""), "invalid_request"),
        (with("client_id", "made-up"), "invalid_client"),
        (with("client_secret", "x"), "invalid_client"),
        (with("code", ""), "invalid_request"),
        (with("code", "made-up"), "invalid_grant"),
        (with("code", &token), "invalid_grant"),
        (with("code_verifier", ""), "invalid_request"),
        (
            with("resource", "https://other.example/mcp"),
            "invalid_target",
        ),
        (
            [good.as_slice(), &[("code", "x")]].concat(),
            "invalid_request",
        ),
        (with("grant_type", "refresh_token"), "invalid_request"),
    ];
    for (form, want) in table {
        assert_eq!(
            read_form(&form).map_err(|error| error.code()),
            Err(want),
            "{form:?}"
        );
    }
    let swapped = [
        ("grant_type", "refresh_token"),
        ("client_id", &id),
        ("refresh_token", &code),
    ];
    assert_eq!(read_form(&swapped), Err(TokenError::NotOurs));
}

#[test]
fn the_client_does_not_hear_why_a_grant_is_refused() {
    let said = |refusal| TokenError::Refused(refusal).description();
    assert_eq!(
        said(GrantRefusal::Unknown),
        said(GrantRefusal::Reused(None))
    );
    assert_eq!(
        said(GrantRefusal::Unknown),
        TokenError::NotOurs.description()
    );
}

/// RFC 9068 section 2.2.
/// Checklist AS-06.
#[test]
fn the_access_token_is_for_the_resource_and_the_client_of_the_grant() {
    let granted = Granted {
        grant: GrantId::new([1; 16]),
        terms: terms(),
        generation: 1,
        refresh_secret: Secret("secret".into()),
    };
    let life = (NOW, SignedDuration::from_mins(15));
    let claims = claims(
        "https://i.example",
        &account(),
        Some("App"),
        None,
        (&granted.grant, &granted.terms, &Bound::default()),
        life,
        [1; 16],
    );
    assert_eq!(
        (claims.aud, claims.client_id),
        (terms().resource, terms().client_id)
    );
    assert_eq!((claims.exp - claims.iat, claims.sid), (900, granted.grant));
}

/// Every limit on the way allows it, so the last one has to, too.
#[test]
fn the_longest_token_we_issue_is_one_we_look_at() {
    let uri = |n| format!("https://a.example/{n}/{}", "x".repeat(100));
    let body = json!({
        "redirect_uris": (0..10).map(uri).collect::<Vec<_>>(), "client_name": "\u{1f600}".repeat(200),
    });
    let got = clients()
        .register(body.to_string().as_bytes(), NOW, [1; 24])
        .unwrap();
    let Ok(Named::Registered(client)) = clients().named(got.client_id()) else {
        panic!("the client that was just registered")
    };
    let identity = crate::identity::Identity::new(
        &"p".repeat(32),
        &"i".repeat(crate::identity::ISSUER_BYTES_MAX),
        &"\\".repeat(crate::identity::SUBJECT_BYTES_MAX),
        Some(&"\u{1f600}".repeat(crate::identity::NAME_CHARS_MAX)),
    );
    let longest = |number: usize| Scope::parse(&format!("{number:0>SCOPE_CHARS_MAX$}")).unwrap();
    let assigned = Assigned {
        role: "a".to_owned(),
        permissions: Some(format!(
            "* !{}",
            "a !".repeat((BOUND_CHARS_MAX - 4) / 3) + "a"
        )),
    };
    let client_id = got.client_id().to_owned();
    let granted = Granted {
        grant: GrantId::new([1; 16]),
        terms: crate::grant::Terms {
            client_id,
            identity: identity.unwrap(),
            scopes: Scopes::of((0..SCOPES_MAX).map(longest)),
            ..terms()
        },
        generation: 1,
        refresh_secret: Secret("secret".into()),
    };
    let life = (NOW, SignedDuration::from_mins(15));
    let claims = claims(
        "https://i.example",
        &account(),
        client.name.as_deref(),
        KeyThumbprint::parse(&encoding::encode([1; 32])),
        (&granted.grant, &granted.terms, &Bound::of(&[assigned])),
        life,
        [1; 16],
    );
    let token = crate::access::KeySet::derived(&root())
        .unwrap()
        .sign(&claims)
        .unwrap();
    assert!(
        token.len() < crate::bearer::TOKEN_CHARS_MAX,
        "{}",
        token.len()
    );
}

/// RFC 7521 section 4.2; RFC 7523 section 2.2.
#[test]
fn a_client_of_a_document_may_prove_itself_and_no_other_may() {
    let url = "https://app.example/client.json";
    let claims = encoding::encode(json!({ "sub": url }).to_string());
    let header = encoding::encode(r#"{"alg":"EdDSA"}"#);
    let assertion = format!("{header}.{claims}.c2lnbmF0dXJl");
    let (code, registered) = (code(), client_id());
    let read = |more: &[(&str, &str)]| {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("code_verifier", "v"),
        ];
        form.extend(more);
        read_form(&form)
    };
    let typ = ("client_assertion_type", ASSERTION_TYPE);
    let proof = ("client_assertion", assertion.as_str());
    for more in [&[typ, proof][..], &[("client_id", url), typ, proof]] {
        let request = read(more).unwrap();
        let assertion = request.assertion.unwrap();
        assert_eq!(
            (assertion.client.id(), &assertion.text),
            (url, &proof.1.to_owned())
        );
        assert!(!format!("{assertion:?}").contains("c2lnbmF0dXJl"));
        let Wants::Redeem(asked) = request.wants else {
            panic!("a redemption")
        };
        assert_eq!(
            (asked.client_id.as_str(), asked.authenticated),
            (url, false)
        );
    }
    assert_eq!(read(&[("client_id", url)]).unwrap().assertion, None);
    let malformed = TokenError::Assertion(AssertionRefusal::Malformed);
    let table = [
        (vec![("client_id", url), typ], malformed.clone()),
        (vec![("client_id", url), proof], malformed.clone()),
        (
            vec![("client_assertion_type", "urn:other"), proof],
            malformed,
        ),
        (
            vec![("client_id", url), ("client_secret", "s"), typ, proof],
            TokenError::PublicClient,
        ),
        (
            vec![("client_id", &registered), typ, proof],
            TokenError::PublicClient,
        ),
        (
            vec![typ, ("client_assertion", "not.a.token")],
            TokenError::Missing("client_id"),
        ),
        (
            vec![("client_id", "https://10.0.0.1/client.json"), typ, proof],
            TokenError::UnknownClient,
        ),
    ];
    for (more, want) in table {
        assert_eq!(read(&more), Err(want), "{more:?}");
    }
}
