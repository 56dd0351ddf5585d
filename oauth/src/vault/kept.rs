//! What is kept of one user at one provider, and how long it is good.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::grant::Secret;
use crate::identity::Identity;

/// Longest token of a provider that is kept, in characters. Providers with large
/// tokens, which are JWTs, stay below what header fields may have in all.
pub const TOKEN_CHARS_MAX: usize = 8_192;

/// A token is renewed when this is left of its life, or a fifth of it if that is
/// less: a tool that gets it has time to use it.
pub const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What a provider's token endpoint gave (RFC 6749 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// For its API.
    pub access_token: Secret,
    /// For the next one.
    pub refresh_token: Option<Secret>,
    /// How long the access token is good, in seconds, if it said so.
    pub expires_in: Option<u64>,
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The user, as they logged in.
    pub identity: Identity,
    /// What the provider gave last. Without a refresh token, the user has to log in
    /// again when the access token has ended.
    pub tokens: Tokens,
    /// When.
    pub since: Timestamp,
}

/// How good an access token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Good.
    Good,
    /// Good, and about to end: it is time for the next one.
    Ending,
    /// Not good any more.
    Ended,
}

impl Tokens {
    /// Whether they can be kept: printable ASCII (RFC 6749 appendix A.12) of at most
    /// [`TOKEN_CHARS_MAX`], so that a tool can put one into a header field.
    pub fn fit(&self) -> bool {
        let fits = |token: &Secret| {
            let text = token.0.as_bytes();
            (1..=TOKEN_CHARS_MAX).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic)
        };
        fits(&self.access_token) && self.refresh_token.as_ref().is_none_or(fits)
    }
}

impl Kept {
    /// The same, where `former` was kept before. A provider that gives a refresh token
    /// only the first time, as Google does, means the one from then to be used on.
    #[must_use]
    pub fn after(mut self, former: Option<Self>) -> Self {
        let former = former.filter(|former| {
            (&former.identity.issuer, &former.identity.subject)
                == (&self.identity.issuer, &self.identity.subject)
        });
        if self.tokens.refresh_token.is_none() {
            self.tokens.refresh_token = former.and_then(|former| former.tokens.refresh_token);
        }
        self
    }

    /// The same after a renewal. The old refresh token stays unless there is a new
    /// one (RFC 6749 section 6).
    #[must_use]
    pub fn renewed(&self, tokens: Tokens, now: Timestamp) -> Self {
        let next = Self {
            identity: self.identity.clone(),
            tokens,
            since: now,
        };
        next.after(Some(self.clone()))
    }

    /// When the access token ends, as far as the provider said.
    pub fn ends(&self) -> Option<Timestamp> {
        let seconds = i64::try_from(self.tokens.expires_in?).ok()?;
        let life = SignedDuration::from_secs(seconds);
        self.since.checked_add(life).ok() // What ends beyond all time does not end.
    }

    /// How good the access token is.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let Some(ends) = self.ends() else {
            return Standing::Good;
        };
        let ahead = (ends.duration_since(self.since) / 5).min(AHEAD_MAX);
        match ends.duration_since(now) {
            left if left <= SignedDuration::ZERO => Standing::Ended,
            left if left <= ahead => Standing::Ending,
            _ => Standing::Good,
        }
    }
}
