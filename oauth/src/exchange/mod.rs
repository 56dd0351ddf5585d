//! Token exchange (RFC 8693): a client of the configuration that was handed a
//! user's access token swaps it for one of its own, which allows no more, lives no
//! longer, and names who acts for the user.
//!
//! The new token comes from the grant of the old one and ends with it. Only a client
//! with this grant type in `CLIENTS` may, so without one there is no exchange.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::{Claims, Expected, KeySet};
use crate::client::{Clients, Named, Proof};
use crate::dpop::{Confirmation, KeyThumbprint};
use crate::encoding;
use crate::form::Parameters;
use crate::grant::GrantRefusal;
use crate::origin::PublicOrigin;
use crate::role::Bound;
use crate::scope::Scopes;
use crate::sender::{Assertion, Sender};
use crate::token::TokenError;

/// The `grant_type` (section 2.1).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// The one type of token that is taken and given (section 3).
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// Most actors that one token names: each of them passed it on to the next.
pub const ACTORS_MAX: usize = 4;

/// Who acts for a user, and for whom that one acts in turn (section 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The id of the client that acts.
    pub sub: String,
    /// Who passed the token on to it, if that was no first-hand client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

impl Actor {
    /// How many there are.
    fn count(&self) -> usize {
        1 + self.act.as_ref().map_or(0, |earlier| earlier.count())
    }
}

/// What cannot be swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeRefusal {
    /// It is no access token of ours that is good now.
    #[error("subject_token has to be an access token of this server that is good now")]
    Subject,
    /// It is bound to a key that the client did not show.
    #[error("subject_token is bound to a key: send a DPoP proof by it")]
    Bound,
    /// It went through too many hands.
    #[error("subject_token was passed on too often: 4 clients at most may act in turn")]
    Actors,
    /// The types are others than those we know.
    #[error("subject_token_type and requested_token_type can only be {ACCESS_TOKEN}")]
    Type,
    /// Another actor is named than the client itself.
    #[error("actor_token is not taken here: who acts is the client that asks")]
    Actor,
}

/// A request of a client that has yet to prove itself, or has.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What the client proves itself with, if that is to be checked.
    pub assertion: Option<Assertion>,
    client_id: String,
    client_name: Option<String>,
    authenticated: bool,
    /// What it may have of any user's.
    scopes: Scopes,
    resource: Option<String>,
    asked: Option<String>,
    subject: String,
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exchange({}, redacted)", self.client_id)
    }
}

/// Reads a request; `key` is what the client has shown a proof of possession by.
pub fn read(
    sent: &Parameters,
    clients: &Clients,
    public: &PublicOrigin,
    key: Option<&KeyThumbprint>,
) -> Result<Exchange, TokenError> {
    match sent.repeated() {
        // Both may be repeated (section 2.1), and there is one resource to name.
        Some("resource" | "audience") => return Err(TokenError::Target),
        Some(_) => return Err(TokenError::Repeated),
        None => {}
    }
    let sender = Sender::read(sent, clients)?;
    let scopes = match clients.named(&sender.client_id) {
        Ok(Named::Configured(client)) if client.exchanges => {
            if client.client.dpop_bound && key.is_none() {
                return Err(TokenError::Refused(GrantRefusal::NoProof));
            }
            client.scopes
        }
        _ => return Err(TokenError::Unauthorized),
    };
    let subject = sent
        .get("subject_token")
        .ok_or(TokenError::Missing("subject_token"))?;
    let is_known = |name, needed: bool| match sent.get(name) {
        Some(named) => named == ACCESS_TOKEN,
        None => !needed,
    };
    if !is_known("subject_token_type", true) || !is_known("requested_token_type", false) {
        return Err(ExchangeRefusal::Type.into());
    }
    if sent.get("actor_token").is_some() || sent.get("actor_token_type").is_some() {
        return Err(ExchangeRefusal::Actor.into());
    }
    let mut resource = None;
    for name in ["resource", "audience"] {
        if let Some(named) = sent.get(name) {
            let named = public.resource_named(named).ok_or(TokenError::Target)?;
            if resource
                .replace(named.clone())
                .is_some_and(|other| other != named)
            {
                return Err(TokenError::Target);
            }
        }
    }
    Ok(Exchange {
        assertion: sender.assertion,
        client_id: sender.client_id,
        client_name: sender.client_name,
        authenticated: sender.authenticated,
        scopes,
        resource,
        asked: sent.get("scope").map(str::to_owned),
        subject: subject.to_owned(),
    })
}

impl Exchange {
    /// The request of a client that proved itself with an assertion.
    #[must_use]
    pub fn proved(mut self, _by: &Proof) -> Self {
        self.authenticated = true;
        self
    }

    /// What the token says that is swapped, if the client may swap it; `key` is what
    /// it has shown a proof of possession by. Whether the token's grant stands is to
    /// be asked before anything is issued.
    pub fn subject(
        &self,
        (keys, expected): (&KeySet, &Expected),
        key: Option<&KeyThumbprint>,
        now: Timestamp,
    ) -> Result<Claims, TokenError> {
        if !self.authenticated {
            return Err(TokenError::Refused(GrantRefusal::Unauthenticated));
        }
        let verified = keys.verify(&self.subject, expected, now);
        let subject = verified.map_err(|_| ExchangeRefusal::Subject)?;
        // Without the key, the new token would be good for who cannot use the old one.
        if subject
            .cnf
            .as_ref()
            .is_some_and(|bound| Some(&bound.jkt) != key)
        {
            return Err(ExchangeRefusal::Bound.into());
        }
        if subject
            .act
            .as_ref()
            .is_some_and(|act| act.count() >= ACTORS_MAX)
        {
            return Err(ExchangeRefusal::Actors.into());
        }
        if self
            .resource
            .as_ref()
            .is_some_and(|named| *named != subject.aud)
        {
            return Err(TokenError::Target);
        }
        Ok(subject)
    }

    /// What the new token says: as much of the old one as the client may have, asks
    /// for, and the user's roles allow by now.
    pub fn claims(
        self,
        subject: Claims,
        bound: Bound,
        key: Option<KeyThumbprint>,
        (now, life): (Timestamp, SignedDuration),
        random: [u8; 16],
    ) -> Result<Claims, TokenError> {
        let most = subject.scope.only(|scope| self.scopes.contains(scope));
        let asked = most.narrowed(self.asked.as_deref());
        let asked = asked.map_err(|_| TokenError::Refused(GrantRefusal::WiderScope))?;
        let scope = bound.of_scopes(&asked);
        let ends = now.as_second().saturating_add(life.as_secs());
        Ok(Claims {
            act: Some(Box::new(Actor {
                sub: self.client_id.clone(),
                act: subject.act,
            })),
            client_id: self.client_id,
            client_name: self.client_name,
            scope,
            bound,
            exp: subject.exp.min(ends),
            iat: now.as_second(),
            jti: encoding::encode(random),
            cnf: key.map(|jkt| Confirmation { jkt }),
            ..subject
        })
    }
}

#[cfg(test)]
mod tests;
