//! What a call costs.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::Family;
use crate::rate::bounded;

/// Largest weight of a call, in units.
pub const WEIGHT_MAX: u32 = 1_000;

/// How many units a call takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Weight(NonZeroU32);

/// A number is no weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a call weighs {0} units, but it has to be from 1 to {WEIGHT_MAX}")]
pub struct BadWeight(u32);

impl Weight {
    /// What a call weighs, if nothing else is said.
    pub const ONE: Self = Self(NonZeroU32::MIN);

    /// The units.
    pub fn units(self) -> u32 {
        self.0.get()
    }
}

impl Default for Weight {
    fn default() -> Self {
        Self::ONE
    }
}

impl TryFrom<u32> for Weight {
    type Error = BadWeight;

    fn try_from(units: u32) -> Result<Self, BadWeight> {
        let bounded = bounded(units, WEIGHT_MAX).ok_or(BadWeight(units))?;
        Ok(Self(bounded))
    }
}

/// What a call costs, and who pays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Cost {
    /// The family whose buckets it takes from.
    pub family: Family,
    /// How many units.
    pub weight: Weight,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_outside_its_bounds_is_refused() {
        for units in [0, WEIGHT_MAX + 1] {
            assert_eq!(Weight::try_from(units), Err(BadWeight(units)));
        }
        assert_eq!(Weight::try_from(1), Ok(Weight::ONE));
    }
}
