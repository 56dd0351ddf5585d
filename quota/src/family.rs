//! Families of tools: each has buckets of its own.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest name of a family, in bytes.
pub const FAMILY_BYTES_MAX: usize = 32;

/// The name of a family of tools. Tools that name none are of the default one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Family(String);

/// A text is no name of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a family has 1 to {FAMILY_BYTES_MAX} characters of a-z, 0-9, - and _")]
pub struct BadFamily;

impl Family {
    /// The name, as it stands in fields, policies and the ledger.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Family {
    fn default() -> Self {
        Self("calls".to_owned())
    }
}

impl TryFrom<String> for Family {
    type Error = BadFamily;

    fn try_from(name: String) -> Result<Self, BadFamily> {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let good = (1..=FAMILY_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain);
        good.then_some(Self(name)).ok_or(BadFamily)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name stands in a quoted string of a field.
    #[test]
    fn a_name_that_would_break_a_field_is_no_family() {
        let long = "a".repeat(FAMILY_BYTES_MAX + 1);
        for name in ["", "a\"", "a\\", "a b", "a.b", "Ä", "A", long.as_str()] {
            assert_eq!(Family::try_from(name.to_owned()), Err(BadFamily), "{name}");
        }
        for name in ["calls", "a-b_9", &long[1..]] {
            assert_eq!(Family::try_from(name.to_owned()).unwrap().as_str(), name);
        }
        assert!(Family::try_from(Family::default().to_string()).is_ok());
    }
}
