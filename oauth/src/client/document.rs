//! Reading the document of a client whose id is a URL (CIMD section 4;
//! checklist AS-15).
//!
//! A document whose method is `private_key_jwt` makes a confidential client, all
//! of whose token requests have to be authenticated (section 6.2); any other
//! client here is a public one.
//!
//! What the document says beyond this, such as `logo_uri`, is not looked at.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::client::metadata::{self, BadMember, CLIENT_NAME_CHARS_MAX, REDIRECT_URIS_MAX, Said};
use crate::client::{CacheFields, Client, ClientKeys, DocumentRules, DocumentUrl};
use crate::json;
use crate::public_keys::PublicKeys;
use crate::redirect::RedirectRules;

/// Largest document, in bytes: what CIMD section 6.6 recommends.
pub const DOCUMENT_BYTES_MAX: usize = 5 * 1024;
/// How long a document may take, its whole body included: a person waits.
pub const DOCUMENT_TIME_MAX: Duration = Duration::from_secs(5);

/// What the host of a document answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Served {
    /// The HTTP status.
    pub status: u16,
    /// The media type, as it was sent.
    pub content_type: Option<String>,
    /// What it says about being kept.
    pub cache: CacheFields,
    /// The body.
    pub body: Vec<u8>,
}

/// Why a document cannot be used. Every reason is in our own words: nothing of
/// what was fetched reaches whoever made us fetch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    /// The host cannot be reached, or broke off.
    #[error("it could not be fetched")]
    Unreachable,
    /// Too many are being fetched to fetch this one.
    #[error("too many of them are being fetched at the moment")]
    Busy,
    /// It did not come within [`DOCUMENT_TIME_MAX`].
    #[error("it did not come in time")]
    Slow,
    /// It is larger than [`DOCUMENT_BYTES_MAX`].
    #[error("it is larger than 5 kB")]
    TooLarge,
    /// It was not answered with 200; a redirect is not followed.
    #[error("its address did not answer with 200")]
    Status,
    /// It is of another type than JSON.
    #[error("it was not sent as application/json")]
    Kind,
    /// It is not an object with client metadata.
    #[error("it is not a JSON object with client metadata")]
    Shape,
    /// It is about another client.
    #[error("its client_id is not its own address")]
    ClientId,
    /// It has no name, or one that cannot be shown.
    #[error("its client_name is missing or cannot be used")]
    Name,
    /// It names no place that we may send answers to.
    #[error(
        "its redirect_uris are not 1 to 10, or none is https or http on 127.0.0.1, [::1] or \
         localhost"
    )]
    RedirectUris,
    /// It holds a secret, which everybody could read.
    #[error("it has a client_secret or a private key")]
    Secret,
    /// It wants to prove itself in a way that we do not know.
    #[error("its token_endpoint_auth_method is neither none nor private_key_jwt")]
    AuthMethod,
    /// It wants to prove itself with keys, and has none, or says twice where
    /// they are.
    #[error("its keys are missing or cannot be used: one of jwks and jwks_uri has to have some")]
    Keys,
    /// It does without what every client here uses.
    #[error("its grant_types or response_types lack authorization_code or code")]
    Flow,
    /// Another member is of a wrong type or too long.
    #[error("its client_uri cannot be used")]
    Uri,
}

impl BadDocument {
    /// Whether it may be another one in a minute, with nobody changing it.
    pub fn is_passing(self) -> bool {
        match self {
            Self::Unreachable | Self::Busy | Self::Slow | Self::Status => true,
            Self::TooLarge
            | Self::Kind
            | Self::Shape
            | Self::ClientId
            | Self::Name
            | Self::RedirectUris
            | Self::Secret
            | Self::AuthMethod
            | Self::Keys
            | Self::Flow
            | Self::Uri => false,
        }
    }
}

/// Reads and checks a document.
pub(super) fn read(
    url: &DocumentUrl,
    served: &Served,
    rules: &RedirectRules,
    documents: &DocumentRules,
) -> Result<Client, BadDocument> {
    let object = object(served)?;
    // Section 4.1, by simple string comparison.
    if object.get("client_id").and_then(Value::as_str) != Some(url.as_str()) {
        return Err(BadDocument::ClientId);
    }
    if ["client_secret", "client_secret_expires_at"]
        .iter()
        .any(|secret| object.contains_key(*secret))
    {
        return Err(BadDocument::Secret);
    }
    let method = object.get("token_endpoint_auth_method");
    let keys = match method.map(|method| method.as_str().unwrap_or_default()) {
        None | Some("none") => None,
        Some("private_key_jwt") => Some(client_keys(&object, documents)?),
        Some(_) => return Err(BadDocument::AuthMethod),
    };
    let said = Said::of(object).ok_or(BadDocument::Shape)?;
    said.has_our_flow()
        .map_err(|BadMember(_)| BadDocument::Flow)?;
    let name = said.client_name.map_or(Ok(None), metadata::name);
    let uri = said.client_uri.as_ref().map_or(Ok(None), metadata::uri);
    Ok(Client {
        name: Some(name.ok().flatten().ok_or(BadDocument::Name)?),
        uri: uri.map_err(|BadMember(_)| BadDocument::Uri)?,
        redirect_uris: redirect_uris(said.redirect_uris, rules)?,
        dpop_bound: said.dpop_bound_access_tokens.unwrap_or_default(),
        published_by: Some(url.shown_host().to_owned()),
        keys,
        secret: None,
    })
}

/// Reads the document at a `jwks_uri`, under the same limits.
pub(super) fn read_keys(served: &Served) -> Result<PublicKeys, BadDocument> {
    key_set(&object(served)?)
}

fn client_keys(
    object: &Map<String, Value>,
    documents: &DocumentRules,
) -> Result<ClientKeys, BadDocument> {
    match (object.get("jwks"), object.get("jwks_uri")) {
        (Some(Value::Object(set)), None) => Ok(ClientKeys::Here(key_set(set)?)),
        (None, Some(Value::String(url))) => {
            let url = DocumentUrl::read(url, documents).map_err(|_| BadDocument::Keys)?;
            Ok(ClientKeys::At(url))
        }
        _ => Err(BadDocument::Keys),
    }
}

/// A set with at least one key that can be used, and none that everybody could
/// sign with now: `d` is the private part of every asymmetric key, `k` is a
/// symmetric one (RFC 7518 section 6, RFC 8037 section 2).
pub(super) fn key_set(set: &Map<String, Value>) -> Result<PublicKeys, BadDocument> {
    let keys = PublicKeys::of(set).map_err(|_| BadDocument::Keys)?;
    let said = set.get("keys").and_then(Value::as_array);
    let secret = |key: &Value| key.get("d").is_some() || key.get("k").is_some();
    if said.is_some_and(|said| said.iter().any(secret)) {
        return Err(BadDocument::Secret);
    }
    if keys.is_empty() {
        return Err(BadDocument::Keys);
    }
    Ok(keys)
}

/// The JSON object that was served; what is not one, is too large or is not
/// said to be one is refused.
fn object(served: &Served) -> Result<Map<String, Value>, BadDocument> {
    // Section 4: any other status is an error, and a redirect is not followed.
    if served.status != 200 {
        return Err(BadDocument::Status);
    }
    if served.body.len() > DOCUMENT_BYTES_MAX {
        return Err(BadDocument::TooLarge);
    }
    if !served.content_type.as_deref().is_some_and(is_json) {
        return Err(BadDocument::Kind);
    }
    json::read(&served.body).ok_or(BadDocument::Shape)
}

/// `application/json`, or a type that is written in JSON (RFC 6839 section 3.1).
fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let below = kind.strip_prefix("application/");
    below.is_some_and(|below| below == "json" || (below.ends_with("+json") && below != "+json"))
}

/// The URIs that we may send answers to. Others are left out rather than
/// refused: a registration is made for this server, and a document for all of
/// them, some of which take what we do not.
fn redirect_uris(said: Option<Value>, rules: &RedirectRules) -> Result<Vec<String>, BadDocument> {
    let Some(Value::Array(said)) = said else {
        return Err(BadDocument::RedirectUris);
    };
    if said.len() > REDIRECT_URIS_MAX {
        return Err(BadDocument::RedirectUris);
    }
    let mut ours = Vec::new();
    for uri in &said {
        let uri = uri.as_str().ok_or(BadDocument::RedirectUris)?;
        ours.extend(rules.read(uri).map(|uri| uri.as_str().to_owned()));
    }
    if ours.is_empty() {
        return Err(BadDocument::RedirectUris);
    }
    Ok(ours)
}

/// A name always fits into a document, so that its limit is a rule of its own.
const _: () = assert!(CLIENT_NAME_CHARS_MAX * 4 < DOCUMENT_BYTES_MAX);

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
