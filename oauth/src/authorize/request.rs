//! Reading an authorization request.
//!
//! The order is the point: client and redirect URI first, and as long as
//! either is in doubt nobody is redirected anywhere (checklist AS-05). Between
//! the client's id and the rest the shell finds the client, which may be the
//! work of a fetch.

use serde::{Deserialize, Serialize};

use crate::authorize::{AuthorizeError, PageError, redirect_with_error};
use crate::client::{Client, Clients};
use crate::dpop::KeyThumbprint;
use crate::form::Parameters;
use crate::origin::PublicOrigin;
use crate::pkce::Challenge;
use crate::redirect::RedirectUri;
use crate::scope::{BadScope, Existing, Scopes};

/// Longest `state` we carry, in bytes.
pub const STATE_BYTES_MAX: usize = 2_048;

/// A request that is in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// The client that asks.
    pub client_id: String,
    /// Whether it has keys to prove itself with.
    #[serde(default)]
    pub confidential: bool,
    /// Whether it wants bound tokens alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dpop_bound: bool,
    /// Where the answer goes: one of the client's own.
    pub redirect_uri: String,
    /// The client's own note, returned as it came (checklist AS-08).
    pub state: Option<String>,
    /// What the client's verifier must answer to.
    pub challenge: Challenge,
    /// The key that the code will be bound to (RFC 9449 section 10).
    #[serde(default)]
    pub key: Option<KeyThumbprint>,
    /// The resource the tokens will be for (RFC 8707).
    pub resource: String,
    /// What is asked for.
    pub scopes: Scopes,
}

/// A request that is not in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Told to the person, since we do not know whom to trust.
    Page(PageError),
    /// Told to the client, by a redirect to this URL.
    Redirect {
        /// What was wrong, for the log.
        error: AuthorizeError,
        /// Where the client hears it.
        location: String,
    },
}

/// Whose request it is, by its own account.
pub fn client_id(sent: &Parameters) -> Result<&str, PageError> {
    sent.get("client_id").ok_or(PageError::NoClient)
}

/// Checks a request of the client that its id named.
pub fn check(
    sent: &Parameters,
    client: &Client,
    clients: &Clients,
    public: &PublicOrigin,
    existing: &Existing,
) -> Result<(AuthorizeRequest, RedirectUri), Refusal> {
    let client_id = client_id(sent).map_err(Refusal::Page)?;
    let asked = sent.get("redirect_uri");
    if asked.is_none() && sent.repeated() == Some("redirect_uri") {
        return Err(Refusal::Page(PageError::RedirectUri));
    }
    let redirect = clients
        .redirect(client, asked)
        .ok_or(Refusal::Page(PageError::RedirectUri))?;
    // From here on the client may be told.
    let state = sent.get("state");
    let refuse = |error| {
        let state = state.filter(|state| state.len() <= STATE_BYTES_MAX);
        let location = redirect_with_error(redirect.as_str(), error, state, public.as_str());
        Refusal::Redirect { error, location }
    };
    let Asked {
        challenge,
        key,
        resource,
        scopes,
    } = asked_for(sent, public, existing).map_err(refuse)?;
    let request = AuthorizeRequest {
        client_id: client_id.to_owned(),
        confidential: client.is_confidential(),
        dpop_bound: client.dpop_bound,
        redirect_uri: redirect.as_str().to_owned(),
        state: state.map(str::to_owned),
        challenge,
        key,
        resource,
        scopes,
    };
    Ok((request, redirect))
}

/// What is asked for, once the client may be told what is wrong with it.
struct Asked {
    challenge: Challenge,
    key: Option<KeyThumbprint>,
    resource: String,
    scopes: Scopes,
}

fn asked_for(
    sent: &Parameters,
    public: &PublicOrigin,
    existing: &Existing,
) -> Result<Asked, AuthorizeError> {
    match sent.repeated() {
        // RFC 8707 section 2 allows several resources; we have one.
        Some("resource") => return Err(AuthorizeError::Target),
        Some(_) => return Err(AuthorizeError::Repeated),
        None => {}
    }
    if sent
        .get("state")
        .is_some_and(|state| state.len() > STATE_BYTES_MAX)
    {
        return Err(AuthorizeError::StateTooLong);
    }
    if sent.get("request").is_some() {
        return Err(AuthorizeError::RequestObject);
    }
    if sent.get("request_uri").is_some() {
        return Err(AuthorizeError::RequestUri);
    }
    match sent.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(AuthorizeError::ResponseType),
        None => return Err(AuthorizeError::NoResponseType),
    }
    if sent
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err(AuthorizeError::ResponseMode);
    }
    // RFC 7636 section 4.3: without a method it would be `plain`.
    if sent.get("code_challenge_method") != Some("S256") {
        return Err(AuthorizeError::Challenge);
    }
    let challenge = sent.get("code_challenge").and_then(Challenge::parse);
    let challenge = challenge.ok_or(AuthorizeError::Challenge)?;
    let key = match sent.get("dpop_jkt") {
        Some(text) => Some(KeyThumbprint::parse(text).ok_or(AuthorizeError::Key)?),
        None => None,
    };
    let resource = match sent.get("resource") {
        Some(named) => public.resource_named(named).ok_or(AuthorizeError::Target)?,
        None => public.resource(), // Clients of 2025-03-26 do not name it.
    };
    let scopes = existing.asked(sent.get("scope")).map_err(|bad| match bad {
        BadScope::Undecided => AuthorizeError::Unavailable,
        BadScope::Malformed | BadScope::Unknown | BadScope::Wider => AuthorizeError::Scope,
    })?;
    Ok(Asked {
        challenge,
        key,
        resource,
        scopes,
    })
}

impl AuthorizeRequest {
    /// The request as a query: a link that asks the same again.
    pub fn to_query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("code_challenge", self.challenge.as_str())
            .append_pair("code_challenge_method", "S256")
            .append_pair("resource", &self.resource)
            .append_pair("scope", &self.scopes.to_string());
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        if let Some(key) = &self.key {
            query.append_pair("dpop_jkt", key.as_str());
        }
        query.finish()
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
