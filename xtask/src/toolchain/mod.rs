//! The tools that the workspace needs besides stable Rust, Node.js with npm and
//! apt: looked for first, installed into the cache when missing.

pub(crate) mod apt;
pub(crate) mod cache;
mod cargo_tools;
pub(crate) mod chromium;
mod debian_rust;
pub(crate) mod npm;
pub(crate) mod python;
pub(crate) mod wasm;
mod wasm_std;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, anyhow};

use self::cargo_tools::Tool;
use self::npm::Node;
use self::wasm::WasmRust;
use crate::command::command;
use crate::say::{Watch, say, shown};

/// Everything that building and serving needs.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    /// Node.js.
    pub(crate) node: Node,
    /// The compiler for wasm32.
    pub(crate) wasm: WasmRust,
    npm_bin: PathBuf,
    worker_build: PathBuf,
    wasm_bindgen: PathBuf,
}

impl Toolchain {
    /// Installs what is missing.
    pub(crate) fn ready() -> Result<Self> {
        if let Some(found) = Self::found()? {
            return Ok(found);
        }
        let _lock = cache::lock()?;
        say("making the toolchain ready; the first time takes some minutes");
        let watch = Watch::start();
        let (worker_build, wasm_bindgen) = (Tool::worker_build(), Tool::wasm_bindgen()?);
        // Three lanes at once: one waits for apt and compiles, one downloads, one compiles.
        let (wasm, npm, cargo) = std::thread::scope(|scope| {
            let wasm = scope.spawn(WasmRust::ready);
            let npm = scope.spawn(|| {
                let node = Node::ready()?;
                let bin = npm::tools_ready(&node)?;
                anyhow::Ok((node, bin))
            });
            let cargo = (|| anyhow::Ok((worker_build.ready()?, wasm_bindgen.ready()?)))();
            (wasm.join(), npm.join(), cargo)
        });
        let died = |_| anyhow!("an installing thread panicked");
        let (wasm, (node, npm_bin), (worker_build, wasm_bindgen)) =
            (wasm.map_err(died)??, npm.map_err(died)??, cargo?);
        say(format_args!(
            "toolchain ready in {}; for wasm32: {}",
            shown(watch.elapsed()),
            wasm.words()
        ));
        Ok(Self {
            node,
            wasm,
            npm_bin,
            worker_build,
            wasm_bindgen,
        })
    }

    fn found() -> Result<Option<Self>> {
        let (node, npm_bin) = (Node::found()?, npm::tools_found()?);
        let (worker_build, wasm_bindgen) = (
            Tool::worker_build().found()?,
            Tool::wasm_bindgen()?.found()?,
        );
        let (Some(node), Some(npm_bin), Some(worker_build), Some(wasm_bindgen)) =
            (node, npm_bin, worker_build, wasm_bindgen)
        else {
            return Ok(None);
        };
        let wasm = WasmRust::found()?;
        Ok(wasm.map(|wasm| Self {
            node,
            wasm,
            npm_bin,
            worker_build,
            wasm_bindgen,
        }))
    }

    /// Cargo for wasm32.
    pub(crate) fn wasm_cargo(&self) -> Command {
        let mut cargo = self.wasm_command("cargo");
        // worker-build sets it; a call without it would compile everything again.
        cargo.env("WASM_BINDGEN_USE_JS_SYS", "1");
        self.wasm.apply_flags(&mut cargo);
        cargo
    }

    /// `worker-build`, told where its helpers are so that it downloads none.
    pub(crate) fn worker_build(&self) -> Command {
        let mut command = self.wasm_command(&self.worker_build);
        command.env("WASM_BINDGEN_BIN", &self.wasm_bindgen);
        command
            .env("WASM_OPT_BIN", self.npm_bin.join("wasm-opt"))
            .env("ESBUILD_BIN", self.npm_bin.join("esbuild"));
        if self.wasm.unwinds() {
            command.arg("--panic-unwind");
        }
        command
    }

    /// Wrangler: offline, asking nothing, telling nobody.
    pub(crate) fn wrangler(&self) -> Command {
        let mut command = self.node_command(self.node.program());
        command
            .arg("--no-warnings")
            .arg(self.npm_bin.join("wrangler"));
        command
            .env("CI", "1")
            .env("WRANGLER_SEND_METRICS", "false")
            // It would ask a server of Cloudflare where we are, to fill `Request.cf`.
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .env("WRANGLER_HIDE_BANNER", "true");
        command
    }

    /// A program that may call `node` or `npm`.
    pub(crate) fn node_command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = command(program);
        command.env(
            "PATH",
            path_with(&self.node.path().into_iter().collect::<Vec<_>>()),
        );
        command
    }

    /// The folder of the packages of wrangler and its companions.
    pub(crate) fn node_modules(&self) -> &Path {
        self.npm_bin.parent().unwrap_or(&self.npm_bin)
    }

    fn wasm_command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let rust = self.wasm.path();
        let first: Vec<&Path> = rust
            .as_deref()
            .into_iter()
            .chain(self.node.path())
            .collect();
        let path = path_with(&first);
        // The name is looked up in our own PATH and not the child's: say which cargo.
        let name = Path::new(program.as_ref());
        let found = first
            .iter()
            .map(|folder| folder.join(name))
            .find(|path| name.components().count() == 1 && path.is_file());
        let mut command = command(found.as_deref().unwrap_or(name));
        command.env("PATH", path);
        self.wasm.apply(&mut command);
        command
    }
}

/// `PATH` with some folders put first.
pub(crate) fn path_with(first: &[&Path]) -> OsString {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let folders = first
        .iter()
        .map(|folder| folder.to_path_buf())
        .chain(std::env::split_paths(&old));
    std::env::join_paths(folders).unwrap_or(old)
}

/// The first two numbers of a version such as `v22.23.3`.
fn version_in(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn a_version_is_compared_by_its_numbers() {
        assert_eq!(version_in("v22.23.3"), Some((22, 23)));
        assert!(version_in("v9.9.0") < version_in("v22.4.1"));
        assert_eq!(version_in("none"), None);
    }
}
