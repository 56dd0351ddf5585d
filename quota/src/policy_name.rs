//! Names of policies that an operator keeps.

use std::fmt;

/// Longest name of a policy, in bytes.
pub const POLICY_NAME_BYTES_MAX: usize = 40;
/// Most policies that are kept: an operator reads their list.
pub const POLICIES_MAX: usize = 64;

/// The name of a policy. Of several that a user's roles have, the first of them in the
/// order of their bytes counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyName(String);

/// A text is no name of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a policy's name has 1 to {POLICY_NAME_BYTES_MAX} characters of a-z, 0-9, - and _")]
pub struct BadPolicyName;

impl PolicyName {
    /// Reads a name.
    pub fn read(name: &str) -> Result<Self, BadPolicyName> {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let good = (1..=POLICY_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain);
        good.then(|| Self(name.to_owned())).ok_or(BadPolicyName)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_none_is_refused() {
        let long = "a".repeat(POLICY_NAME_BYTES_MAX + 1);
        for name in ["", "A", "a b", "a.b", "ä", "a/b", long.as_str()] {
            assert_eq!(PolicyName::read(name), Err(BadPolicyName), "{name}");
        }
        for name in ["trial", "10-premium_a", &long[1..]] {
            assert_eq!(PolicyName::read(name).unwrap().as_str(), name);
        }
    }
}
