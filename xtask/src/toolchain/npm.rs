//! Node.js and what comes from npm: wrangler, workerd, esbuild, wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::cache::{self, fingerprint};
use crate::command::{answer, command, run_logged};
use crate::versions::{Manifest, NODE_MIN, NPM_NODE, NPM_TOOLS};

/// The folder with a `node` that is new enough, to be put first in `PATH`.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    bin: Option<PathBuf>,
}

impl Node {
    /// The machine's own Node.js, or the one in the cache; `None` if one must be installed.
    pub(crate) fn found() -> Result<Option<Self>> {
        if version("node".as_ref()).is_some_and(|version| version >= NODE_MIN) {
            return Ok(Some(Self { bin: None }));
        }
        Ok(cache::found(&name("node", NPM_NODE))?.map(|folder| Self {
            bin: Some(bin(&folder)),
        }))
    }

    /// Makes sure of a Node.js that is new enough.
    pub(crate) fn ready() -> Result<Self> {
        if let Some(node) = Self::found()? {
            return Ok(node);
        }
        let (major, minor) = NODE_MIN;
        if answer(command("npm").arg("--version")).is_none() {
            bail!(
                "npm is not in PATH: install Node.js {major}.{minor} or newer with npm (on Debian: apt-get install nodejs npm)"
            );
        }
        let what = format!("Node.js, because this machine has none of {major}.{minor} or newer");
        let folder = cache::install(&name("node", NPM_NODE), &what, |staging| {
            install(staging, NPM_NODE, None, "node")?;
            match version(&bin(staging).join("node")) {
                Some(version) if version >= NODE_MIN => Ok(()),
                _ => bail!(
                    "npm has no Node.js binary for this machine: install Node.js {major}.{minor} or newer by hand"
                ),
            }
        })?;
        Ok(Self {
            bin: Some(bin(&folder)),
        })
    }

    /// The folder to put first in `PATH`, unless the machine's own Node.js is new enough.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.bin.as_deref()
    }

    /// The binary.
    pub(crate) fn program(&self) -> PathBuf {
        self.bin
            .as_ref()
            .map_or_else(|| "node".into(), |bin| bin.join("node"))
    }
}

/// The folder of wrangler and its companions, if it is there.
pub(crate) fn tools_found() -> Result<Option<PathBuf>> {
    Ok(cache::found(&name("npm", NPM_TOOLS))?.map(|folder| bin(&folder)))
}

/// Makes sure of wrangler and its companions; returns the folder with their programs.
pub(crate) fn tools_ready(node: &Node) -> Result<PathBuf> {
    let folder = cache::install(
        &name("npm", NPM_TOOLS),
        "wrangler, workerd, esbuild and binaryen with npm",
        |staging| install(staging, NPM_TOOLS, Some(node), "tools"),
    )?;
    Ok(bin(&folder))
}

/// Makes sure that the packages of a folder with a lock file are in its `node_modules`.
pub(crate) fn packages_ready(node: &Node, folder: &Path) -> Result<()> {
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("reading the npm lock file of {}", folder.display()))?;
    let stamp = folder.join("node_modules/.sessile-lock");
    let wanted = fingerprint(&[&lock]);
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    crate::say::say(format_args!(
        "  installing the npm packages of {}",
        folder.display()
    ));
    let mut npm = npm(Some(node));
    npm.current_dir(folder).args(["ci", "--ignore-scripts"]);
    run_logged("npm ci", &mut npm, &cache::log("npm-packages")?)?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// `npm install` and not `npm ci`: where a registry lacks workerd for other
/// systems, the lock file cannot name them, and `ci` refuses such a lock. What
/// the lock names is installed as it says, hashes and all.
fn install(staging: &Path, manifest: Manifest, node: Option<&Node>, log: &str) -> Result<()> {
    fs::write(staging.join("package.json"), manifest.package)?;
    fs::write(staging.join("package-lock.json"), manifest.lock)?;
    let mut npm = npm(node);
    npm.current_dir(staging)
        .args(["install", "--ignore-scripts"]);
    run_logged("npm install", &mut npm, &cache::log(&format!("npm-{log}"))?)
}

fn npm(node: Option<&Node>) -> Command {
    let mut npm = command("npm");
    if let Some(bin) = node.and_then(Node::path) {
        npm.env("PATH", super::path_with(&[bin]));
    }
    npm.args(["--no-audit", "--no-fund", "--no-update-notifier"]);
    npm
}

fn name(what: &str, manifest: Manifest) -> String {
    format!(
        "{what}-{}",
        fingerprint(&[manifest.lock.as_bytes(), std::env::consts::ARCH.as_bytes()])
    )
}

fn bin(folder: &Path) -> PathBuf {
    folder.join("node_modules/.bin")
}

fn version(program: &Path) -> Option<(u32, u32)> {
    super::version_in(&answer(command(program).arg("--version"))?)
}
