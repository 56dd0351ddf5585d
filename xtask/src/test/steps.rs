//! The steps, in the order they run: what is quick to fail comes first.

use std::process::Command;

use anyhow::{Context, Result};

use super::Prepared;
use super::log::Log;
use super::size;
use super::torment;
use crate::command::command;
use crate::root::{root, target_dir, test_output};
use crate::server::{self, Served, Server};
use crate::toolchain::Toolchain;
use crate::toolchain::wasm::TARGET;

/// What has to be installed before a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// What building and serving needs.
    Toolchain,
    /// The npm packages of `tests/`.
    Packages,
    /// A Python with the client libraries.
    Python,
    /// A browser.
    Chromium,
}

/// One check.
#[derive(Debug)]
pub(super) struct Step {
    /// What it is chosen by.
    pub(super) name: &'static str,
    /// What it checks.
    pub(super) about: &'static str,
    pub(super) needs: &'static [Need],
    pub(super) run: fn(&Prepared, &mut Log) -> Result<()>,
}

/// All steps.
pub(super) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted",
        needs: &[],
        run: fmt,
    },
    Step {
        name: "clippy",
        about: "lints, for this machine, every target",
        needs: &[],
        run: clippy,
    },
    Step {
        name: "clippy-wasm",
        about: "lints, for wasm32, where the Workers run",
        needs: &[Need::Toolchain],
        run: clippy_wasm,
    },
    Step {
        name: "doc",
        about: "the documentation builds without a warning",
        needs: &[],
        run: doc,
    },
    Step {
        name: "unit",
        about: "the tests that need no server, tidy among them",
        needs: &[],
        run: unit,
    },
    Step {
        name: "wasm-size",
        about: "the Workers as deployed stay within their size",
        needs: &[Need::Toolchain],
        run: size::run,
    },
    Step {
        name: "workerd",
        about: "behaviour over HTTP on the real runtime",
        needs: &[Need::Toolchain, Need::Packages, Need::Python],
        run: workerd,
    },
    Step {
        name: "conformance",
        about: "the official conformance suite, on both wires",
        needs: &[Need::Toolchain, Need::Packages],
        run: conformance,
    },
    Step {
        name: "browser",
        about: "Inspector and logins in a browser",
        needs: &[Need::Toolchain, Need::Packages, Need::Chromium],
        run: browser,
    },
    Step {
        name: "torture",
        about: "nothing is lost when the server is tormented, in the short form of each run",
        needs: &[Need::Toolchain],
        run: torment::run,
    },
];

/// The Workers that tests serve by themselves.
const SERVED: [&str; 6] = [
    "examples/conformance",
    "examples/faults",
    "examples/hello",
    "examples/permissions",
    "examples/scratchpad",
    "tests/faulty/front",
];

/// Packages that stand outside the workspace, to be formatted with it.
const OTHER_MANIFESTS: [&str; 1] = ["tests/clients/rmcp/Cargo.toml"];

fn fmt(_: &Prepared, log: &mut Log) -> Result<()> {
    log.run(cargo().args(["fmt", "--all", "--check"]))?;
    for manifest in OTHER_MANIFESTS {
        log.run(cargo().args(["fmt", "--check", "--manifest-path", manifest]))?;
    }
    Ok(())
}

fn clippy(_: &Prepared, log: &mut Log) -> Result<()> {
    log.run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

/// Without tests: they run natively. Without this program: it never runs there.
fn clippy_wasm(prepared: &Prepared, log: &mut Log) -> Result<()> {
    let mut cargo = prepared.tools()?.wasm_cargo();
    cargo.current_dir(root()).args([
        "clippy",
        "--workspace",
        "--exclude",
        "xtask",
        "--target",
        TARGET,
        "--",
        "-D",
        "warnings",
    ]);
    log.run(&mut cargo)
}

fn doc(_: &Prepared, log: &mut Log) -> Result<()> {
    log.run(
        cargo()
            .args(["doc", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-Dwarnings"),
    )
}

fn unit(_: &Prepared, log: &mut Log) -> Result<()> {
    log.run(cargo().args(["test", "--workspace"]))
}

/// One server for all tests that need no other configuration, without limits that
/// they could meet; the others start theirs, from what is built here.
fn workerd(prepared: &Prepared, log: &mut Log) -> Result<()> {
    let tools = prepared.tools()?;
    for folder in SERVED {
        let config = root().join(folder).join("wrangler.toml");
        server::build(tools, &Served::by(&config)?, prepared.profile)?;
    }
    let storage = TemporaryFolder::new("workerd")?;
    let server = Server::start(
        tools,
        &server::Options {
            served: Served::by(&root().join("wrangler.toml"))?,
            port: server::free_port()?,
            persist: storage.0.clone(),
            vars: server::unlimited().collect(),
            profile: prepared.profile,
            prebuilt: false,
            log: Some(test_output().join("server.log")),
        },
    )?;
    let python = prepared.python.as_ref().context("no Python was prepared")?;
    log.run(
        npm_test(prepared, tools, "test:workerd")
            .env("SESSILE_URL", server.url())
            .env("SESSILE_PYTHON", python),
    )
}

/// The tests start the server themselves, behind which is what the suite asks for.
fn conformance(prepared: &Prepared, log: &mut Log) -> Result<()> {
    let tools = prepared.tools()?;
    let served = Served::by(&root().join("examples/conformance/wrangler.toml"))?;
    server::build(tools, &served, prepared.profile)?;
    let outcome = log.run(&mut npm_test(prepared, tools, "test:conformance"));
    // How many scenarios passed is worth a place in the closing table. The line:
    // `# 2025-11-25: 33 of 33 scenarios passed, 30 of 30 scored; checks: 80 passed, …`
    for line in log.text().lines() {
        if let Some((scenarios, _)) = line.split_once("; checks: ") {
            log.remark(scenarios.trim_start_matches(['#', ' ']).to_owned())?;
        }
    }
    outcome
}

/// These tests start servers of their own: each wants its own configuration.
fn browser(prepared: &Prepared, log: &mut Log) -> Result<()> {
    let tools = prepared.tools()?;
    let served = Served::by(&root().join("wrangler.toml"))?;
    server::build(tools, &served, prepared.profile)?;
    let chromium = prepared
        .chromium
        .as_ref()
        .context("no Chromium was prepared")?;
    log.run(npm_test(prepared, tools, "test:browser").env("CHROMIUM", chromium))
}

/// A script of `tests/package.json`, told how to start servers and where to leave what it makes.
fn npm_test(prepared: &Prepared, tools: &Toolchain, script: &str) -> Command {
    let mut npm = tools.node_command("npm");
    npm.current_dir(root().join("tests"))
        .args(["run", "--silent", script]);
    npm.env("SESSILE_DEV_COMMAND", &prepared.program)
        .env("SESSILE_PREBUILT", prepared.profile.name());
    npm.env("SESSILE_OUTPUT", test_output())
        .env("SESSILE_RMCP_TARGET", target_dir().join("rmcp-client"));
    npm
}

fn cargo() -> Command {
    let mut cargo = command("cargo");
    cargo
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target_dir());
    cargo
}

/// A folder that goes when this value does.
struct TemporaryFolder(std::path::PathBuf);

impl TemporaryFolder {
    fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("sessile-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // A folder of test data that stays behind harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
