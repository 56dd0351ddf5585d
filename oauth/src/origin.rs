//! Where we are reached: the public origin, its aliases on loopback, and the
//! origins whose scripts may talk to us.

use url::{Host, Url};

/// Path of the MCP endpoint: with the origin, the resource's identifier.
pub const MCP_PATH: &str = "/mcp";
/// Path of the same resource over the transport of 2024-11-05.
pub const HTTP_SSE_PATH: &str = "/sse";
/// Most origins in the configured list.
pub const ALLOWED_ORIGINS_MAX: usize = 64;

/// Scheme, host and port people reach us by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicOrigin {
    text: String,
    port: u16,
    loopback: bool,
    /// The same and its aliases on loopback.
    names: Vec<String>,
}

/// Why a text cannot be the public origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    /// It is not a URL, or has more than an origin.
    #[error("is not an origin such as https://mcp.example.com (no path, no trailing slash)")]
    Shape,
    /// It is http without being loopback: OAuth needs TLS.
    #[error("must be https unless it is a loopback address")]
    Insecure,
}

impl PublicOrigin {
    /// Reads the configured origin.
    pub fn parse(text: &str) -> Result<Self, BadOrigin> {
        let url = Url::parse(text).map_err(|_| BadOrigin::Shape)?;
        let port = url.port_or_known_default().ok_or(BadOrigin::Shape)?;
        // Byte-identical, so that issuer, audience and links never differ.
        if url.origin().ascii_serialization() != text {
            return Err(BadOrigin::Shape);
        }
        let loopback = match (url.scheme(), is_loopback(&url)) {
            ("https", _) => false,
            ("http", true) => true,
            ("http", false) => return Err(BadOrigin::Insecure),
            _ => return Err(BadOrigin::Shape),
        };
        Ok(Self {
            text: text.to_owned(),
            port,
            loopback,
            names: names(text, port, loopback),
        })
    }

    /// The origin as text: the issuer of everything we sign.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether only this machine reaches us: then, and only then, the
    /// development login may exist.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The port in the origin, or its scheme's own.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// An absolute URL of ours.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The origin a request with this `Host` was sent to; `None` for a host
    /// that is not ours (DNS rebinding).
    pub fn reached_as(&self, host: &str) -> Option<String> {
        // Nearly everybody says it in its one normal form.
        let host_of = |name: &&String| name.split_once("://").map(|(_, host)| host) == Some(host);
        if let Some(name) = self.names.iter().find(host_of) {
            return Some(name.clone());
        }
        let scheme = if self.loopback { "http" } else { "https" };
        let origin = parse_origin(&format!("{scheme}://{host}"))?;
        self.is_ours(&origin).then_some(origin)
    }

    /// Whether an origin is ours under any name.
    pub fn is_ours(&self, origin: &str) -> bool {
        self.names.iter().any(|name| name == origin)
    }

    /// The resource identifiers we answer to, the canonical one first.
    pub fn resources(&self) -> Vec<String> {
        self.names
            .iter()
            .map(|origin| resource_at(origin))
            .collect()
    }

    /// The canonical resource identifier (RFC 8707).
    pub fn resource(&self) -> String {
        resource_at(&self.text)
    }

    /// The resource a client means; `None` if it is not ours. Upper case in
    /// scheme and host is forgiven (checklist RS-10), and so is a client that
    /// names the bare origin, or the path it knows: there is one resource on it.
    pub fn resource_named(&self, text: &str) -> Option<String> {
        if text.contains('#') {
            return None; // RFC 8707 section 2: no fragment.
        }
        let url = Url::parse(text).ok()?;
        let origin = url.origin().ascii_serialization();
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        let path = url.path();
        let ours = plain && self.is_ours(&origin) && ["/", MCP_PATH, HTTP_SSE_PATH].contains(&path);
        ours.then(|| resource_at(&origin))
    }
}

fn names(text: &str, port: u16, loopback: bool) -> Vec<String> {
    let mut names = vec![text.to_owned()];
    if loopback {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let name = parse_origin(&format!("http://{host}:{port}"));
            names.extend(name.filter(|name| name != text));
        }
    }
    names
}

/// The identifier of the MCP endpoint at an origin.
pub fn resource_at(origin: &str) -> String {
    format!("{origin}{MCP_PATH}")
}

/// A bare origin in its one normal form; `None` if there is more to the text.
fn parse_origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && !text.ends_with('/');
    let origin = url.origin().ascii_serialization();
    (bare && origin != "null").then_some(origin)
}

/// Whether a URL's host is this machine. The whole of 127.0.0.0/8 is loopback
/// (RFC 1122 section 3.2.1.3); names below `localhost` are, too (RFC 6761).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The origins whose pages may use the MCP endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// Any page: for a public server, where the token is all that protects.
    Any,
    /// Our own origins, loopback ones if we are on loopback, and these.
    Listed(Vec<String>),
}

impl AllowedOrigins {
    /// Reads the configured list: origins with commas between them, or `*`.
    pub fn parse(text: &str) -> Result<Self, BadOrigin> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let mut listed = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            listed.push(parse_origin(part).ok_or(BadOrigin::Shape)?);
        }
        if listed.len() > ALLOWED_ORIGINS_MAX {
            return Err(BadOrigin::Shape);
        }
        Ok(Self::Listed(listed))
    }

    /// Whether a request with this `Origin` may pass (checklist G-01).
    pub fn allow(&self, public: &PublicOrigin, origin: &str) -> bool {
        let Some(origin) = parse_origin(origin) else {
            return matches!(self, Self::Any);
        };
        let listed = match self {
            Self::Any => true,
            Self::Listed(listed) => listed.contains(&origin),
        };
        let local = || Url::parse(&origin).is_ok_and(|url| is_loopback(&url));
        listed || public.is_ours(&origin) || (public.is_loopback() && local())
    }
}

#[cfg(test)]
#[path = "origin_tests.rs"]
mod tests;
