//! The one place of the front Worker that draws random bytes.

use crate::error::Error;

/// `N` bytes from the platform's cryptographic generator.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut drawn = [0; N];
    getrandom::getrandom(&mut drawn).map_err(|_| Error::Bug("the platform has no random bytes"))?;
    Ok(drawn)
}
