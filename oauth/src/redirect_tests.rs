use super::*;

fn read(text: &str) -> Option<RedirectUri> {
    RedirectRules::default().read(text)
}

/// OAuth 2.1 section 2.3.1; the advisories of workers-oauth-provider 0.0.9 to
/// 0.0.13 about `javascript:` and control characters.
/// Checklist AS-05, §9 Q12.
#[test]
fn only_https_and_loopback_http_may_be_registered() {
    let allowed = [
        "https://claude.ai/api/mcp/auth_callback",
        "https://vscode.dev/redirect",
        "https://app.example:8443/cb?tenant=1",
        "https://localhost/cb",
        "http://127.0.0.1:33418/callback",
        "http://127.0.0.1",
        "http://localhost:6274/oauth/callback",
        "http://[::1]:9000/cb",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ];
    for text in allowed {
        assert_eq!(
            read(text).map(|uri| uri.as_str().to_owned()).as_deref(),
            Some(text)
        );
    }
    let long = format!("https://a.example/{}", "a".repeat(REDIRECT_BYTES_MAX));
    let refused = [
        "",
        "/callback",
        "http://app.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.2/cb",
        "http://localhost.evil.example/cb",
        "http:\\\\localhost/cb",
        "https://app.example\\@evil.example/",
        "https://user@app.example/cb",
        "https://user:pass@app.example/cb",
        "https://@app.example/cb",
        "https://app.example/cb#fragment",
        "https://app.example/cb#",
        "https://",
        "https:app.example/cb",
        "https:/app.example/cb",
        "https:///app.example/cb",
        "https:app.example//app.example",
        "https://ev%69l.example/cb",
        "https://0x7f.1/cb",
        "http://0x7f.1/cb",
        "https://app.example:/cb",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "\u{1}javascript:alert(1)",
        " https://app.example/cb",
        "https://app.example/\r\nset-cookie: a=b",
        "https://bücher.example/cb",
        "data:text/html,x",
        "file:///etc/passwd",
        "vscode://host/cb",
        "cursor://anysphere.cursor-mcp/oauth/callback/more",
        "cursor://evil/oauth/callback",
        &long,
    ];
    for text in refused {
        assert_eq!(read(text), None, "{text:?}");
    }
}

/// Checklist AS-05; RFC 8252 section 7.3: only the port is free.
#[test]
fn a_redirect_uri_is_compared_as_text_except_for_a_loopback_port() {
    let table = [
        ("https://a.example/cb", "https://a.example/cb", true),
        ("https://a.example/cb", "https://a.example/cb/", false),
        ("https://a.example/cb", "https://a.example/cb?x=1", false),
        ("https://a.example/cb", "https://A.example/cb", false),
        ("https://a.example/cb", "https://a.example:444/cb", false),
        ("https://a.example/cb", "https://a.example/../cb", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb", true),
        ("http://127.0.0.1/cb", "http://127.0.0.1:2/cb", true),
        ("http://localhost:1/cb", "http://localhost:2/cb", true),
        ("http://[::1]:1/cb", "http://[::1]:2/cb", true),
        ("http://127.0.0.1:1/cb", "http://localhost:1/cb", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:1/other", false),
        ("http://127.0.0.1:1/cb", "http://127.0.0.1:1/cb?x", false),
        ("http://127.0.0.1:1/cb", "https://127.0.0.1:1/cb", false),
    ];
    for (registered, asked, want) in table {
        let got = read(registered).unwrap().covers(&read(asked).unwrap());
        assert_eq!(got, want, "{registered} for {asked}");
    }
}

/// Checklist AS-18.
#[test]
fn a_person_is_shown_where_the_answer_goes() {
    let table = [
        ("https://app.example/cb", "app.example", false),
        ("https://app.example:8443/cb", "app.example:8443", false),
        ("http://127.0.0.1:33418/cb", "127.0.0.1:33418", true),
        ("http://[::1]/cb", "[::1]", true),
        (
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "cursor:",
            true,
        ),
    ];
    for (text, host, local) in table {
        let uri = read(text).unwrap();
        assert_eq!(
            (uri.shown_host().as_str(), uri.is_local()),
            (host, local),
            "{text}"
        );
    }
}

/// Checklist §9 Q12.
#[test]
fn an_operator_may_allow_private_schemes_but_no_dangerous_ones() {
    let rules = RedirectRules::parse("vscode, vscode-insiders").unwrap();
    assert!(
        rules
            .read("vscode://vscode.github-authentication/did-authenticate")
            .is_some()
    );
    assert!(rules.read("zed://callback").is_none());
    for list in [
        "javascript",
        "vscode,data",
        "https",
        "VSCODE",
        "1a",
        "vscode:",
        "a b",
    ] {
        assert_eq!(RedirectRules::parse(list), Err(BadSchemes), "{list}");
    }
    assert_eq!(RedirectRules::parse(" "), Ok(RedirectRules::default()));
}
