//! The one place of the objects that draws random bytes.

use worker::{Error, Result};

/// `N` bytes from the platform's cryptographic generator.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut drawn = [0; N];
    getrandom::getrandom(&mut drawn)
        .map_err(|_| Error::RustError("the platform has no random bytes".into()))?;
    Ok(drawn)
}
