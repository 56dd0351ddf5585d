//! Dynamic client registration (RFC 7591).
//!
//! Every client becomes a public one with the code grant and refresh tokens;
//! what it asked for beyond that is replaced, and the answer says so
//! (section 3.2.1). No secret is ever issued.

use serde::Serialize;
use serde_json::Value;

use crate::client::Client;
use crate::client::metadata::{self, BadMember, REDIRECT_URIS_MAX, Said};
use crate::redirect::RedirectRules;

/// Longest registration request, in bytes.
pub const REGISTRATION_BYTES_MAX: usize = 16_384;
/// Most bytes of all that is sealed: a `client_id` travels in URLs, which
/// intermediaries cut at 8 kB or so.
pub const CLIENT_BYTES_MAX: usize = 2_048;

/// Why a registration is refused (RFC 7591 section 3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRegistration {
    /// The request is larger than [`REGISTRATION_BYTES_MAX`].
    #[error("the registration is too large")]
    TooLarge,
    /// A redirect URI is missing, or must not be one.
    #[error(
        "redirect_uris needs 1 to 10 URIs, each https or http on 127.0.0.1, [::1] or localhost, \
         without fragment or credentials"
    )]
    RedirectUri,
    /// Something else is wrong.
    #[error("{0}")]
    Metadata(&'static str),
}

impl From<BadMember> for BadRegistration {
    fn from(bad: BadMember) -> Self {
        Self::Metadata(bad.0)
    }
}

impl BadRegistration {
    /// The error code on the wire.
    pub fn code(self) -> &'static str {
        match self {
            Self::RedirectUri => "invalid_redirect_uri",
            Self::TooLarge | Self::Metadata(_) => "invalid_client_metadata",
        }
    }
}

/// Parts of the answer that are echoed and not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Echoed {
    application_type: Option<String>,
}

/// What a registered client gets back (RFC 7591 section 3.2.1). It may ask for
/// every scope there is or will be, so none is named (section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Registered {
    client_id: String,
    client_id_issued_at: i64,
    redirect_uris: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_type: Option<String>,
    grant_types: Vec<&'static str>,
    response_types: Vec<&'static str>,
    token_endpoint_auth_method: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dpop_bound_access_tokens: bool,
}

impl Registered {
    pub(super) fn new(
        client_id: String,
        client_id_issued_at: i64,
        client: Client,
        echoed: Echoed,
    ) -> Self {
        Self {
            client_id,
            client_id_issued_at,
            redirect_uris: client.redirect_uris,
            client_name: client.name,
            client_uri: client.uri,
            application_type: echoed.application_type,
            grant_types: vec!["authorization_code", "refresh_token"],
            response_types: vec!["code"],
            token_endpoint_auth_method: "none",
            dpop_bound_access_tokens: client.dpop_bound,
        }
    }

    /// The id the client got.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}

/// Reads and checks a registration request.
pub(super) fn register(
    body: &[u8],
    rules: &RedirectRules,
) -> Result<(Client, Echoed), BadRegistration> {
    use BadRegistration::Metadata;
    if body.len() > REGISTRATION_BYTES_MAX {
        return Err(BadRegistration::TooLarge);
    }
    let asked = Said::read(body)?;
    asked.has_our_flow()?;
    if asked
        .scope
        .is_some_and(|scope| scope.len() > crate::scope::SCOPE_PARAMETER_CHARS_MAX)
    {
        return Err(Metadata("scope is too long"));
    }
    let application_type = match asked.application_type.as_deref() {
        None => None,
        Some(kind @ ("native" | "web")) => Some(kind.to_owned()),
        Some(_) => return Err(Metadata("application_type must be native or web")),
    };
    let client = Client {
        redirect_uris: redirect_uris(asked.redirect_uris, rules)?,
        name: asked.client_name.map_or(Ok(None), metadata::name)?,
        uri: asked.client_uri.as_ref().map_or(Ok(None), metadata::uri)?,
        dpop_bound: asked.dpop_bound_access_tokens.unwrap_or_default(),
        published_by: None,
        keys: None,
        secret: None,
    };
    let bytes = client.redirect_uris.iter().map(String::len).sum::<usize>()
        + client.name.as_ref().map_or(0, String::len)
        + client.uri.as_ref().map_or(0, String::len);
    if bytes > CLIENT_BYTES_MAX {
        return Err(Metadata("the client's metadata is too long"));
    }
    Ok((client, Echoed { application_type }))
}

fn redirect_uris(
    asked: Option<Value>,
    rules: &RedirectRules,
) -> Result<Vec<String>, BadRegistration> {
    let Some(Value::Array(asked)) = asked else {
        return Err(BadRegistration::RedirectUri);
    };
    if asked.is_empty() || asked.len() > REDIRECT_URIS_MAX {
        return Err(BadRegistration::RedirectUri);
    }
    asked
        .iter()
        .map(|uri| {
            let uri = uri.as_str().and_then(|text| rules.read(text));
            uri.map(|uri| uri.as_str().to_owned())
                .ok_or(BadRegistration::RedirectUri)
        })
        .collect()
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
