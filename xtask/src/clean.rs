//! `cargo xtask clean`: away with what was built.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{command, run_shown};
use crate::root::root;
use crate::say::say;
use crate::toolchain::cache;
use crate::worker::Worker;

/// Removes build outputs; with `cache`, the installed tools too. The
/// development server's storage stays: it is the person's data.
pub(crate) fn run(cache: bool) -> Result<()> {
    for worker in Worker::defaults()? {
        if let Some(folder) = worker.crate_folder()? {
            remove(&folder.join("build"))?;
        }
    }
    remove(&root().join("tests/node_modules"))?;
    run_shown(
        "removing cargo's output",
        command("cargo").current_dir(root()).arg("clean"),
    )?;
    if cache {
        let _lock = cache::lock()?;
        remove(&cache::dir()?)?;
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
        say(format_args!("removed {}", folder.display()));
    }
    Ok(())
}
