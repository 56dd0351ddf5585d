//! OAuth clients, of three kinds: nothing is stored of any, nothing piles up,
//! and the next request may arrive anywhere.
//!
//! The id of a client that registered is its registration, sealed. The
//! operator gives some clients an id in the configuration. The id of any other is
//! the URL of a document about it, which the shell fetches; its rules are those of draft-ietf-oauth-client-id-metadata-document-00, which
//! MCP 2026-07-28 names, and "CIMD" in comments.

mod assertion;
mod configured;
mod document;
mod document_url;
mod kept;
mod life;
mod metadata;
mod registration;
mod turns;

pub use assertion::{
    ASSERTION_CHARS_MAX, ASSERTION_LIFE_MAX, ASSERTION_TYPE, AssertionRefusal, Proof,
    claimed_client,
};
pub use configured::{BadClients, CONFIGURED_CLIENTS_MAX, Configured};
pub use document::{BadDocument, DOCUMENT_BYTES_MAX, DOCUMENT_TIME_MAX, Served};
pub use document_url::{
    BadDocumentUrl, DOCUMENT_URL_BYTES_MAX, DocumentRules, DocumentUrl, NotOnLoopback,
};
pub use kept::{DOCUMENTS_KEPT_MAX, Kept};
pub use life::{CacheFields, KEPT_MAX, KEPT_MIN, KEPT_UNSAID, kept_for};
pub use metadata::{CLIENT_NAME_CHARS_MAX, CLIENT_URI_BYTES_MAX, REDIRECT_URIS_MAX};
pub use registration::{BadRegistration, CLIENT_BYTES_MAX, REGISTRATION_BYTES_MAX, Registered};
pub use turns::{AT_ONCE_MAX, AT_ONCE_OF_HOST_MAX, Fetching, PATIENCE_MAX, Turn, Turns};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::origin::PublicOrigin;
use crate::public_keys::PublicKeys;
use crate::redirect::{RedirectRules, RedirectUri};
use crate::seal::{Nonce, Seal};
use crate::secret::{RootSecret, SecretHash};

/// What we know of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// What it calls itself.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The page it calls its own; nobody checked that.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Whether it wants no token that is not bound to a key
    /// (`dpop_bound_access_tokens`, RFC 9449 section 5.2).
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub dpop_bound: bool,
    /// Where answers may go, as registered.
    #[serde(rename = "r")]
    pub redirect_uris: Vec<String>,
    /// Host and port of the document that says all this; `None` where the
    /// client itself did, to us.
    #[serde(skip)]
    pub published_by: Option<String>,
    /// What it proves itself with; without, it is a public client (RFC 6749
    /// section 2.1).
    #[serde(skip)]
    pub keys: Option<ClientKeys>,
    /// The same with a secret, of a client of the configuration.
    #[serde(skip)]
    pub secret: Option<SecretHash>,
}

impl Client {
    /// Whether it proves itself each time.
    pub fn is_confidential(&self) -> bool {
        self.keys.is_some() || self.secret.is_some()
    }
}

/// Where a client's keys are (RFC 7591 section 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientKeys {
    /// `jwks`: in its document.
    Here(PublicKeys),
    /// `jwks_uri`: in a document of their own.
    At(DocumentUrl),
}

/// What the id of a registered client is made of.
#[derive(Serialize, Deserialize)]
struct Sealed {
    #[serde(flatten)]
    client: Client,
    /// When it registered, in seconds since 1970.
    #[serde(rename = "t")]
    registered: i64,
}

/// A client, as its id names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// It registered here.
    Registered(Client),
    /// The configuration says what it is.
    Configured(Configured),
    /// A document says what it is.
    Document(DocumentUrl),
}

/// Why an id names no client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unnamed {
    /// We did not make it, and it is no URL.
    #[error("the client is not registered here")]
    Unknown,
    /// It is a URL, and not one of a document that we read.
    #[error(transparent)]
    Url(#[from] BadDocumentUrl),
}

/// Makes and reads client ids.
#[derive(Debug, Clone)]
pub struct Clients {
    seal: Seal,
    rules: RedirectRules,
    documents: DocumentRules,
    configured: Vec<Configured>,
}

impl Clients {
    /// Client ids of this deployment.
    pub fn new(root: &RootSecret, rules: RedirectRules, documents: DocumentRules) -> Self {
        Self {
            seal: Seal::new(root, "client"),
            rules,
            documents,
            configured: Vec::new(),
        }
    }

    /// And those that the operator knows.
    pub fn with_configured(mut self, text: &str) -> Result<Self, BadClients> {
        self.configured = configured::read(text, &self.rules, &self.documents)?;
        Ok(self)
    }

    /// Those that the operator knows, in the order of the configuration.
    pub fn configured(&self) -> &[Configured] {
        &self.configured
    }

    /// Whether some may log in by themselves.
    pub fn may_log_in(&self) -> bool {
        self.configured.iter().any(|client| client.by_itself)
    }

    /// Whether some may swap users' tokens.
    pub fn may_exchange(&self) -> bool {
        self.configured.iter().any(|client| client.exchanges)
    }

    /// Whether some have a secret.
    pub fn have_secrets(&self) -> bool {
        let mut configured = self.configured.iter();
        configured.any(|client| client.client.secret.is_some())
    }

    /// Registers a client (RFC 7591): reads its metadata, and answers with
    /// what it got.
    pub fn register(
        &self,
        body: &[u8],
        now: Timestamp,
        nonce: Nonce,
    ) -> Result<Registered, BadRegistration> {
        let (client, kind) = registration::register(body, &self.rules)?;
        let registered = now.as_second();
        let sealed = Sealed { client, registered };
        let id = self.seal.seal(&sealed, nonce);
        Ok(Registered::new(id, registered, sealed.client, kind))
    }

    /// What an id names. The ids we make are long base64url and no URLs (CIMD
    /// section 6.9), so that no kind is taken for another.
    pub fn named(&self, id: &str) -> Result<Named, Unnamed> {
        if DocumentUrl::is_meant(id) {
            return Ok(Named::Document(DocumentUrl::read(id, &self.documents)?));
        }
        let configured = self.configured.iter().find(|client| client.id == id);
        if let Some(client) = configured {
            return Ok(Named::Configured(client.clone()));
        }
        let sealed: Option<Sealed> = self.seal.open(id);
        let sealed = sealed.ok_or(Unnamed::Unknown)?;
        Ok(Named::Registered(sealed.client))
    }

    /// The client of a document, as it was served.
    pub fn read_document(&self, url: &DocumentUrl, served: &Served) -> Result<Client, BadDocument> {
        document::read(url, served, &self.rules, &self.documents)
    }

    /// The keys of a client, as they were served.
    pub fn read_keys(&self, served: &Served) -> Result<PublicKeys, BadDocument> {
        document::read_keys(served)
    }

    /// Checks what a client proves itself with (RFC 7523
    /// section 3). It has to be used once: who asks sees to that.
    pub fn check_assertion(
        &self,
        assertion: &str,
        client_id: &str,
        keys: &PublicKeys,
        public: &PublicOrigin,
        now: Timestamp,
    ) -> Result<Proof, AssertionRefusal> {
        let expected = assertion::Expected { client_id, public };
        assertion::check(assertion, keys, &expected, now)
    }

    /// The redirect URI of a request, if the client registered it.
    /// OAuth 2.1 section 4.1.1: it may be left out if there is but one.
    pub fn redirect(&self, client: &Client, asked: Option<&str>) -> Option<RedirectUri> {
        let registered: Vec<RedirectUri> = client
            .redirect_uris
            .iter()
            .filter_map(|uri| self.rules.read(uri))
            .collect();
        match (asked, registered.as_slice()) {
            (Some(asked), registered) => {
                let asked = self.rules.read(asked)?;
                registered
                    .iter()
                    .any(|uri| uri.covers(&asked))
                    .then_some(asked)
            }
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
    }

    /// Whether every answer to this client stays on the person's computer.
    pub fn is_local(&self, client: &Client) -> bool {
        client
            .redirect_uris
            .iter()
            .all(|uri| self.rules.read(uri).is_some_and(|uri| uri.is_local()))
    }
}
