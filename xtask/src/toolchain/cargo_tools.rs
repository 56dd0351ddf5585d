//! `worker-build` and the `wasm-bindgen` CLI, built with the machine's own Rust.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::cache;
use crate::command::{command, run_logged};
use crate::root::root;
use crate::versions::WORKER_BUILD;

/// A program from crates.io.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: String,
    /// Cargo's optimization level. It costs minutes, so only what works hard gets it.
    opt_level: &'static str,
}

impl Tool {
    /// `worker-build`: it only calls others.
    pub(crate) fn worker_build() -> Self {
        Self {
            package: "worker-build",
            program: "worker-build",
            version: WORKER_BUILD.to_owned(),
            opt_level: "0",
        }
    }

    /// The `wasm-bindgen` CLI in the version of the crate in `Cargo.lock`: they
    /// speak a private format with each other that any release may change.
    pub(crate) fn wasm_bindgen() -> Result<Self> {
        let lock = fs::read_to_string(root().join("Cargo.lock")).context("reading Cargo.lock")?;
        let version = locked_version(&lock, "wasm-bindgen")
            .context("Cargo.lock has no wasm-bindgen: the workspace builds no Worker")?;
        Ok(Self {
            package: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version,
            opt_level: "2",
        })
    }

    /// The program, if it is there.
    pub(crate) fn found(&self) -> Result<Option<PathBuf>> {
        Ok(cache::found(&self.name())?.map(|folder| self.binary(&folder)))
    }

    /// Makes sure of the program.
    pub(crate) fn ready(&self) -> Result<PathBuf> {
        let Self {
            package, version, ..
        } = self;
        let folder = cache::install(
            &self.name(),
            &format!("{package} {version} with cargo, from source"),
            |staging| {
                let mut cargo = command("cargo");
                // Not `--locked`: the lock file inside wasm-bindgen-cli 0.2.130 names a yanked crate.
                cargo
                    .current_dir(staging)
                    .args([
                        "install",
                        &format!("{package}@{version}"),
                        "--bin",
                        self.program,
                        "--force",
                        "--root",
                    ])
                    .arg(staging);
                cargo
                    .env("CARGO_TARGET_DIR", staging.join("target"))
                    .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level);
                cargo
                    .env("CARGO_PROFILE_RELEASE_LTO", "off")
                    .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
                cargo
                    .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
                    .env_remove("RUSTFLAGS");
                run_logged(
                    &format!("cargo install {package}"),
                    &mut cargo,
                    &cache::log(package)?,
                )?;
                fs::remove_dir_all(staging.join("target"))?;
                Ok(())
            },
        )?;
        Ok(self.binary(&folder))
    }

    fn name(&self) -> String {
        format!("{}-{}", self.package, self.version)
    }

    fn binary(&self, folder: &Path) -> PathBuf {
        folder.join("bin").join(self.program)
    }
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let lock: toml::Table = lock.parse().ok()?;
    let packages = lock.get("package")?.as_array()?;
    let found = packages
        .iter()
        .find(|entry| entry.get("name").and_then(toml::Value::as_str) == Some(package))?;
    Some(found.get("version")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_crate_is_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm\"\nversion = \"1.0.0\"\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(
            locked_version(lock, "wasm-bindgen").as_deref(),
            Some("0.2.130")
        );
        assert_eq!(locked_version(lock, "bindgen"), None);
    }
}
