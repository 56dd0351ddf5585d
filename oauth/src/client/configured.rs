//! Clients that the operator knows: reading the `CLIENTS` variable.
//!
//! They are for programs that log in by themselves, and for apps that an
//! enterprise's provider vouches to. Each proves itself, with a secret or a key.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::basic::{self, SECRET_CHARS_MIN};
use crate::client::document::key_set;
use crate::client::metadata::name;
use crate::client::{Client, ClientKeys, DocumentRules, DocumentUrl, REDIRECT_URIS_MAX};
use crate::public_keys::PublicKeys;
use crate::redirect::RedirectRules;
use crate::role::BOUND_CHARS_MAX;
use crate::scope::Scopes;

/// Most of them in one deployment.
pub const CONFIGURED_CLIENTS_MAX: usize = 100;

/// A client of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Its id.
    pub id: String,
    /// What is known of every client.
    pub client: Client,
    /// Whether it may log in by itself (RFC 6749 section 4.4).
    pub by_itself: bool,
    /// Whether a provider may vouch for users to it (RFC 7523 section 2.1).
    pub vouched: bool,
    /// Whether it may swap users' tokens (RFC 8693).
    pub exchanges: bool,
    /// What it may have in any of these ways.
    pub scopes: Scopes,
}

/// A list that cannot be used; the text says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadClients(&'static str);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    #[serde(default)]
    name: Value,
    grant_types: Vec<GrantType>,
    secret_hash: Option<String>,
    jwks: Option<Map<String, Value>>,
    jwks_uri: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    scope: Option<String>,
    #[serde(default)]
    dpop_bound_access_tokens: bool,
}

#[derive(Deserialize, PartialEq, Eq)]
enum GrantType {
    #[serde(rename = "authorization_code")]
    Code,
    #[serde(rename = "client_credentials")]
    ByItself,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    Vouched,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    Exchange,
}

/// Reads a JSON list of clients.
pub(super) fn read(
    text: &str,
    redirects: &RedirectRules,
    documents: &DocumentRules,
) -> Result<Vec<Configured>, BadClients> {
    let written: Vec<Written> = serde_json::from_str(text).map_err(|_| {
        BadClients("is not a JSON list of objects with id, grant_types and the other members of docs/clients.md")
    })?;
    if written.len() > CONFIGURED_CLIENTS_MAX {
        return Err(BadClients("has more than 100 entries"));
    }
    let mut read: Vec<Configured> = Vec::new();
    for written in written {
        let one = one(written, redirects, documents)?;
        if read.iter().any(|known| known.id == one.id) {
            return Err(BadClients("names an id twice"));
        }
        read.push(one);
    }
    Ok(read)
}

fn one(
    written: Written,
    redirects: &RedirectRules,
    documents: &DocumentRules,
) -> Result<Configured, BadClients> {
    if !basic::is_id(&written.id) {
        return Err(BadClients(
            "has an id that is not 1 to 64 letters, digits, - or _",
        ));
    }
    let bad_hash =
        BadClients("has a secret_hash that is not a SHA-256 in base64url without padding");
    let secret = written
        .secret_hash
        .map(|hash| basic::secret_hash(hash).ok_or(bad_hash))
        .transpose()?;
    let keys = match (written.jwks, written.jwks_uri) {
        (None, None) => None,
        (Some(set), None) => Some(ClientKeys::Here(keys(&set)?)),
        (None, Some(uri)) => {
            let uri = DocumentUrl::read(&uri, documents);
            let uri = uri.map_err(|_| BadClients("has a jwks_uri that we do not fetch"))?;
            Some(ClientKeys::At(uri))
        }
        (Some(_), Some(_)) => return Err(BadClients("has both jwks and jwks_uri")),
    };
    if secret.is_some() == keys.is_some() {
        return Err(BadClients(
            "has to have a secret_hash, or else jwks or jwks_uri",
        ));
    }
    let uris = written.redirect_uris;
    let usable = uris.iter().all(|uri| redirects.read(uri).is_some());
    if !usable || uris.len() > REDIRECT_URIS_MAX {
        return Err(BadClients(
            "has a redirect URI that nobody is sent to, or more than 10",
        ));
    }
    let grants = |kind| written.grant_types.contains(&kind);
    if grants(GrantType::Code) == uris.is_empty() {
        return Err(BadClients(
            "has to have redirect_uris with authorization_code, and only then",
        ));
    }
    if written.grant_types.is_empty() {
        return Err(BadClients("has no grant_types"));
    }
    let scopes = Scopes::read(written.scope.as_deref()).ok();
    // They travel in each token, as roles do.
    let scopes = scopes.filter(|scopes| scopes.to_string().len() <= BOUND_CHARS_MAX);
    let name = name(written.name).map_err(|_| BadClients("has a name that cannot be shown"))?;
    Ok(Configured {
        client: Client {
            name: name.or_else(|| Some(written.id.clone())),
            uri: None,
            redirect_uris: uris,
            dpop_bound: written.dpop_bound_access_tokens,
            published_by: None,
            keys,
            secret,
        },
        id: written.id,
        by_itself: grants(GrantType::ByItself),
        vouched: grants(GrantType::Vouched),
        exchanges: grants(GrantType::Exchange),
        scopes: scopes.ok_or(BadClients(
            "has a scope that cannot be one, or more than 1000 characters of them",
        ))?,
    })
}

fn keys(set: &Map<String, Value>) -> Result<PublicKeys, BadClients> {
    key_set(set).map_err(|_| {
        BadClients("has jwks without a public key that can be used, or with a private one")
    })
}

impl Configured {
    /// Whether a secret is the client's, in the same time wherever it differs.
    pub(crate) fn has_secret(&self, secret: &str) -> bool {
        let hash = self.client.secret.as_ref();
        hash.is_some_and(|hash| hash.is_of(secret)) && secret.len() >= SECRET_CHARS_MIN
    }
}

#[cfg(test)]
#[path = "configured_tests.rs"]
mod tests;
