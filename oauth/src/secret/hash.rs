//! Hashes of secrets, and how two of them are compared.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::encoding;

/// Whether two secrets are the same; takes the same time wherever they differ.
pub fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The SHA-256 of a secret with at least 128 random bits: what we store of it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHash(redacted)")
    }
}

impl SecretHash {
    /// Hashes a secret.
    pub fn of(secret: &str) -> Self {
        Self(encoding::encode(Sha256::digest(secret.as_bytes())))
    }

    /// Takes a hash as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The hash as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the hash of that secret, in constant time.
    pub fn is_of(&self, secret: &str) -> bool {
        same(&self.0, Self::of(secret).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checklist SEC-08.
    #[test]
    fn a_hash_is_of_one_secret_and_does_not_show() {
        let hash = SecretHash::of("hush");
        assert!(hash.is_of("hush") && !hash.is_of("Hush"));
        assert_eq!(format!("{hash:?}"), "SecretHash(redacted)");
    }
}
