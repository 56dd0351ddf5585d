//! What a user is allowed, as configuration says it.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

/// Largest burst, in calls. Far above what a person or a script needs; it
/// keeps the ledger's numbers below 2^53, which any store keeps exactly.
pub const BURST_MAX: u32 = 1_000_000;

/// Largest rate, in calls a minute; see [`BURST_MAX`].
pub const PER_MINUTE_MAX: u32 = 1_000_000;

/// A token bucket's two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Policy {
    burst: NonZeroU32,
    per_minute: NonZeroU32,
}

/// Why two numbers are no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The burst is out of bounds.
    #[error("the burst is {0} calls, but has to be from 1 to {BURST_MAX}")]
    Burst(u32),
    /// The rate is out of bounds.
    #[error("the rate is {0} calls a minute, but has to be from 1 to {PER_MINUTE_MAX}")]
    PerMinute(u32),
}

impl Policy {
    /// A policy of `burst` calls at once and `per_minute` calls a minute in
    /// the long run.
    pub fn new(burst: u32, per_minute: u32) -> Result<Self, PolicyError> {
        Ok(Self {
            burst: bounded(burst, BURST_MAX).ok_or(PolicyError::Burst(burst))?,
            per_minute: bounded(per_minute, PER_MINUTE_MAX)
                .ok_or(PolicyError::PerMinute(per_minute))?,
        })
    }

    /// Most calls at once: the size of the bucket.
    pub fn burst(self) -> NonZeroU32 {
        self.burst
    }

    /// Calls gained each minute.
    pub fn per_minute(self) -> NonZeroU32 {
        self.per_minute
    }
}

fn bounded(number: u32, max: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(number).filter(|number| number.get() <= max)
}

/// A policy as it is stored, before its bounds are checked.
#[derive(Deserialize)]
struct Unchecked {
    burst: u32,
    per_minute: u32,
}

impl TryFrom<Unchecked> for Policy {
    type Error = PolicyError;

    fn try_from(unchecked: Unchecked) -> Result<Self, PolicyError> {
        Self::new(unchecked.burst, unchecked.per_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_outside_its_bounds_is_refused_with_its_reason() {
        let over = BURST_MAX + 1;
        assert_eq!(Policy::new(0, 1), Err(PolicyError::Burst(0)));
        assert_eq!(Policy::new(over, 1), Err(PolicyError::Burst(over)));
        assert_eq!(Policy::new(1, 0), Err(PolicyError::PerMinute(0)));
        assert_eq!(Policy::new(1, over), Err(PolicyError::PerMinute(over)));
        assert!(Policy::new(BURST_MAX, PER_MINUTE_MAX).is_ok());
        assert_eq!(
            PolicyError::Burst(0).to_string(),
            "the burst is 0 calls, but has to be from 1 to 1000000"
        );
    }

    #[test]
    fn a_stored_policy_is_checked_too() {
        let read = |text| serde_json::from_str::<Policy>(text);
        assert_eq!(
            read(r#"{"burst":5,"per_minute":60}"#).unwrap(),
            Policy::new(5, 60).unwrap()
        );
        assert!(read(r#"{"burst":0,"per_minute":60}"#).is_err());
    }
}
