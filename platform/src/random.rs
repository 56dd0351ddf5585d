//! The one place that draws random bytes.

use crate::failure::Failure;

/// The platform has no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomBytes;

const WORDS: &str = "the platform has no random bytes";

impl From<NoRandomBytes> for worker::Error {
    fn from(NoRandomBytes: NoRandomBytes) -> Self {
        Self::RustError(WORDS.to_owned())
    }
}

impl From<NoRandomBytes> for Failure {
    fn from(NoRandomBytes: NoRandomBytes) -> Self {
        Self::Bug(WORDS)
    }
}

/// `N` bytes from the platform's cryptographic generator.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoRandomBytes> {
    let mut drawn = [0; N];
    getrandom::getrandom(&mut drawn).map_err(|_| NoRandomBytes)?;
    Ok(drawn)
}
