//! The folder outside the repository where installed tools stay.
//!
//! Each tool at each version has a folder of its own that appears in one step
//! when the install is complete: that it exists is all there is to know, and a
//! changed pin is another folder. Nothing in it is ever changed in place.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::say::{Watch, say, shown};

/// `SESSILE_CACHE`, or `sessile` in the user's cache folder.
pub(crate) fn dir() -> Result<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let dir = set("SESSILE_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("sessile")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/sessile")))
        .context("no place for the tool cache: set SESSILE_CACHE to a folder")?;
    fs::create_dir_all(&dir).with_context(|| {
        format!(
            "creating the tool cache {}; SESSILE_CACHE names another place",
            dir.display()
        )
    })?;
    Ok(dir.canonicalize()?)
}

/// Where the logs of installs lie.
pub(crate) fn log(name: &str) -> Result<PathBuf> {
    Ok(dir()?.join("logs").join(format!("{name}.log")))
}

/// A folder of the cache if it is complete.
pub(crate) fn found(name: &str) -> Result<Option<PathBuf>> {
    Ok(Some(dir()?.join(name)).filter(|folder| folder.is_dir()))
}

/// Makes a folder of the cache unless it is there: `fill` puts everything into
/// a staging folder, which becomes the real one when it succeeds.
pub(crate) fn install(
    name: &str,
    what: &str,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let folder = dir()?.join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    say(format_args!("  installing {what}"));
    let watch = Watch::start();
    let staging = dir()?.join(".staging").join(name);
    // What an interrupted install left behind.
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    fs::create_dir_all(&staging)?;
    fill(&staging).with_context(|| format!("installing {what}"))?;
    fs::rename(&staging, &folder)?;
    say(format_args!(
        "  installed {what} in {}",
        shown(watch.elapsed())
    ));
    Ok(folder)
}

/// Held while something is installed, so that two runs do not do it at once.
pub(crate) fn lock() -> Result<File> {
    let path = dir()?.join("lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    if file.try_lock().is_err() {
        say("  waiting for another run that installs tools");
        file.lock()?;
    }
    Ok(file)
}

/// A short name for some contents: 12 hex digits of their SHA-256.
pub(crate) fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let short = digest
        .iter()
        .take(6)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{short:012x}")
}
