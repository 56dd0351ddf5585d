//! Where answers may be sent, and who may talk to us.

use oauth::client::{DOCUMENT_URL_BYTES_MAX, DocumentRules, DocumentUrl};
use oauth::origin::{AllowedOrigins, PublicOrigin};
use oauth::redirect::{REDIRECT_BYTES_MAX, RedirectRules};
use url::Url;

use crate::fields::fields;

/// Origins that we are reached by.
const PUBLIC: [&str; 2] = ["https://mcp.example.com", "http://localhost:8787"];

/// The input is the list of schemes, a redirect URI, another one, and an origin
/// or host.
///
/// A URI that is taken is kept character for character, holds neither
/// credentials nor a fragment, and has the host that a plain reader of the text
/// sees; it covers itself, and another only with the same host and path; an
/// origin is ours or listed only if it is one of ours or of the list. A URL of a
/// client's document is one that no parser changes, at a name of the Internet.
pub fn redirect(data: &[u8]) {
    let Some([schemes, uri, other, origin]) = fields(data) else {
        return;
    };
    document(uri);
    for public in PUBLIC {
        origins(&PublicOrigin::parse(public).unwrap(), origin);
    }
    if let Ok(public) = PublicOrigin::parse(origin) {
        assert_eq!(public.as_str(), origin);
        assert!(public.is_loopback() || origin.starts_with("https://"));
        let host = origin.split_once("//").unwrap().1;
        assert_eq!(public.reached_as(host).as_deref(), Some(origin));
        assert_eq!(
            public.resource_named(&public.resource()),
            Some(public.resource())
        );
    }
    let Ok(rules) = RedirectRules::parse(schemes) else {
        return;
    };
    let Some(taken) = rules.read(uri) else { return };
    assert_eq!(taken.as_str(), uri);
    assert!(uri.len() <= REDIRECT_BYTES_MAX && !uri.contains('#') && uri.is_ascii());
    assert!(taken.covers(&taken));
    let url = Url::parse(uri).unwrap();
    assert!(url.username().is_empty() && url.password().is_none());
    if matches!(url.scheme(), "http" | "https") {
        assert_eq!(authority(uri), seen_by_parser(&url), "{uri}");
        assert_eq!(taken.is_local(), url.scheme() == "http");
    } else {
        let listed = schemes
            .split(',')
            .any(|scheme| scheme.trim() == url.scheme());
        assert!(listed || url.scheme() == "cursor", "{uri}");
    }
    if let Some(asked) = rules.read(other)
        && taken.covers(&asked)
        && uri != other
    {
        let [mut one, mut two] = [url, Url::parse(other).unwrap()];
        assert!(one.scheme() == "http" && two.scheme() == "http");
        let _ = (one.set_port(None), two.set_port(None));
        assert_eq!(one, two, "only the port is free");
        assert!(asked.covers(&taken));
    }
}

/// Scheme and authority of the text, by RFC 3986 alone; the scheme's own port
/// may be written.
fn authority(text: &str) -> Option<(String, String)> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let own_port = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(own_port).unwrap_or(&authority);
    Some((scheme, authority.to_owned()))
}

fn seen_by_parser(url: &Url) -> Option<(String, String)> {
    let host = url.host_str()?;
    let authority = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Some((url.scheme().to_owned(), authority))
}

fn document(text: &str) {
    let rules = DocumentRules::new(PublicOrigin::parse(PUBLIC[0]).unwrap());
    let Ok(taken) = DocumentUrl::read(text, &rules) else {
        return;
    };
    assert_eq!(taken.as_str(), text);
    assert!(text.len() <= DOCUMENT_URL_BYTES_MAX && text.starts_with("https://"));
    let url = Url::parse(text).unwrap();
    assert_eq!(url.as_str(), text);
    assert_eq!(authority(text), seen_by_parser(&url));
    assert_eq!(
        url.port_or_known_default().is_some(),
        url.domain().is_some()
    );
    let host = url.domain().expect("no address");
    assert!(host.contains('.') && !host.ends_with('.') && host != "mcp.example.com");
    assert!(!["localhost", "local", "internal"].contains(&host.rsplit('.').next().unwrap()));
    assert!(!text.contains(['#', '@', '\\', ' ']) && url.path() != "/");
}

fn origins(public: &PublicOrigin, text: &str) {
    if let Some(reached) = public.reached_as(text) {
        assert!(public.is_ours(&reached));
    }
    if let Some(resource) = public.resource_named(text) {
        assert!(public.resources().contains(&resource));
    }
    let listed = AllowedOrigins::parse("https://listed.example").unwrap();
    if listed.allow(public, text) {
        let origin = Url::parse(text).unwrap().origin().ascii_serialization();
        let local = ["http://", "https://"].into_iter().any(|scheme| {
            let host = origin.strip_prefix(scheme).unwrap_or_default();
            let host = host
                .rsplit_once(':')
                .filter(|_| !host.ends_with(']'))
                .map_or(host, |(host, _)| host);
            host == "localhost"
                || host.ends_with(".localhost")
                || host.starts_with("127.")
                || host == "[::1]"
        });
        let ours = public.is_ours(&origin) || origin == "https://listed.example";
        assert!(ours || (public.is_loopback() && local), "{text}");
    }
    if let Ok(AllowedOrigins::Listed(origins)) = AllowedOrigins::parse(text) {
        let list = AllowedOrigins::Listed(origins.clone());
        for origin in origins {
            assert!(list.allow(public, &origin));
        }
    }
}
