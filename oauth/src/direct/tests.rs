use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::client::{ASSERTION_TYPE, DocumentRules};
use crate::encoding;
use crate::redirect::RedirectRules;
use crate::secret::{RootSecret, SecretHash};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn public() -> PublicOrigin {
    PublicOrigin::parse("https://mcp.example.com").unwrap()
}

fn clients() -> Clients {
    let root = encoding::encode((0..32).collect::<Vec<u8>>());
    let root = RootSecret::parse(&root).unwrap();
    let documents = DocumentRules::new(public());
    let hash = SecretHash::of(SECRET);
    let list = json!([
        { "id": "ci", "grant_types": [CLIENT_CREDENTIALS], "secret_hash": hash.as_str(),
          "scope": "notes:read admin:sessions" },
        { "id": "held", "grant_types": [CLIENT_CREDENTIALS], "secret_hash": hash.as_str(),
          "dpop_bound_access_tokens": true },
        { "id": "bot", "grant_types": [CLIENT_CREDENTIALS],
          "jwks_uri": "https://bot.example/keys.json" },
        { "id": "desk", "grant_types": [JWT_BEARER], "secret_hash": hash.as_str() },
        { "id": "web", "grant_types": ["authorization_code"],
          "redirect_uris": ["https://web.example/cb"], "secret_hash": hash.as_str() },
    ]);
    Clients::new(&root, RedirectRules::default(), documents)
        .with_configured(&list.to_string())
        .unwrap()
}

fn asked(form: &[(&str, &str)]) -> Result<Terms, TokenError> {
    request(form)?.own_terms(&public())
}

fn request(form: &[(&str, &str)]) -> Result<DirectRequest, TokenError> {
    let issuers = Issuers::parse("https://acme.idp.example", &public()).unwrap();
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(form);
    let sent = Parameters::parse(&text.finish()).unwrap();
    read(&sent, (&clients(), &issuers), &public(), None)
}

/// RFC 6749 section 4.4; checklist AS-20.
#[test]
fn a_client_that_proves_itself_gets_what_it_was_given_for_an_account_of_its_own() {
    let form = [("client_id", "ci"), ("client_secret", SECRET)];
    let terms = asked(&form).unwrap();
    assert_eq!((terms.client_id.as_str(), terms.confidential), ("ci", true));
    assert_eq!(terms.identity.issuer, "urn:sessile:client");
    assert!(
        url::Url::parse(&terms.identity.issuer)
            .unwrap()
            .host()
            .is_none()
    );
    assert_eq!(terms.resource, "https://mcp.example.com/mcp");
}

/// No role of a person is asked about.
#[test]
fn the_configuration_bounds_what_a_client_may_do_by_itself() {
    let form = [("client_id", "ci"), ("client_secret", SECRET)];
    let request = request(&form).unwrap();
    let (terms, bound) = (request.own_terms(&public()).unwrap(), request.own_bound());
    assert_eq!(terms.scopes.to_string(), "mcp admin:sessions notes:read");
    assert_eq!(bound.of_scopes(&terms.scopes), terms.scopes);
    assert!(!bound.may_use("notes:write"));
    let narrow = [form[0], form[1], ("scope", "notes:read")];
    assert_eq!(asked(&narrow).unwrap().scopes.to_string(), "mcp notes:read");
}

/// RFC 6749 section 5.2; checklist AS-20.
#[test]
fn any_other_client_gets_nothing() {
    let registered = clients().register(
        json!({ "redirect_uris": ["https://a.example/cb"] })
            .to_string()
            .as_bytes(),
        Timestamp::UNIX_EPOCH,
        [1; 24],
    );
    let registered = registered.unwrap().client_id().to_owned();
    let secret = ("client_secret", SECRET);
    let table: [(&[(&str, &str)], &str); 13] = [
        (&[], "invalid_request"),
        // RFC 9449 section 5.2.
        (&[("client_id", "held"), secret], "invalid_dpop_proof"),
        (&[("client_id", "ci")], "invalid_client"),
        (
            &[("client_id", "ci"), ("client_secret", "wrong")],
            "invalid_client",
        ),
        (&[("client_id", "bot")], "invalid_client"),
        (&[("client_id", "bot"), secret], "invalid_client"),
        (&[("client_id", "nobody"), secret], "invalid_client"),
        (&[("client_id", "web"), secret], "unauthorized_client"),
        (&[("client_id", &registered)], "unauthorized_client"),
        (
            &[("client_id", "https://a.example/client.json")],
            "unauthorized_client",
        ),
        (
            &[("client_id", "ci"), secret, ("scope", "no:such")],
            "invalid_scope",
        ),
        (
            &[
                ("client_id", "ci"),
                secret,
                ("resource", "https://evil.example/"),
            ],
            "invalid_target",
        ),
        (
            &[
                ("client_id", "ci"),
                secret,
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", "a.b.c"),
            ],
            "invalid_client",
        ),
    ];
    for (form, code) in table {
        let refused = asked(form).map_err(|error| error.code());
        assert_eq!(refused, Err(code), "{form:?}");
    }
}

/// That it is a good one is for the shell to find out.
#[test]
fn an_assertion_has_to_be_checked_first() {
    let form = [
        ("client_id", "bot"),
        ("client_assertion", "a.b.c"),
        ("client_assertion_type", ASSERTION_TYPE),
    ];
    let request = request(&form).unwrap();
    assert!(request.assertion.is_some() && request.own_terms(&public()).is_err());
}

const JAG: (&str, &str) = ("grant_type", JWT_BEARER);

/// The issuer of an assertion is all that is looked at before its keys are.
fn claiming(issuer: &str) -> String {
    let claims = encoding::encode(json!({ "iss": issuer }).to_string());
    let header = encoding::encode(r#"{"alg":"ES256"}"#);
    format!("{header}.{claims}.c2lnbmF0dXJl")
}

/// Checklist AS-21.
#[test]
fn only_a_client_that_proves_itself_and_may_is_vouched_to_by_a_trusted_issuer() {
    let (good, evil) = (
        claiming("https://acme.idp.example"),
        claiming("https://evil.example"),
    );
    let (secret, assertion) = (("client_secret", SECRET), ("assertion", good.as_str()));
    let form = [JAG, ("client_id", "desk"), secret, assertion];
    let known = request(&form).unwrap();
    assert!(!format!("{known:?}").contains("c2lnbmF0dXJl"));
    assert_eq!(known.is_proved(), Ok(()));
    assert_eq!(known.vouched.unwrap().issuer, "https://acme.idp.example");
    assert!(
        request(&[JAG, form[1], assertion])
            .unwrap()
            .is_proved()
            .is_err()
    );
    let table: [(&[(&str, &str)], &str); 5] = [
        (&[JAG, ("client_id", "desk"), secret], "invalid_request"),
        (
            &[JAG, ("client_id", "desk"), secret, ("assertion", &evil)],
            "invalid_grant",
        ),
        (
            &[JAG, ("client_id", "desk"), secret, ("assertion", "x")],
            "invalid_grant",
        ),
        (
            &[JAG, ("client_id", "ci"), secret, assertion],
            "unauthorized_client",
        ),
        (
            &[
                JAG,
                ("client_id", "https://a.example/client.json"),
                assertion,
            ],
            "unauthorized_client",
        ),
    ];
    for (form, code) in table {
        let refused = request(form).map_err(|error| error.code());
        assert_eq!(refused.map(|_| ()), Err(code), "{form:?}");
    }
}

/// Checklist AS-21: "user keyed by iss and sub".
#[test]
fn what_is_granted_is_for_the_user_and_no_wider_than_anybody_allows() {
    let good = claiming("https://acme.idp.example");
    let ask = |more: &[(&str, &str)], scope: Option<&str>, subject: &str| {
        let mut form = vec![JAG, ("client_id", "desk"), ("client_secret", SECRET)];
        form.push(("assertion", &good));
        form.extend(more);
        let vouched = Vouched {
            subject: subject.into(),
            resource: public().resource(),
            scope: scope.map(str::to_owned),
            proof: Proof {
                name: "name".into(),
                until: Timestamp::MAX,
            },
        };
        request(&form)?.vouched_terms("acme", &vouched)
    };
    let terms = ask(&[], Some("mcp"), "ada").unwrap();
    let identity = &terms.identity;
    assert_eq!(
        (identity.issuer.as_str(), identity.subject.as_str()),
        ("https://acme.idp.example", "ada")
    );
    assert_eq!(
        ask(&[("scope", "mcp")], None, "ada").unwrap().scopes,
        terms.scopes
    );
    let code = |refused: Result<Terms, TokenError>| refused.map_err(|error| error.code());
    // What neither the client nor we know of is nobody's to give.
    for narrow in ["", "no:such", "mcp admin:users"] {
        let terms = ask(&[], Some(narrow), "ada").unwrap();
        assert_eq!(terms.scopes.to_string(), "mcp", "{narrow}");
    }
    let wider = [("scope", "admin:users")];
    assert_eq!(code(ask(&wider, Some("mcp"), "ada")), Err("invalid_scope"));
    assert_eq!(code(ask(&[], None, " ")), Err("invalid_grant"));
    let elsewhere = [("resource", "https://evil.example/mcp")];
    assert_eq!(code(ask(&elsewhere, None, "ada")), Err("invalid_target"));
}
