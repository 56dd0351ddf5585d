//! Which client ids are URLs of documents that we fetch (CIMD sections 3 and
//! 6.5; checklist AS-14, SEC-06).
//!
//! All of it is decided by the text alone, before anything is fetched: a Worker
//! cannot ask what address a name has. What the platform adds is told in
//! `docs/clients.md`.

use url::{Host, Url};

use crate::origin::{PublicOrigin, is_loopback};

/// Longest URL of a document, in bytes: as long as a redirect URI may be. It is
/// kept in every grant, and the draft recommends a short one (section 3).
pub const DOCUMENT_URL_BYTES_MAX: usize = 512;

/// Domains that are no place of the public Internet: RFC 6761, RFC 6762, RFC
/// 8375, ICANN's reservation of `internal` (2024), and those that private
/// networks use without being asked (RFC 6762 appendix G).
const PRIVATE: &[&str] = &[
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "test",
    "invalid",
    "onion",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
];

/// Which URLs may be those of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRules {
    public: PublicOrigin,
    loopback: bool,
}

/// Documents of this computer were allowed where others reach us, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is for a loopback origin only")]
pub struct NotOnLoopback;

impl DocumentRules {
    /// Those of a server on the Internet.
    pub fn new(public: PublicOrigin) -> Self {
        Self {
            public,
            loopback: false,
        }
    }

    /// Allows documents of this computer, over http as well: section 6.5 excepts
    /// loopback for a server that is on it, too.
    pub fn with_loopback(self) -> Result<Self, NotOnLoopback> {
        if !self.public.is_loopback() {
            return Err(NotOnLoopback);
        }
        Ok(Self {
            loopback: true,
            ..self
        })
    }
}

/// The URL of a client's document: the client's id, character for character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentUrl {
    text: String,
    host: String,
}

/// Why a URL is not one of a document that we fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDocumentUrl {
    /// It is longer than [`DOCUMENT_URL_BYTES_MAX`].
    #[error("it is longer than 512 bytes")]
    TooLong,
    /// It is no URL, or one that parsers would change: dot segments, a port
    /// that is the scheme's own, capitals in the host, backslashes, and so on.
    #[error("it is not a URL in its normal form")]
    Form,
    /// Another scheme than https.
    #[error("it does not begin with https://")]
    Scheme,
    /// It says who is asking, or has a part that no server sees.
    #[error("it has a user name, a password or a fragment")]
    Parts,
    /// It has no path.
    #[error("it has no path beyond the first slash")]
    Path,
    /// The host is an address, is private by its name, or is ours.
    #[error("its host is not one of the public Internet")]
    Host,
}

impl DocumentUrl {
    /// Whether whoever wrote an id meant a URL.
    pub(super) fn is_meant(id: &str) -> bool {
        id.contains(':')
    }

    /// Reads a client id that is meant as a URL.
    ///
    /// A URL has to be what the parser of the web makes of it: then there is
    /// one spelling of a client's id, and no reader sees another host or path
    /// in it than the one we fetch from.
    ///
    /// A query is taken, as part of the text: the draft only discourages it.
    pub fn read(text: &str, rules: &DocumentRules) -> Result<Self, BadDocumentUrl> {
        if text.len() > DOCUMENT_URL_BYTES_MAX {
            return Err(BadDocumentUrl::TooLong);
        }
        let url = Url::parse(text).map_err(|_| BadDocumentUrl::Form)?;
        let local = rules.loopback && is_loopback(&url);
        if url.scheme() != "https" && !(local && url.scheme() == "http") {
            return Err(BadDocumentUrl::Scheme);
        }
        let named = url.username().is_empty() && url.password().is_none();
        if !named || url.fragment().is_some() {
            return Err(BadDocumentUrl::Parts);
        }
        if url.as_str() != text && url.as_str() != format!("{text}/") {
            return Err(BadDocumentUrl::Form);
        }
        if url.path() == "/" {
            return Err(BadDocumentUrl::Path);
        }
        let ours = rules.public.is_ours(&url.origin().ascii_serialization());
        if ours || !(local || is_public(&url)) {
            return Err(BadDocumentUrl::Host);
        }
        let host = url.host_str().unwrap_or_default();
        Ok(Self {
            text: text.to_owned(),
            host: url
                .port()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
        })
    }

    /// The URL, character for character.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Host and port: what a person is shown.
    pub fn shown_host(&self) -> &str {
        &self.host
    }
}

/// Whether a host may be one of the public Internet, as far as its name says.
///
/// No address is, in any spelling (the parser reads them all): nobody vouches
/// for a client by an address, and so no range can be forgotten.
fn is_public(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let private = PRIVATE.iter().any(|private| {
                let below = name.strip_suffix(private);
                below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
            });
            // A dot at the end would be a second spelling of the same host.
            name.contains('.') && !name.ends_with('.') && !private
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => false,
    }
}

#[cfg(test)]
#[path = "document_url_tests.rs"]
mod tests;
