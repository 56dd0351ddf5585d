//! What a key is good for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ApiKey, KeyInfo};
use crate::grant::GrantId;
use crate::secret::{SecretHash, same};

/// A key that somebody shows, as its account is asked about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Which key.
    pub id: GrantId,
    /// The hash of its secret.
    pub hash: SecretHash,
    /// Whether it is used, which is noted; its owner may only want to know of it.
    pub used: bool,
}

/// A key that is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The key.
    pub info: KeyInfo,
    /// When its secret ends: a former one does so before the key.
    pub until: Timestamp,
}

/// Why a key is not good: for our log, and for its owner. Whoever shows it hears
/// `invalid_token` (RFC 6750 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum KeyRefusal {
    /// The account has no such key (any more).
    #[error("unknown")]
    Unknown,
    /// Its owner ended it.
    #[error("revoked")]
    Revoked,
    /// Its time is over.
    #[error("expired")]
    Expired,
    /// It has another secret now.
    #[error("rotated")]
    Rotated,
    /// Nothing is done in the name of a disabled user.
    #[error("of an account that is disabled")]
    Disabled,
}

/// Checks a key: first its secret, in constant time, so that nobody without it
/// learns anything of the key.
pub fn check(
    found: Option<&ApiKey>,
    shown: &SecretHash,
    now: Timestamp,
) -> Result<Checked, KeyRefusal> {
    let key = found.ok_or(KeyRefusal::Unknown)?;
    let is = |hash: &SecretHash| same(hash.as_str(), shown.as_str());
    let former = key.previous.as_ref().is_some_and(is);
    if !is(&key.current) && !former {
        return Err(KeyRefusal::Unknown);
    }
    let info = &key.info;
    if info.revoked.is_some() {
        return Err(KeyRefusal::Revoked);
    }
    if now >= info.expires {
        return Err(KeyRefusal::Expired);
    }
    let until = match info.former_until {
        Some(until) if former => until.min(info.expires),
        Some(_) | None => info.expires,
    };
    if now >= until {
        return Err(KeyRefusal::Rotated);
    }
    Ok(Checked {
        info: info.clone(),
        until,
    })
}

/// Notes that a key was used: to the hour, so that a key in use costs one row an
/// hour. Whether there is anything to write.
pub fn note_use(key: &mut ApiKey, now: Timestamp) -> bool {
    const HOUR: i64 = 3_600;
    let second = now.as_second();
    let hour = Timestamp::from_second(second - second.rem_euclid(HOUR)).unwrap_or(now);
    if key.info.used.is_some_and(|used| hour <= used) {
        return false;
    }
    key.info.used = Some(hour);
    true
}
