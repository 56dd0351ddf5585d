//! `cargo xtask`: set-up, build, run and test of the whole workspace.
//!
//! It installs what is missing into a cache folder outside the repository and
//! says so. It decides nothing about the product: what a Worker needs stands in
//! its `wrangler.toml`, and it is read from there.
#![expect(clippy::print_stdout, reason = "this is a program for the terminal")]

mod command;
mod process;
mod root;
mod say;
mod toolchain;
mod versions;
mod worker;
mod worker_build;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::toolchain::Toolchain;
use crate::worker::Worker;
use crate::worker_build::Profile;

/// Set-up, build, run and test of the whole workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Builds the Workers into their `build` folders.
    Build(BuildArgs),
}

#[derive(Debug, Args)]
struct BuildArgs {
    /// Only the Worker in this folder; may be given several times.
    #[arg(long = "worker", value_name = "DIR")]
    workers: Vec<PathBuf>,
    /// Optimized, as it is deployed.
    #[arg(long)]
    release: bool,
}

fn main() -> ExitCode {
    let outcome = process::end_children_on_signals().and_then(|()| run(Cli::parse().task));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Build(args) => build(&args),
    }
}

fn build(args: &BuildArgs) -> Result<()> {
    let folders = if args.workers.is_empty() {
        let mut folders = Vec::new();
        for worker in Worker::defaults()? {
            folders.extend(worker.crate_folder()?);
        }
        folders
    } else {
        // Wrangler calls us in the folder of its configuration, a person in any: names start at the root.
        args.workers
            .iter()
            .map(|folder| Ok(root::root().join(folder).canonicalize()?))
            .collect::<Result<Vec<_>>>()?
    };
    let profile = if args.release {
        Profile::Release
    } else {
        Profile::Dev
    };
    let tools = Toolchain::ready()?;
    folders
        .iter()
        .try_for_each(|folder| worker_build::build(&tools, folder, profile, &folder.join("build")))
}
