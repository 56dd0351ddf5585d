//! Where the workspace and its outputs lie.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::Result;

use crate::say::say;
use crate::toolchain::cache;

/// Size at which CI's compiled code is thrown away, in bytes. One state of the
/// sources takes 5 GB (2026-11); more is what older states left behind.
const CI_TARGET_BYTES_MAX: u64 = 15_000_000_000;

/// The folder of the workspace's `Cargo.toml`: the one we are in, or else the
/// one this program was built from.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let here = std::env::current_dir().unwrap_or_default();
        let found = here
            .ancestors()
            .find(|folder| folder.join("xtask/Cargo.toml").is_file());
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap_or(Path::new("."));
        found.unwrap_or(built_from).to_path_buf()
    });
    &ROOT
}

/// Cargo's output: what `CARGO_TARGET_DIR` says, or `target`. CI starts from a
/// fresh clone each time, so there it is in the cache: the dependencies, most of
/// the work, are then compiled once.
pub(crate) fn target_dir() -> PathBuf {
    named_target_dir()
        .or_else(ci_target_dir)
        .unwrap_or_else(|| root().join("target"))
}

/// What the tests leave behind: screenshots and logs.
pub(crate) fn test_output() -> PathBuf {
    named_target_dir()
        .unwrap_or_else(|| root().join("target"))
        .join("test-output")
}

/// Keeps CI's compiled code from growing without end.
pub(crate) fn prune_ci_target_dir() -> Result<()> {
    let Some(folder) =
        ci_target_dir().filter(|folder| folder.is_dir() && named_target_dir().is_none())
    else {
        return Ok(());
    };
    let bytes = size(&folder)?;
    if bytes > CI_TARGET_BYTES_MAX {
        say(format_args!(
            "removing {} MB of compiled code in {}",
            bytes / 1_000_000,
            folder.display()
        ));
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

fn named_target_dir() -> Option<PathBuf> {
    std::env::var_os("CARGO_TARGET_DIR")
        .filter(|named| !named.is_empty())
        .map(|named| root().join(named))
}

fn ci_target_dir() -> Option<PathBuf> {
    let ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty());
    ci.then(cache::dir)?.ok().map(|cache| cache.join("target"))
}

fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() {
            size(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}
