//! `cargo xtask bench`: what Sessile costs beside the least that the platform can do,
//! measured beside it (`bench/`).

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::process::Running;
use crate::root::{root, target_dir};
use crate::server::{self, Options, Served};
use crate::toolchain::Toolchain;
use crate::worker_build::Profile;

/// What is to be measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only what has this in its name: a piece of work, memory, start, size or growth; may
    /// be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// One short round of everything, for a first look.
    #[arg(long)]
    quick: bool,
    /// Fails if a ratio is beyond its limit in bench/limits.json.
    #[arg(long)]
    check: bool,
    /// How many servers of a kind are measured, one after the other: two of the same
    /// Workers differ [default: 3; 1 if it is quick].
    #[arg(long)]
    servers: Option<u8>,
    /// How often each measurement is made with each of them [default: 3; 1 if it is
    /// quick].
    #[arg(long)]
    rounds: Option<u8>,
    /// How long one of them takes, in milliseconds [default: 2000; 1500 if it is
    /// quick].
    #[arg(long)]
    ms: Option<u32>,
    /// Runs one piece of work with Sessile alone, built with the names of its functions,
    /// and tells where its CPU time goes.
    #[arg(long, value_name = "WORK", conflicts_with_all = ["only", "check", "quick"])]
    profile: Option<String>,
    /// Where the figures are left as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where plots of them are left as SVG.
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
}

/// The variables that refuse nothing, each as wide as it may be: what is measured is
/// that they are asked, not that they refuse.
const WIDE: [(&str, &str); 4] = [
    ("QUOTA_BURST", "1000000"),
    ("QUOTA_PER_MINUTE", "1000000"),
    ("SESSIONS_PER_USER", "20000"),
    ("LISTENERS_PER_USER", "20000"),
];

/// The servers that are measured: what their options begin with, their Workers, and
/// where below the target folder they keep what they store. The demo's tools are linked
/// into the first and are a Worker of their own behind the second.
const SERVERS: [(&str, &str, &str); 2] = [
    ("", "wrangler.toml", "bench"),
    (
        "tool-worker-",
        "tools/demo_worker/wrangler.toml",
        "bench-tool-worker",
    ),
];

/// Builds, starts and measures.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let tools = Toolchain::ready()?;
    let profile = if args.profile.is_some() {
        Profile::Profiling
    } else {
        Profile::Release
    };
    let mut node = tools.node_command("node");
    node.current_dir(root())
        .arg("bench/run.mjs")
        .env("SESSILE_NODE_MODULES", tools.node_modules())
        .env("WRANGLER_LOG", "warn");
    for (prefix, config, folder) in SERVERS {
        let served = Served::by(&root().join(config))?;
        server::build(&tools, &served, profile)?;
        let persist = target_dir().join(folder);
        if persist.exists() {
            fs::remove_dir_all(&persist)?;
        }
        let port = server::free_port()?;
        let wide = WIDE.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let options = Options {
            served,
            port,
            persist,
            vars: server::unlimited().chain(wide).collect(),
            profile,
            prebuilt: true,
            log: None,
        };
        let (storage, configs) = server::prepare(&tools, &options)?;
        for config in configs {
            node.arg(format!("--{prefix}config")).arg(config);
        }
        node.arg(format!("--{prefix}port"))
            .arg(port.to_string())
            .arg(format!("--{prefix}persist"))
            .arg(storage.local());
    }
    node.args(["--compiler", &tools.wasm.words()]);
    if args.quick {
        node.arg("--quick");
    }
    if args.check {
        node.arg("--check");
    }
    if let Some(servers) = args.servers {
        node.args(["--servers", &servers.to_string()]);
    }
    if let Some(rounds) = args.rounds {
        node.args(["--rounds", &rounds.to_string()]);
    }
    if let Some(ms) = args.ms {
        node.args(["--ms", &ms.to_string()]);
    }
    if let Some(work) = &args.profile {
        node.args(["--profile", work, "--profiles"])
            .arg(target_dir().join("profiles"));
    }
    for only in &args.only {
        node.args(["--only", only]);
    }
    if let Some(out) = &args.out {
        node.arg("--out").arg(std::path::absolute(out)?);
    }
    if let Some(plots) = &args.plots {
        node.arg("--plots").arg(std::path::absolute(plots)?);
    }
    let status = Running::start(&mut node)?.wait()?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
