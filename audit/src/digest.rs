//! SHA-256 as text.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The SHA-256 of bytes, in base64url without padding: 43 characters.
pub(crate) fn of(bytes: &[u8]) -> String {
    text(&Sha256::digest(bytes))
}

/// A SHA-256 as text.
pub(crate) fn text(sha256: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(sha256)
}
