//! The name of a key by which tokens are bound to it.

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use serde::{Deserialize, Serialize};

use crate::{algorithms, encoding};

/// Length of a SHA-256, in bytes.
const HASH_BYTES: usize = 32;

/// The SHA-256 of a public key in its normal form (RFC 7638); not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyThumbprint(String);

impl KeyThumbprint {
    /// Reads `dpop_jkt` (RFC 9449 section 10).
    pub fn parse(text: &str) -> Option<Self> {
        let hash = encoding::decode(text).filter(|hash| hash.len() == HASH_BYTES);
        hash.map(|_| Self(text.to_owned()))
    }

    /// The name of a key.
    pub(super) fn of(key: &Jwk) -> Option<Self> {
        algorithms::install();
        key.thumbprint(ThumbprintHash::SHA256).ok().map(Self)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a token says of the key it is bound to: the claim `cnf` (RFC 7800
/// section 3.1, RFC 9449 section 6.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The key.
    pub jkt: KeyThumbprint,
}
