//! API keys: what a user gives a script or a service that cannot log in.
//!
//! 1. [`make`] draws a key within the user's limits; its text ([`KeyTexts`]) is
//!    shown once, and a hash is kept.
//! 2. [`presented`] finds a key in a request. Its text tells a typo by its
//!    checksum and a made-up one by its MAC, so that neither costs any I/O.
//! 3. [`check`] says what a key is good for, and why it is not. Only its owner
//!    hears why.
//! 4. [`rotate`] gives it a new secret, beside which the old one is good for a
//!    while; [`revoke`] ends it.
//!
//! A key's id is the name of a grant: so what was begun with a key, sessions,
//! streams and leases, ends with it as it does with a grant. How far its scopes
//! count is bounded by the user's roles each time it is checked.

mod check;
mod known;
mod make;
mod presented;
mod text;

pub use check::{Checked, KeyRefusal, Shown, check, note_use};
pub use known::{KNOWN_LIFE, KNOWN_MAX, Known, KnownKeys};
pub use make::{Made, Making, MakingRefusal, Rotating, make, revoke, rotate};
pub use presented::{FIELD, presented};
pub use text::{BadKey, KEY_CHARS, KeyText, KeyTexts, PREFIX};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::grant::GrantId;
use crate::identity::Identity;
use crate::scope::Scopes;
use crate::secret::SecretHash;

/// Most keys of one account that stand at once: one for each script and machine.
pub const KEYS_MAX: usize = 50;
/// Most ended keys that are remembered, the newest.
pub const ENDED_KEYS_MAX: usize = 50;
/// How long an ended key is remembered, so that its owner learns why it is refused.
pub const ENDED_REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Most characters of a key's name.
pub const KEY_NAME_CHARS_MAX: usize = 60;
/// Shortest life of a key.
pub const KEY_LIFE_MIN: SignedDuration = SignedDuration::from_hours(1);
/// Longest life of a key: none is good for ever, as somebody forgets each.
pub const KEY_LIFE_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);
/// Longest time that an old secret is good beside the new one.
pub const OVERLAP_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is kept of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What its owner may see.
    pub info: KeyInfo,
    /// The hash of its secret.
    pub current: SecretHash,
    /// The hash of the secret before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<SecretHash>,
    /// The form that made it: sent again, it makes no other.
    pub made_by: String,
    /// The form that rotated it last: sent again, it does not do so once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_by: Option<String>,
}

/// A key as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// Its name among the account's grants; its text begins with it.
    pub id: GrantId,
    /// What its owner calls it; no two that stand are called the same.
    pub name: String,
    /// How far its owner lets it go.
    pub scopes: Scopes,
    /// For whom, as they had logged in when they made it.
    pub identity: Identity,
    /// When it was made.
    pub created: Timestamp,
    /// When it got its secret: then, or at the last rotation.
    pub secret_since: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// The hour in which it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Timestamp>,
    /// Until when its former secret is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_until: Option<Timestamp>,
    /// When its owner ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
}

impl KeyInfo {
    /// When it ends, or has ended.
    pub fn ends(&self) -> Timestamp {
        self.revoked
            .map_or(self.expires, |revoked| revoked.min(self.expires))
    }

    /// Whether it stands.
    pub fn stands(&self, now: Timestamp) -> bool {
        now < self.ends()
    }

    /// What it is called where clients have an id.
    pub fn client_id(&self) -> String {
        format!("api-key:{}", self.id)
    }
}

#[cfg(test)]
mod tests;
