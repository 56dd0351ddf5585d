//! What one network may ask for before anybody is known.
//!
//! Some requests make the server work for whoever sends them: the pages of a
//! login, a registration, tokens, and what makes us fetch a stranger's document. So
//! does the API, which asks who somebody is at each request. Each kind has a gate, at which the platform counts the requests of a network
//! in each minute. What is here says what the gates are called and what a closed
//! one tells; it counts nothing. A gate protects against load, not against
//! guessing: nothing that opens anything here can be guessed.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::RateLimitFields;

/// How long the platform counts before it begins again: the longer of the two
/// spans that it knows (Cloudflare, "Rate Limiting" binding, read 2026-11), so that
/// everybody of an office may come at the same moment. It does not say how much of
/// a span is left; who waits for a whole one gets through.
pub const GATE_WINDOW: Duration = Duration::from_mins(1);
/// Most requests that a gate may be configured to let through in each span.
pub const GATE_PER_MINUTE_MAX: u32 = 1_000_000;

/// A kind of request that anybody may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// A page or form of a login or of a consent.
    Login,
    /// A registration of a client.
    Registration,
    /// A request for tokens, to end one, or a pushed authorization request.
    Token,
    /// A document of a client that we would have to fetch.
    Document,
    /// A request to the API, whoever sends it.
    Api,
}

impl Gate {
    /// All gates.
    pub const ALL: [Self; 5] = [
        Self::Login,
        Self::Registration,
        Self::Token,
        Self::Document,
        Self::Api,
    ];

    /// The platform's binding that counts.
    pub fn binding(self) -> &'static str {
        match self {
            Self::Login => "LOGIN_GATE",
            Self::Registration => "REGISTRATION_GATE",
            Self::Token => "TOKEN_GATE",
            Self::Document => "DOCUMENT_GATE",
            Self::Api => "API_GATE",
        }
    }

    /// The variable that says how far it counts: the binding does not tell.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Login => "LOGIN_GATE_PER_MINUTE",
            Self::Registration => "REGISTRATION_GATE_PER_MINUTE",
            Self::Token => "TOKEN_GATE_PER_MINUTE",
            Self::Document => "DOCUMENT_GATE_PER_MINUTE",
            Self::Api => "API_GATE_PER_MINUTE",
        }
    }

    /// What is counted, as clients are told.
    fn counted(self) -> &'static str {
        match self {
            Self::Login => "logins",
            Self::Registration => "registrations",
            Self::Token => "tokens",
            Self::Document => "documents",
            Self::Api => "api",
        }
    }

    /// Where its limit stands in [`Gates`].
    fn place(self) -> usize {
        match self {
            Self::Login => 0,
            Self::Registration => 1,
            Self::Token => 2,
            Self::Document => 3,
            Self::Api => 4,
        }
    }
}

/// What each gate lets through in a span; one without a limit is always open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gates([Option<NonZeroU32>; Gate::ALL.len()]);

/// What is neither `off` nor a number from 1 to [`GATE_PER_MINUTE_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is neither off nor a number from 1 to {GATE_PER_MINUTE_MAX}")]
pub struct BadLimit;

impl Gates {
    /// Limits a gate to what its variable says.
    pub fn set(&mut self, gate: Gate, said: &str) -> Result<(), BadLimit> {
        let limit = match said.trim() {
            "off" => None,
            number => Some(number.parse().map_err(|_| BadLimit)?),
        };
        if limit.is_some_and(|limit: NonZeroU32| limit.get() > GATE_PER_MINUTE_MAX) {
            return Err(BadLimit);
        }
        if let Some(place) = self.0.get_mut(gate.place()) {
            *place = limit;
        }
        Ok(())
    }

    /// What a gate says when it is closed; none if it never is.
    pub fn closed(&self, gate: Gate) -> Option<Closed> {
        let per_minute = (*self.0.get(gate.place())?)?;
        Some(Closed { gate, per_minute })
    }
}

/// A gate that is closed to a network for the rest of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub gate: Gate,
    /// How many requests it lets through in each span.
    pub per_minute: NonZeroU32,
}

impl Closed {
    /// After what a request gets through, in seconds: `Retry-After`.
    pub fn retry_after_s(self) -> u64 {
        GATE_WINDOW.as_secs()
    }

    /// The fields that say so.
    pub fn fields(self) -> RateLimitFields {
        let window = GATE_WINDOW.as_secs();
        let (limit, wait) = (self.per_minute.get(), self.retry_after_s());
        RateLimitFields::named(self.gate.counted(), (limit, window), (0, wait))
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
