//! Client metadata (RFC 7591 section 2): what a registration and a document
//! have in common.

use crate::json;
use serde::Deserialize;
use serde_json::Value;

/// Most redirect URIs of one client.
pub const REDIRECT_URIS_MAX: usize = 10;
/// Longest client name, in characters; a page shows fewer.
pub const CLIENT_NAME_CHARS_MAX: usize = 200;
/// Longest `client_uri`, in bytes.
pub const CLIENT_URI_BYTES_MAX: usize = 512;

/// The metadata we look at; section 2 says to ignore the rest.
#[derive(Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) redirect_uris: Option<Value>,
    #[serde(default)]
    pub(super) client_name: Option<Value>,
    #[serde(default)]
    pub(super) client_uri: Option<Value>,
    #[serde(default)]
    pub(super) grant_types: Option<Vec<String>>,
    #[serde(default)]
    pub(super) response_types: Option<Vec<String>>,
    #[serde(default)]
    pub(super) application_type: Option<String>,
    #[serde(default)]
    pub(super) dpop_bound_access_tokens: Option<bool>,
    #[serde(default)]
    pub(super) scope: Option<String>,
}

/// A member that cannot be used, in words for the client's author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadMember(pub(super) &'static str);

impl Said {
    /// Reads a body. serde would also take an array for the struct; client
    /// metadata is an object.
    pub(super) fn read(body: &[u8]) -> Result<Self, BadMember> {
        let object: Option<serde_json::Map<String, Value>> = json::read(body);
        object.and_then(Self::of).ok_or(BadMember(
            "the body is not a JSON object with client metadata",
        ))
    }

    /// The metadata in an object; `None` if a member has a wrong type.
    pub(super) fn of(object: serde_json::Map<String, Value>) -> Option<Self> {
        serde_json::from_value(Value::Object(object)).ok()
    }

    /// Whether a client that says so can use the one flow there is.
    pub(super) fn has_our_flow(&self) -> Result<(), BadMember> {
        let lacks = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref()
                .is_some_and(|list| !list.is_empty() && !list.iter().any(|one| one == word))
        };
        if lacks(&self.grant_types, "authorization_code") {
            return Err(BadMember("grant_types must include authorization_code"));
        }
        if lacks(&self.response_types, "code") {
            return Err(BadMember("response_types must include code"));
        }
        Ok(())
    }
}

/// A name; `None` if there is nothing to read in it.
pub(super) fn name(said: Value) -> Result<Option<String>, BadMember> {
    match said {
        Value::Null => Ok(None),
        Value::String(name) if name.chars().any(char::is_control) => {
            Err(BadMember("client_name has control characters"))
        }
        Value::String(name) if name.chars().count() <= CLIENT_NAME_CHARS_MAX => {
            Ok((!name.trim().is_empty()).then_some(name))
        }
        Value::String(_) => Err(BadMember("client_name is too long")),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(BadMember("client_name must be a text"))
        }
    }
}

/// The page that a client calls its own.
pub(super) fn uri(said: &Value) -> Result<Option<String>, BadMember> {
    if said.is_null() || said == "" {
        return Ok(None);
    }
    let text = said
        .as_str()
        .filter(|text| text.len() <= CLIENT_URI_BYTES_MAX);
    let text = text.ok_or(BadMember("client_uri must be a short text"))?;
    let web = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    if web {
        Ok(Some(text.to_owned()))
    } else {
        Err(BadMember("client_uri must be a web page"))
    }
}
