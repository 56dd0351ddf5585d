//! OAuth clients. A client's id is its registration, sealed: nothing is
//! stored, nothing piles up, and the next request may arrive anywhere.

mod registration;

pub use registration::{
    BadRegistration, CLIENT_BYTES_MAX, CLIENT_NAME_CHARS_MAX, CLIENT_URI_BYTES_MAX,
    REDIRECT_URIS_MAX, REGISTRATION_BYTES_MAX, Registered,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::redirect::{RedirectRules, RedirectUri};
use crate::seal::{Nonce, Seal};
use crate::secret::RootSecret;

/// What we know of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// What it calls itself.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The page it calls its own; nobody checked that.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Where answers may go, as registered.
    #[serde(rename = "r")]
    pub redirect_uris: Vec<String>,
    /// When it registered, in seconds since 1970.
    #[serde(rename = "t")]
    pub registered: i64,
}

/// Makes and reads client ids.
#[derive(Debug, Clone)]
pub struct Clients {
    seal: Seal,
    rules: RedirectRules,
}

impl Clients {
    /// Client ids of this deployment.
    pub fn new(root: &RootSecret, rules: RedirectRules) -> Self {
        Self {
            seal: Seal::new(root, "client"),
            rules,
        }
    }

    /// Registers a client (RFC 7591): reads its metadata, and answers with
    /// what it got.
    pub fn register(
        &self,
        body: &[u8],
        now: Timestamp,
        nonce: Nonce,
    ) -> Result<Registered, BadRegistration> {
        let (client, kind) = registration::register(body, &self.rules, now)?;
        let id = self.seal.seal(&client, nonce);
        Ok(Registered::new(id, client, kind))
    }

    /// The client behind an id; `None` if we did not make that id.
    pub fn find(&self, id: &str) -> Option<Client> {
        self.seal.open(id)
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
