use super::*;

const LOCAL: &str = "http://127.0.0.1:8787";
const PUBLIC: &str = "https://mcp.example.com";

fn rules(origin: &str) -> DocumentRules {
    DocumentRules::new(PublicOrigin::parse(origin).unwrap())
}

fn read(text: &str, origin: &str) -> Result<DocumentUrl, BadDocumentUrl> {
    DocumentUrl::read(text, &rules(origin))
}

/// CIMD section 3.
/// Checklist AS-14.
#[test]
fn a_document_is_named_by_its_url_character_for_character() {
    let table = [
        (
            "https://claude.ai/oauth/mcp-oauth-client-metadata",
            "claude.ai",
        ),
        (
            "https://vscode.dev/oauth/client-metadata.json",
            "vscode.dev",
        ),
        ("https://app.example:8443/client.json", "app.example:8443"),
        ("https://app.example/client?v=2", "app.example"),
        ("https://app.example/a..b/.well-known/c", "app.example"),
        ("https://app.example//", "app.example"),
        (
            "https://xn--bcher-kva.example/client",
            "xn--bcher-kva.example",
        ),
        (
            "https://localhost.app.example/client",
            "localhost.app.example",
        ),
        ("https://mylocal.example.net/client", "mylocal.example.net"),
        // Another host than ours, even though ours is its end.
        ("https://app.mcp.example.com/client", "app.mcp.example.com"),
    ];
    for (text, host) in table {
        let url = read(text, PUBLIC).unwrap_or_else(|bad| panic!("{text}: {bad}"));
        assert_eq!((url.as_str(), url.shown_host()), (text, host));
    }
}

/// CIMD section 3.
/// Checklist AS-14.
#[test]
fn a_url_of_another_shape_is_refused_before_anything_is_fetched() {
    use BadDocumentUrl::{Form, Parts, Path, Scheme, TooLong};
    let long = format!("https://app.example/{}", "a".repeat(DOCUMENT_URL_BYTES_MAX));
    let table = [
        ("http://app.example/client", Scheme),
        ("ftp://app.example/client", Scheme),
        ("javascript:alert(1)", Scheme),
        ("data:application/json,{}", Scheme),
        ("file:///etc/passwd", Scheme),
        ("https:", Form),
        ("https://", Form),
        (":", Form),
        ("https://app.example", Path),
        ("https://app.example/", Path),
        ("https://app.example?client", Form),
        ("https://app.example/?client", Path),
        ("https://app.example/client#", Parts),
        ("https://app.example/client#part", Parts),
        ("https://user@app.example/client", Parts),
        ("https://user:secret@app.example/client", Parts),
        ("https://:secret@app.example/client", Parts),
        ("https://@app.example/client", Form),
        ("https://app.example/a/../client", Form),
        ("https://app.example/./client", Form),
        ("https://app.example/client/..", Form),
        ("https://app.example/a/%2e%2E/client", Form),
        ("https://app.example/a/.%2e/client", Form),
        ("https://app.example/%2e/client", Form),
        ("https://app.example:443/client", Form),
        ("https://app.example:/client", Form),
        ("https://App.example/client", Form),
        ("HTTPS://app.example/client", Form),
        ("https:app.example/client", Form),
        ("https:///app.example/client", Form),
        ("https:\\\\app.example\\client", Form),
        ("https://app.example\\client", Form),
        (" https://app.example/client", Form),
        ("https://app.example/cli\nent", Form),
        ("https://app.example/cli ent", Form),
        ("https://bücher.example/client", Form),
        ("https://app.example/bücher", Form),
        ("https://ap%70.example/client", Form),
        ("https://app.example:99999/client", Form),
        (&long, TooLong),
    ];
    for (text, want) in table {
        assert_eq!(read(text, PUBLIC), Err(want), "{text:?}");
    }
}

/// CIMD section 6.5; RFC 6890.
/// Checklist SEC-06, AS-14.
#[test]
fn a_host_that_is_not_of_the_public_internet_is_not_asked() {
    let hosts = [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "224.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "8.8.8.8",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[::ffff:7f00:1]",
        "[::7f00:1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2606:4700::1111]",
        "localhost",
        "app.localhost",
        "printer.local",
        "metadata.google.internal",
        "instance-data.ec2.internal",
        "router.home.arpa",
        "nas.lan",
        "wiki.corp",
        "app.test",
        "local",
        "intranet",
        "app",
        "mcp.example.com.",
        "app.example.",
        "mcp.example.com",
    ];
    for host in hosts {
        let text = format!("https://{host}/client");
        assert_eq!(read(&text, PUBLIC), Err(BadDocumentUrl::Host), "{text}");
    }
    // Other spellings of addresses are changed by the parser, or refused by it.
    for host in [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "017700000001",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "[0:0:0:0:0:0:0:1]",
        "[::1%25eth0]",
        "１２７.0.0.1",
        "256.256.256.256",
        "LOCALHOST",
        "loc%61lhost",
    ] {
        let text = format!("https://{host}/client");
        assert_eq!(read(&text, PUBLIC), Err(BadDocumentUrl::Form), "{text}");
    }
}

/// CIMD section 6.5 excepts loopback for a server that is on it, too.
/// Checklist SEC-06.
#[test]
fn documents_of_this_computer_are_read_where_that_is_allowed_and_nowhere_else() {
    let local = || rules(LOCAL).with_loopback().unwrap();
    for text in [
        "http://127.0.0.1:4000/client",
        "http://localhost:4000/client",
        "https://[::1]/client",
        "https://app.localhost/client",
    ] {
        assert!(DocumentUrl::read(text, &local()).is_ok(), "{text}");
        assert!(read(text, LOCAL).is_err(), "{text}");
        assert!(read(text, PUBLIC).is_err(), "{text}");
    }
    for origin in [PUBLIC, "https://localhost", "https://127.0.0.1"] {
        assert_eq!(rules(origin).with_loopback(), Err(NotOnLoopback));
    }
    let table = [
        ("http://127.0.0.1:8787/client", BadDocumentUrl::Host),
        ("http://localhost:8787/client", BadDocumentUrl::Host),
        ("http://[::1]:8787/client", BadDocumentUrl::Host),
        ("http://192.168.1.1/client", BadDocumentUrl::Scheme),
        ("https://192.168.1.1/client", BadDocumentUrl::Host),
        ("https://printer.local/client", BadDocumentUrl::Host),
        ("http://app.example/client", BadDocumentUrl::Scheme),
        ("http://localhost:4000/", BadDocumentUrl::Path),
        ("http://u@localhost:4000/client", BadDocumentUrl::Parts),
    ];
    for (text, want) in table {
        assert_eq!(DocumentUrl::read(text, &local()), Err(want), "{text}");
    }
    assert!(DocumentUrl::read("https://claude.ai/client", &local()).is_ok());
}
