//! A rate: what a bucket gains in its window, and what it holds.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// Largest burst, in units. Far above what a person or a script needs; it
/// keeps the ledger's numbers below 2^53, which any store keeps exactly.
pub const BURST_MAX: u32 = 1_000_000;

/// Largest amount of a rate, in units a window; see [`BURST_MAX`].
pub const AMOUNT_MAX: u32 = 1_000_000;

/// A token bucket's two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Rate {
    amount: NonZeroU32,
    burst: NonZeroU32,
}

impl Rate {
    /// A rate of `amount` units a window in the long run, and of `burst` units at once.
    pub fn new(amount: u32, burst: u32) -> Result<Self, PolicyError> {
        Ok(Self {
            amount: bounded(amount, AMOUNT_MAX).ok_or(PolicyError::Amount(amount))?,
            burst: bounded(burst, BURST_MAX).ok_or(PolicyError::Burst(burst))?,
        })
    }

    /// Units gained in each window.
    pub fn amount(self) -> NonZeroU32 {
        self.amount
    }

    /// Most units at once: the size of the bucket.
    pub fn burst(self) -> NonZeroU32 {
        self.burst
    }
}

/// The number, if it is from one to the bound.
pub(crate) fn bounded(number: u32, max: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(number).filter(|number| number.get() <= max)
}

/// A rate as it is written, before its bounds are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    amount: u32,
    /// The amount, where nothing else is said.
    burst: Option<u32>,
}

impl TryFrom<Unchecked> for Rate {
    type Error = PolicyError;

    fn try_from(unchecked: Unchecked) -> Result<Self, PolicyError> {
        let burst = unchecked.burst.unwrap_or(unchecked.amount);
        Self::new(unchecked.amount, burst)
    }
}
