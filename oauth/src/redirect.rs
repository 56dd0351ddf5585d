//! Redirect URIs: where an answer may be sent, and nowhere else.
//!
//! OAuth 2.1 section 2.3, RFC 8252 section 7, checklist AS-05.

use url::{Host, Url};

/// Longest redirect URI, in bytes.
pub const REDIRECT_BYTES_MAX: usize = 512;
/// Most schemes an operator may allow in addition.
pub const SCHEMES_MAX: usize = 16;

/// Redirect URIs with a private-use scheme that are allowed as they stand.
/// Cursor registers this one (its documentation, "static redirect URL", 2026);
/// refusing it would refuse its whole registration.
const KNOWN_PRIVATE: &[&str] = &["cursor://anysphere.cursor-mcp/oauth/callback"];

/// Schemes that nobody may allow: they run code, open files, or are handled
/// by rules of their own.
const NEVER: &[&str] = &[
    "http",
    "https",
    "javascript",
    "data",
    "vbscript",
    "file",
    "blob",
    "about",
    "ftp",
    "ws",
    "wss",
    "filesystem",
    "view-source",
    "mailto",
    "tel",
];

/// Which redirect URIs may be registered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RedirectRules {
    schemes: Vec<String>,
}

/// A list of schemes that cannot be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a list of private-use URI schemes such as vscode,zed")]
pub struct BadSchemes;

/// A URI that may be redirected to, exactly as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Web(String),
    /// On the person's own computer: host, and all that follows the port.
    Loopback {
        host: String,
        rest: String,
        port: Option<u16>,
    },
    Private(String),
}

impl RedirectRules {
    /// Reads the list of private-use schemes that are allowed in addition to
    /// https and loopback http (checklist §9 Q12: none by default).
    pub fn parse(text: &str) -> Result<Self, BadSchemes> {
        let mut schemes = Vec::new();
        for scheme in text
            .split(',')
            .map(str::trim)
            .filter(|scheme| !scheme.is_empty())
        {
            let mut bytes = scheme.bytes();
            let first = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase());
            let rest = bytes.all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte)
            });
            if !first || !rest || NEVER.contains(&scheme) || schemes.len() == SCHEMES_MAX {
                return Err(BadSchemes);
            }
            schemes.push(scheme.to_owned());
        }
        Ok(Self { schemes })
    }

    /// Reads a redirect URI; `None` if it must not be one.
    pub fn read(&self, text: &str) -> Option<RedirectUri> {
        // What URL parsers disagree on is refused before anybody parses it:
        // controls, white space, backslashes, anything not ASCII.
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\\\"<>^`{|}".contains(&byte);
        if text.len() > REDIRECT_BYTES_MAX || !text.bytes().all(plain) || text.contains('#') {
            return None;
        }
        let url = Url::parse(text).ok()?;
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return None;
        }
        let place = self.place(text, &url)?;
        Some(RedirectUri {
            text: text.to_owned(),
            place,
        })
    }

    fn place(&self, text: &str, url: &Url) -> Option<Place> {
        match url.scheme() {
            "https" => Some(Place::Web(plain_authority(text, url)?)),
            "http" if is_own_computer(url) && text.starts_with("http://") => {
                plain_authority(text, url)?;
                let rest = text.get("http://".len() + authority(text).len()..)?;
                Some(Place::Loopback {
                    host: url.host_str()?.to_owned(),
                    rest: rest.to_owned(),
                    port: url.port(),
                })
            }
            "http" => None,
            scheme => {
                let allowed = self.schemes.iter().any(|known| known == scheme)
                    || KNOWN_PRIVATE.contains(&text);
                allowed.then(|| Place::Private(format!("{scheme}:")))
            }
        }
    }
}

impl RedirectUri {
    /// The URI, character for character.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port, or the private-use scheme: what a person is shown.
    pub fn shown_host(&self) -> String {
        match &self.place {
            Place::Loopback {
                host,
                port: Some(port),
                ..
            } => format!("{host}:{port}"),
            Place::Web(host) | Place::Loopback { host, .. } => host.clone(),
            Place::Private(scheme) => scheme.clone(),
        }
    }

    /// Whether the answer stays on the person's computer, where any program
    /// could be waiting for it.
    pub fn is_local(&self) -> bool {
        !matches!(self.place, Place::Web(_))
    }

    /// Whether a request may use `asked` where this one was registered: the
    /// same text; on loopback the port is free (RFC 8252 section 7.3).
    pub fn covers(&self, asked: &Self) -> bool {
        match (&self.place, &asked.place) {
            (
                Place::Loopback { host, rest, .. },
                Place::Loopback {
                    host: asked_host,
                    rest: asked_rest,
                    ..
                },
            ) => host == asked_host && rest == asked_rest,
            _ => self.text == asked.text,
        }
    }
}

/// Loopback as RFC 8252 section 7.3 names it, and `localhost`, which most
/// clients use although section 8.3 advises against it.
fn is_own_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.octets() == [127, 0, 0, 1],
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Host and port as the parser found them, if that is what a plain reader of
/// the text sees (RFC 3986 section 3.2). Parsers of the web find hosts in
/// `https:host` and `https:///host` as well, and read `0x7f.1` as an address.
fn plain_authority(text: &str, url: &Url) -> Option<String> {
    let (scheme, _) = text.split_once("://")?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    let found = url
        .port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let own_port = format!("{host}:{}", url.port_or_known_default()?);
    let seen = authority(text).to_ascii_lowercase();
    let plain = scheme.eq_ignore_ascii_case(url.scheme()) && (seen == found || seen == own_port);
    plain.then_some(found)
}

/// The text between `//` and the path.
fn authority(text: &str) -> &str {
    let after = text.split_once("//").map_or("", |(_, after)| after);
    after.split(['/', '?']).next().unwrap_or_default()
}

#[cfg(test)]
#[path = "redirect_tests.rs"]
mod tests;
