//! Pushed authorization requests (RFC 9126): a client sends its request here
//! first, and the browser carries a reference to it.
//!
//! The reference is the request itself, sealed for its client, so nothing is
//! stored. It can be used more than once while it is good, as section 4 allows
//! for pages that are loaded again: each time the person is asked, and the code
//! is good for whoever has the verifier.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::authorize::{AuthorizeError, PageError, Refusal, check};
use crate::client::{Client, Clients};
use crate::dpop::KeyThumbprint;
use crate::form::Parameters;
use crate::grant::GrantRefusal;
use crate::origin::PublicOrigin;
use crate::scope::Existing;
use crate::seal::{Nonce, Seal};
use crate::secret::RootSecret;
use crate::sender::{Assertion, Sender};
use crate::token::TokenError;

/// How long a reference is good: section 2.2 recommends 5 to 600 seconds, and
/// the client opens the browser at once.
pub const PUSHED_LIFE: SignedDuration = SignedDuration::from_secs(60);
/// Longest request we seal, in bytes: with the client's id beside it, it has to
/// fit into a URL of 16 kB, the platform's limit (Cloudflare, "Workers:
/// Limits", read 2026-11).
pub const PUSHED_BYTES_MAX: usize = 6_144;
/// What a reference begins with (section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// What is not a part of the request: who sends it, and how that is proved.
const SENDERS: [&str; 4] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// Makes and reads references.
#[derive(Debug, Clone)]
pub struct PushedRequests(Seal);

#[derive(Serialize, Deserialize)]
struct Sealed {
    /// The request as a form.
    form: String,
    /// Until when it is good, in seconds since 1970.
    until: i64,
}

/// Who pushes a request, by its own account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushing {
    /// The client's id.
    pub client_id: String,
    /// What it proves itself with, if it does; it has to be checked.
    pub assertion: Option<Assertion>,
    /// Whether it has shown its secret.
    pub authenticated: bool,
}

/// What a client gets (section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PushedAnswer {
    request_uri: String,
    expires_in: i64,
}

/// Why a request is not taken (section 2.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The client is not known, or not who it says.
    #[error(transparent)]
    Client(#[from] TokenError),
    /// The request would be refused where people are asked, on a page.
    #[error("{0}")]
    Page(PageError),
    /// The same, where the client would hear of it.
    #[error("{0}")]
    Asked(AuthorizeError),
    /// It refers to another request (section 2.1).
    #[error("a pushed request cannot have a request_uri")]
    RequestUri,
    /// It names one key and is sent with another (RFC 9449 section 10.1).
    #[error("dpop_jkt is not the key of the DPoP proof")]
    OtherKey,
    /// It is longer than fits into a URL.
    #[error("the request is too long")]
    TooMuch,
}

impl PushError {
    /// The error code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Client(error) => error.code(),
            Self::Page(PageError::UnknownClient | PageError::DocumentUrl(_)) => "invalid_client",
            Self::Page(PageError::Document(bad)) => TokenError::Document(*bad).code(),
            Self::Asked(error) => error.code(),
            Self::Page(
                PageError::NoClient
                | PageError::RedirectUri
                | PageError::RequestUri
                | PageError::TooMuch,
            )
            | Self::RequestUri
            | Self::OtherKey
            | Self::TooMuch => "invalid_request",
        }
    }
}

/// Reads who pushes a request.
pub fn pushing(sent: &Parameters, clients: &Clients) -> Result<Pushing, PushError> {
    let Sender {
        client_id,
        assertion,
        authenticated,
        ..
    } = Sender::read(sent, clients)?;
    Ok(Pushing {
        client_id,
        assertion,
        authenticated,
    })
}

impl PushedRequests {
    /// The references of this deployment.
    pub fn new(root: &RootSecret) -> Self {
        Self(Seal::brief(root, "pushed request"))
    }

    /// Takes a request that is in order: checked as the browser's would be, and
    /// so is the reference once more when it is used. `proved`: whether the client
    /// has shown that it is who it says; `key`: the one it has a proof by.
    pub fn push(
        &self,
        sent: &Parameters,
        (client_id, client, proved): (&str, &Client, bool),
        key: Option<&KeyThumbprint>,
        (clients, public, existing): (&Clients, &PublicOrigin, &Existing),
        (now, nonce): (Timestamp, Nonce),
    ) -> Result<PushedAnswer, PushError> {
        if client.is_confidential() && !proved {
            return Err(TokenError::Refused(GrantRefusal::Unauthenticated).into());
        }
        if sent.get("request_uri").is_some() {
            return Err(PushError::RequestUri);
        }
        let mut request = sent.without(&SENDERS);
        match (key, sent.get("dpop_jkt")) {
            (Some(key), None) => request.set("dpop_jkt", key.as_str()),
            (Some(key), Some(named)) if named != key.as_str() => return Err(PushError::OtherKey),
            _ => {}
        }
        let form = request.to_text();
        if form.len() > PUSHED_BYTES_MAX {
            return Err(PushError::TooMuch);
        }
        request.set("client_id", client_id);
        check(&request, client, clients, public, existing).map_err(|refusal| match refusal {
            Refusal::Page(error) => PushError::Page(error),
            Refusal::Redirect { error, .. } => PushError::Asked(error),
        })?;
        let until = now.as_second().saturating_add(PUSHED_LIFE.as_secs());
        let sealed = self.0.seal_for(&Sealed { form, until }, client_id, nonce);
        Ok(PushedAnswer {
            request_uri: format!("{PREFIX}{sealed}"),
            expires_in: PUSHED_LIFE.as_secs(),
        })
    }

    /// The request that a browser brings: the one it refers to, of the client it
    /// names, whose parameters are the only ones that count (RFC 9101 section 6.3);
    /// or else what it says itself.
    pub fn resolve(&self, sent: Parameters, now: Timestamp) -> Result<Parameters, PageError> {
        let reference = sent.get("request_uri");
        let Some(sealed) = reference.and_then(|uri| uri.strip_prefix(PREFIX)) else {
            return Ok(sent);
        };
        let client_id = super::client_id(&sent)?;
        let found: Option<Sealed> = self.0.open_for(sealed, client_id);
        let found = found.filter(|found| now.as_second() < found.until);
        let found = found.ok_or(PageError::RequestUri)?;
        let mut request = Parameters::parse(&found.form).map_err(|_| PageError::TooMuch)?;
        request.set("client_id", client_id);
        Ok(request)
    }
}

#[cfg(test)]
#[path = "pushed_tests.rs"]
mod tests;
