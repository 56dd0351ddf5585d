//! What a call takes of the user's quota, as its contract says.
//!
//! What the numbers are compared with is for the quota to know.

use serde::{Deserialize, Serialize};

/// Largest weight of a call, in units: the largest that the quota knows.
pub const WEIGHT_MAX: u32 = 1_000;
/// Longest name of a family of tools, in bytes: the longest that the quota knows.
pub const FAMILY_BYTES_MAX: usize = 32;

/// The cost of one call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Cost {
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    weight: u32,
}

/// A cost that the quota does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCost {
    /// The weight is out of bounds.
    #[error("a call weighs 1 to {WEIGHT_MAX} units")]
    Weight,
    /// The name of the family cannot be one.
    #[error("a family has 1 to {FAMILY_BYTES_MAX} characters of a-z, 0-9, - and _")]
    Family,
}

impl Cost {
    /// The family whose limits the call meets; none for the default one.
    pub fn family(&self) -> Option<&str> {
        self.family.as_deref()
    }

    /// How many units it takes.
    pub fn weight(&self) -> u32 {
        self.weight
    }
}

impl Default for Cost {
    /// What a call costs, if nothing is said.
    fn default() -> Self {
        Self {
            family: None,
            weight: 1,
        }
    }
}

/// A cost as it is told, before its bounds are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    family: Option<String>,
    weight: Option<u32>,
}

impl TryFrom<Unchecked> for Cost {
    type Error = BadCost;

    fn try_from(told: Unchecked) -> Result<Self, BadCost> {
        let weight = told.weight.unwrap_or(1);
        if !(1..=WEIGHT_MAX).contains(&weight) {
            return Err(BadCost::Weight);
        }
        if told.family.as_deref().is_some_and(|name| !is_family(name)) {
            return Err(BadCost::Family);
        }
        Ok(Self {
            family: told.family,
            weight,
        })
    }
}

fn is_family(name: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    (1..=FAMILY_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_outside_its_bounds_is_refused() {
        let read = |text: &str| serde_json::from_str::<Cost>(text);
        let cost = read(r#"{"family":"images","weight":5}"#).unwrap();
        assert_eq!((cost.family(), cost.weight()), (Some("images"), 5));
        assert_eq!(read("{}").unwrap(), Cost::default());
        for text in [
            r#"{"weight":0}"#,
            r#"{"weight":1001}"#,
            r#"{"weight":-1}"#,
            r#"{"weight":1.5}"#,
            r#"{"family":""}"#,
            r#"{"family":"a b"}"#,
            r#"{"family":"A"}"#,
            r#"{"price":1}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
