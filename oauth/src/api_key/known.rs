//! Keys that an account was asked about a moment ago, so that a call asks nobody.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Checked, KeyRefusal};
use crate::allowance::Allowance;
use crate::grant::GrantId;
use crate::identity::AccountId;
use crate::role::Bound;

/// How long an answer holds: a key that is revoked stops within this time
/// everywhere, also where no call of the quota asks about its grant.
pub const KNOWN_LIFE: SignedDuration = SignedDuration::from_secs(15);
/// Most keys that one isolate remembers: about 2 kB each.
pub const KNOWN_MAX: usize = 1_024;

/// A key that is good, and what its user may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Whose it is.
    pub account: AccountId,
    /// What it is good for.
    pub checked: Checked,
    /// What the user's roles allow.
    pub bound: Bound,
}

impl Known {
    /// What it allows: its scopes, as far as the user's roles do.
    pub fn allowance(&self) -> Allowance {
        Allowance {
            scopes: self.bound.of_scopes(&self.checked.info.scopes),
            bound: self.bound.clone(),
        }
    }
}

/// What came of asking, by the SHA-256 of each key; none is kept in clear.
#[derive(Debug, Default)]
pub struct KnownKeys(pub(super) HashMap<[u8; 32], (Result<Known, KeyRefusal>, Timestamp)>);

impl KnownKeys {
    /// What is known of a key. A refusal is remembered as well: none is taken back.
    pub fn find(&self, text: &str, now: Timestamp) -> Option<Result<Known, KeyRefusal>> {
        let (answer, until) = self.0.get(&hash(text))?;
        if now >= *until {
            return None;
        }
        if answer
            .as_ref()
            .is_ok_and(|known| now >= known.checked.until)
        {
            return None;
        }
        Some(answer.clone())
    }

    /// Remembers what an account said that was asked at `asked`.
    pub fn keep(&mut self, text: &str, answer: Result<Known, KeyRefusal>, asked: Timestamp) {
        if self.0.len() >= KNOWN_MAX {
            self.0.retain(|_, (_, until)| asked < *until);
        }
        if self.0.len() >= KNOWN_MAX {
            self.0.clear();
        }
        let until = asked.checked_add(KNOWN_LIFE).unwrap_or(asked);
        self.0.insert(hash(text), (answer, until));
    }

    /// Forgets a key that has ended.
    pub fn forget(&mut self, id: &GrantId) {
        self.0.retain(|_, (answer, _)| {
            !answer
                .as_ref()
                .is_ok_and(|known| known.checked.info.id == *id)
        });
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
