use super::*;

fn local() -> PublicOrigin {
    PublicOrigin::parse("http://127.0.0.1:8787").unwrap()
}

fn deployed() -> PublicOrigin {
    PublicOrigin::parse("https://mcp.example.com").unwrap()
}

/// Checklist AS-11, RS-10.
#[test]
fn a_public_origin_is_an_origin_and_secure_unless_it_is_loopback() {
    let table = [
        ("https://mcp.example.com", None),
        ("https://mcp.example.com:8443", None),
        ("http://127.0.0.1:8787", None),
        ("http://localhost:8787", None),
        ("http://[::1]:8787", None),
        ("http://mcp.example.com", Some(BadOrigin::Insecure)),
        ("http://127.0.0.1.example.com", Some(BadOrigin::Insecure)),
        ("http://192.168.0.1", Some(BadOrigin::Insecure)),
        ("https://mcp.example.com/", Some(BadOrigin::Shape)),
        ("https://mcp.example.com/a", Some(BadOrigin::Shape)),
        ("https://mcp.example.com:443", Some(BadOrigin::Shape)),
        ("https://MCP.example.com", Some(BadOrigin::Shape)),
        ("https://user@mcp.example.com", Some(BadOrigin::Shape)),
        ("ftp://mcp.example.com", Some(BadOrigin::Shape)),
        ("mcp.example.com", Some(BadOrigin::Shape)),
        ("", Some(BadOrigin::Shape)),
    ];
    for (text, want) in table {
        assert_eq!(PublicOrigin::parse(text).err(), want, "{text}");
    }
}

/// Checklist G-01; the conformance suite's `dns-rebinding` scenario.
#[test]
fn a_host_that_is_not_ours_is_refused() {
    let table = [
        ("127.0.0.1:8787", Some("http://127.0.0.1:8787")),
        ("localhost:8787", Some("http://localhost:8787")),
        ("LOCALHOST:8787", Some("http://localhost:8787")),
        ("[::1]:8787", Some("http://[::1]:8787")),
        ("127.0.0.1:8788", None),
        ("localhost", None),
        ("evil.example:8787", None),
        ("localhost:8787@evil.example", None),
        ("localhost.evil.example:8787", None),
        ("127.0.0.1:8787/", None),
        ("", None),
    ];
    for (host, want) in table {
        assert_eq!(local().reached_as(host).as_deref(), want, "{host}");
    }
    assert_eq!(
        deployed().reached_as("mcp.example.com:443").as_deref(),
        Some(deployed().as_str())
    );
    assert_eq!(deployed().reached_as("localhost"), None);
}

/// RFC 8707 section 2; checklist AS-06, RS-10.
#[test]
fn a_resource_that_is_not_ours_is_not_recognised() {
    let table = [
        (
            "http://127.0.0.1:8787/mcp",
            Some("http://127.0.0.1:8787/mcp"),
        ),
        (
            "http://LOCALHOST:8787/mcp",
            Some("http://localhost:8787/mcp"),
        ),
        ("http://localhost:8787/", Some("http://localhost:8787/mcp")),
        (
            "http://localhost:8787/sse",
            Some("http://localhost:8787/mcp"),
        ),
        ("http://localhost:8787", Some("http://localhost:8787/mcp")),
        ("http://localhost:8787/mcp/", None),
        ("http://localhost:8787/MCP", None),
        ("http://localhost:8787/mcp#", None),
        ("http://localhost:8787/mcp?x", None),
        ("http://user@localhost:8787/mcp", None),
        ("https://localhost:8787/mcp", None),
        ("http://evil.example/mcp", None),
        ("mcp", None),
    ];
    for (text, want) in table {
        assert_eq!(local().resource_named(text).as_deref(), want, "{text}");
    }
    assert_eq!(local().resources().len(), 3);
    assert_eq!(deployed().resources(), ["https://mcp.example.com/mcp"]);
}

/// Checklist G-01: an `Origin` that is present and not allowed is refused.
#[test]
fn an_origin_passes_only_if_it_is_ours_or_listed() {
    let listed = AllowedOrigins::parse("https://app.example, https://b.example:8443").unwrap();
    let table = [
        ("https://mcp.example.com", true),
        ("https://app.example", true),
        ("https://b.example:8443", true),
        ("https://b.example", false),
        ("http://app.example", false),
        ("http://localhost:6274", false),
        ("null", false),
        ("https://app.example.evil", false),
        ("", false),
    ];
    for (origin, want) in table {
        assert_eq!(listed.allow(&deployed(), origin), want, "{origin}");
    }
    let none = AllowedOrigins::parse("").unwrap();
    assert!(none.allow(&local(), "http://localhost:6274"));
    assert!(!none.allow(&local(), "http://localhost.evil.example:6274"));
    assert!(!none.allow(&local(), "null"));
    assert!(
        AllowedOrigins::parse("*")
            .unwrap()
            .allow(&deployed(), "https://any.example")
    );
    assert!(AllowedOrigins::parse("app.example").is_err());
}
