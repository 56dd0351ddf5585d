use super::*;

fn scopes(text: &str) -> Scopes {
    Scopes::read(Some(text)).unwrap()
}

/// RFC 6749 section 3.3.
#[test]
fn a_scope_parameter_is_read_or_refused() {
    let mut existing = Existing {
        scopes: scopes("notes:read notes:write"),
        misses_some: false,
    };
    let table = [
        (None, Ok("mcp")),
        (Some(""), Ok("mcp")),
        (Some("mcp"), Ok("mcp")),
        (Some("mcp  mcp offline_access"), Ok("mcp")),
        (Some("offline_access"), Ok("mcp")),
        (Some("notes:read"), Ok("mcp notes:read")),
        (
            Some("notes:write mcp notes:read notes:write"),
            Ok("mcp notes:read notes:write"),
        ),
        (Some("admin"), Err(BadScope::Unknown)),
        (Some("mcp admin"), Err(BadScope::Unknown)),
        (Some("notes:*"), Err(BadScope::Unknown)),
        (Some("Notes:read"), Err(BadScope::Unknown)),
        (Some("mcp\n"), Err(BadScope::Malformed)),
        (Some("\"mcp\""), Err(BadScope::Malformed)),
    ];
    for (text, want) in table {
        let got = existing.asked(text).map(|scopes| scopes.to_string());
        assert_eq!(got, want.map(str::to_owned), "{text:?}");
    }
    existing.misses_some = true;
    assert_eq!(existing.asked(Some("admin")), Err(BadScope::Undecided));
    assert!(existing.asked(Some("notes:read")).is_ok());
    let long = "x".repeat(SCOPE_PARAMETER_CHARS_MAX + 1);
    assert_eq!(Scopes::read(Some(&long)), Err(BadScope::Malformed));
    let many: Vec<String> = (0..=SCOPES_MAX)
        .map(|number| format!("s{number}"))
        .collect();
    assert_eq!(Scopes::read(Some(&many.join(" "))), Err(BadScope::Unknown));
}

#[test]
fn a_name_is_short_and_plain_and_no_pattern() {
    for good in ["notes:read", "a", "0", "urn:x/y.z-1_"] {
        assert_eq!(Scope::parse(good).unwrap().as_str(), good);
    }
    let long = "x".repeat(SCOPE_CHARS_MAX + 1);
    for bad in [
        "",
        "mcp",
        "offline_access",
        ":a",
        "-a",
        "notes:*",
        "*",
        "a b",
        "!a",
        "a\"",
        "a\\",
        "\u{e4}",
        &long,
    ] {
        assert_eq!(Scope::parse(bad), None, "{bad:?}");
    }
}

/// RFC 6749 section 6.
/// Checklist AS-09.
#[test]
fn a_refresh_cannot_widen_the_scope() {
    let granted = scopes("notes:read notes:write");
    let table = [
        (None, Ok("mcp notes:read notes:write")),
        (Some(" "), Ok("mcp notes:read notes:write")),
        (Some("mcp"), Ok("mcp")),
        (Some("notes:write"), Ok("mcp notes:write")),
        (Some("notes:read notes:list"), Err(BadScope::Wider)),
        (Some("notes:*"), Err(BadScope::Unknown)),
    ];
    for (asked, want) in table {
        let got = granted.narrowed(asked).map(|scopes| scopes.to_string());
        assert_eq!(got, want.map(str::to_owned), "{asked:?}");
    }
    assert_eq!(
        Scopes::baseline().narrowed(Some("notes:read")),
        Err(BadScope::Wider)
    );
}

/// Grants and tokens of earlier versions say `mcp`.
#[test]
fn a_set_is_written_with_the_baseline_and_read_back() {
    for text in ["mcp", "mcp notes:read notes:write"] {
        let json = serde_json::to_string(text).unwrap();
        let read: Scopes = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}

#[test]
fn a_set_never_grows_beyond_its_limit() {
    let numbered = |number: usize| Scope::parse(&format!("s{number}")).unwrap();
    let full = Scopes::of((0..SCOPES_MAX * 2).map(numbered));
    assert_eq!(full.beyond_baseline().count(), SCOPES_MAX);
    let more = full.and(numbered(SCOPES_MAX * 3));
    assert_eq!(more.beyond_baseline().count(), SCOPES_MAX);
    assert!(
        more.contains(&numbered(SCOPES_MAX * 3)),
        "the new one is in"
    );
}
