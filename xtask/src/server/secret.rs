//! The development server's root secret: made once per storage folder, because
//! what is sealed in the storage must be readable after a restart.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::config::write_private;

/// Length of the secret, in bytes: as much as the keys that are derived from it.
const SECRET_BYTES: usize = 32;

/// The secret in the file, which is made if there is none.
pub(super) fn ready(file: &Path) -> Result<String> {
    if file.is_file() {
        let secret =
            fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        return Ok(secret.trim().to_owned());
    }
    let mut bytes = [0; SECRET_BYTES];
    getrandom::getrandom(&mut bytes).context("asking the system for randomness")?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    write_private(file, &secret)?;
    Ok(secret)
}
