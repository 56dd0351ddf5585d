//! The name of a grant.

use serde::{Deserialize, Serialize};

use crate::encoding;

/// Names one grant within its account; it is not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantId(String);

impl GrantId {
    /// A new name from random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(encoding::encode(random))
    }

    /// Takes a name from a source we trust: a sealed value or our own table.
    pub fn trusted(text: String) -> Self {
        Self(text)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for GrantId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
