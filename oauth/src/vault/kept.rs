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
    /// The id of the provider in the configuration.
    pub provider: String,
    /// The provider's issuer, as it was at the login.
    pub issuer: String,
    /// The user's name there.
    pub subject: String,
    /// For the provider's API.
    pub access_token: Secret,
    /// For the next one; without it the user has to log in again.
    pub refresh_token: Option<Secret>,
    /// Since when there is this access token.
    pub since: Timestamp,
    /// When it ends, as far as the provider said.
    pub ends: Option<Timestamp>,
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
    /// What is kept after a login. A provider that gives a refresh token only the
    /// first time, as Google does, means the one from `former` to be used on.
    pub fn of(identity: &Identity, tokens: Tokens, former: Option<Self>, now: Timestamp) -> Self {
        let former = former.filter(|former| {
            former.issuer == identity.issuer && former.subject == identity.subject
        });
        Self {
            provider: identity.provider.clone(),
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            access_token: tokens.access_token,
            refresh_token: tokens
                .refresh_token
                .or_else(|| former.and_then(|former| former.refresh_token)),
            since: now,
            ends: ends(tokens.expires_in, now),
        }
    }

    /// The same after a renewal. The old refresh token stays unless there is a new
    /// one (RFC 6749 section 6).
    #[must_use]
    pub fn renewed(self, tokens: Tokens, now: Timestamp) -> Self {
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token.or(self.refresh_token),
            since: now,
            ends: ends(tokens.expires_in, now),
            ..self
        }
    }

    /// How good the access token is.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let Some(ends) = self.ends else {
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

/// When what is good for so many seconds ends; never, if that is beyond all time.
fn ends(seconds: Option<u64>, now: Timestamp) -> Option<Timestamp> {
    let life = SignedDuration::from_secs(i64::try_from(seconds?).ok()?);
    now.checked_add(life).ok()
}
