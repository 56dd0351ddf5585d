use super::*;

fn local() -> PublicOrigin {
    PublicOrigin::parse("http://127.0.0.1:8787").unwrap()
}

fn deployed() -> PublicOrigin {
    PublicOrigin::parse("https://mcp.example.com").unwrap()
}

#[test]
fn several_providers_are_read_with_their_defaults() {
    let text = r#"[{"kind":"dev"},{"kind":"github","client_id":"a"},
        {"kind":"google","client_id":"b"},
        {"kind":"oidc","id":"acme","name":"Acme ID","issuer":"http://localhost:9/o/","client_id":"c"}]"#;
    let providers = read(text, &local()).unwrap();
    let ids: Vec<&str> = providers
        .iter()
        .map(|provider| provider.id.as_str())
        .collect();
    assert_eq!(ids, ["dev", "github", "google", "acme"]);
    let ProviderKind::GitHub { url, api_url, .. } = &providers[1].kind else {
        panic!()
    };
    assert_eq!(
        (url.as_str(), api_url.as_str()),
        ("https://github.com", "https://api.github.com")
    );
    let ProviderKind::OpenId { issuer, google, .. } = &providers[2].kind else {
        panic!()
    };
    assert_eq!(
        (issuer.as_str(), *google),
        ("https://accounts.google.com", true)
    );
    let ProviderKind::OpenId { issuer, .. } = &providers[3].kind else {
        panic!()
    };
    assert_eq!(issuer, "http://localhost:9/o/");
    assert_eq!(providers[3].secret_name(), "ACME_CLIENT_SECRET");
    assert_eq!(providers[3].label, "Acme ID");
}

/// Promise 9.
#[test]
fn the_development_login_is_refused_on_a_deployment() {
    let error = read(r#"[{"kind":"dev"}]"#, &deployed()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("only where PUBLIC_ORIGIN is loopback"),
        "{error}"
    );
    let renamed = r#"[{"kind":"github","client_id":"a"},{"kind":"dev","id":"safe"}]"#;
    assert!(read(renamed, &deployed()).is_err());
}

#[test]
fn a_list_that_cannot_be_used_is_refused_with_its_reason() {
    let table = [
        ("", "not a JSON list"),
        ("{}", "not a JSON list"),
        ("[]", "needs 1 to 8"),
        ("[7]", "number 1: is no object"),
        (r#"[{"kind":"saml"}]"#, "none of dev"),
        (r#"[{"kind":"github"}]"#, "client_id is missing"),
        (
            r#"[{"kind":"github","client_id":"a","secret":"b"}]"#,
            "unknown field",
        ),
        (r#"[{"kind":"oidc","client_id":"a"}]"#, "issuer is missing"),
        (
            r#"[{"kind":"dev","keep_tokens":true}]"#,
            "has no tokens to keep",
        ),
        (
            r#"[{"kind":"github","client_id":"a","recheck_minutes":5}]"#,
            "needs keep_tokens",
        ),
        (
            r#"[{"kind":"github","client_id":"a","keep_tokens":true,"recheck_minutes":10081}]"#,
            "from 0 to 10080",
        ),
        (
            r#"[{"kind":"github","client_id":"a","keep_tokens":true,"recheck_minutes":-1}]"#,
            "invalid value",
        ),
        (
            r#"[{"kind":"github","client_id":"a","keep_tokens":true,"id":"a2345678901234567890123456789012"}]"#,
            "too long for the permission",
        ),
        (
            r#"[{"kind":"oidc","client_id":"a","issuer":"http://a.example"}]"#,
            "must be https",
        ),
        (
            r#"[{"kind":"oidc","client_id":"a","issuer":"https://a.example?x"}]"#,
            "without query",
        ),
        (
            r#"[{"kind":"oidc","client_id":"a","issuer":"https://a","scopes":["email"]}]"#,
            "openid",
        ),
        (r#"[{"kind":"dev","id":"Dev"}]"#, "may have a-z"),
        (r#"[{"kind":"dev"},{"kind":"dev"}]"#, "twice"),
    ];
    for (text, want) in table {
        let error = read(text, &local()).unwrap_err().to_string();
        assert!(error.contains(want), "{text}: {error}");
    }
    let insecure = r#"[{"kind":"oidc","client_id":"a","issuer":"http://127.0.0.1:9"}]"#;
    assert!(read(insecure, &local()).is_ok());
    assert!(read(insecure, &deployed()).is_err());
}

#[test]
fn what_a_provider_gives_is_kept_only_if_that_is_said() {
    let with = |more: &str| {
        let text = format!(r#"[{{"kind":"github","client_id":"a"{more}}}]"#);
        read(&text, &deployed()).unwrap().remove(0)
    };
    let every = |minutes| {
        Some(Keeping {
            recheck: Some(SignedDuration::from_mins(minutes)),
        })
    };
    let never = Some(Keeping { recheck: None });
    let table = [
        ("", None),
        (r#","keep_tokens":false"#, None),
        (r#","keep_tokens":true"#, every(60)),
        (r#","keep_tokens":true,"recheck_minutes":5"#, every(5)),
        (r#","keep_tokens":true,"recheck_minutes":0"#, never),
    ];
    for (more, want) in table {
        assert_eq!(with(more).keeping, want, "{more}");
    }
    let scopes = |provider: Provider| {
        let ProviderKind::GitHub { scopes, .. } = provider.kind else {
            panic!("{provider:?}")
        };
        scopes
    };
    assert_eq!(scopes(with("")), Vec::<String>::new());
    assert_eq!(scopes(with(r#","scopes":["repo"]"#)), ["repo"]);
}
