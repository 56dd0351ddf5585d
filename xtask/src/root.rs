//! Where the workspace and its outputs lie.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

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

/// Cargo's output for the machine itself, as `CARGO_TARGET_DIR` says or `target`.
pub(crate) fn target_dir() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(named)
}

/// What the tests leave behind: screenshots and logs.
pub(crate) fn test_output() -> PathBuf {
    target_dir().join("test-output")
}
