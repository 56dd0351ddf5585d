//! A Chromium for the browser tests.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, cache};

/// What the binary is called where.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// `CHROMIUM`, or the one in `PATH`, or Debian's.
pub(crate) fn ready() -> Result<PathBuf> {
    if let Some(found) = found() {
        return Ok(found);
    }
    let _lock = cache::lock()?;
    apt::install(&["chromium"], "the browser tests")?;
    found().context("no Chromium in PATH; CHROMIUM may name one")
}

fn found() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH")?;
    NAMES
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}
