//! `cargo xtask`: set-up, build, run and test of the whole workspace.
//!
//! It installs what is missing into a cache folder outside the repository and
//! says so. It decides nothing about the product: what a Worker needs stands in
//! its `wrangler.toml`, and it is read from there.
#![expect(clippy::print_stdout, reason = "this is a program for the terminal")]

mod agreement;
mod audit;
mod bench;
mod clean;
mod command;
mod gates;
mod process;
mod root;
mod say;
mod secrets;
mod server;
mod test;
mod toolchain;
mod torture;
mod versions;
mod worker;
mod worker_build;

use std::path::PathBuf;
use std::process::ExitCode;

use ::audit::Link;
use anyhow::{Result, bail};
use clap::{Args, Parser, Subcommand};

use crate::server::{Database, Served, Server, Storage};
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
    /// Serves the Workers on 127.0.0.1, with local storage that stays.
    Dev(DevArgs),
    /// Applies the D1 migrations: to the development server's storage, or to a deployment.
    Migrate(MigrateArgs),
    /// Looks into the audit: in the development server's storage, or of a deployment.
    Audit(AuditArgs),
    /// Makes, sets, replaces and lists the server's secrets: of the development server, or of a deployment.
    Secrets(SecretsArgs),
    /// Runs every check that CI runs, or the named ones.
    Test(TestArgs),
    /// Runs the fault tests against a real workerd, or the named ones.
    Torture(TortureArgs),
    /// Measures what Sessile costs beside the least that the platform can do.
    Bench(bench::Args),
    /// Removes what was built; the development server's storage stays.
    Clean {
        /// The installed tools too.
        #[arg(long)]
        cache: bool,
    },
}

#[derive(Debug, Args)]
struct TestArgs {
    /// Names of steps; all if none is given.
    steps: Vec<String>,
    /// Only names the steps.
    #[arg(long)]
    list: bool,
    /// Shows the output of passing steps too.
    #[arg(short, long)]
    verbose: bool,
    /// Tests a quick build of the Workers instead of the one that is deployed.
    #[arg(long)]
    dev: bool,
}

#[derive(Debug, Args)]
struct TortureArgs {
    /// Names of runs; all if none is given.
    runs: Vec<String>,
    /// A few seconds of each, as `cargo xtask test` does it.
    #[arg(long)]
    short: bool,
    /// Repeats the chances of a run that printed this seed.
    #[arg(long)]
    seed: Option<u32>,
    /// Only names the runs.
    #[arg(long)]
    list: bool,
    /// Torments a quick build of the Workers instead of the one that is deployed.
    #[arg(long)]
    dev: bool,
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

#[derive(Debug, Args)]
struct DevArgs {
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    #[command(flatten)]
    place: Place,
    /// Optimized, as it is deployed.
    #[arg(long)]
    release: bool,
    /// Sets a variable of the server; may be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = name_and_value)]
    vars: Vec<(String, String)>,
    /// Leaves out a Worker behind the front Worker, which another process serves. For
    /// tests that cut the connection between the two.
    #[arg(long, value_name = "NAME", hide = true)]
    elsewhere: Vec<String>,
    /// Serves what was built before in this way, without a look at the sources.
    /// For tests that start many servers.
    #[arg(long, env = "SESSILE_PREBUILT", value_enum, hide = true)]
    prebuilt: Option<Profile>,
}

#[derive(Debug, Args)]
struct MigrateArgs {
    /// The databases on Cloudflare instead of the local ones.
    #[arg(long, conflicts_with = "persist")]
    remote: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct AuditArgs {
    #[command(subcommand)]
    action: AuditAction,
    /// That of the deployment on Cloudflare instead of the local one.
    #[arg(long, global = true, conflicts_with = "persist")]
    remote: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum AuditAction {
    /// Finds whether a row was altered, removed or added, and prints the head.
    Verify {
        /// A head that was printed earlier and noted elsewhere: it has to be in the
        /// chain still, which shows that this was not made anew.
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<Link>,
    },
}

#[derive(Debug, Args)]
struct SecretsArgs {
    #[command(subcommand)]
    action: Option<secrets::Action>,
    /// The secrets of the deployment on Cloudflare instead of the local ones.
    #[arg(long, global = true, conflicts_with = "persist")]
    remote: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Place {
    /// A front Worker's configuration, or that of a tool Worker, such as
    /// examples/hello/wrangler.toml, to serve it alone behind the front Worker
    /// [default: wrangler.toml].
    #[arg(long, value_name = "PATH", global = true)]
    config: Option<PathBuf>,
    /// The folder of the local storage [default: .sessile/dev, and
    /// .sessile/NAME for the tool Worker in a folder NAME].
    #[arg(long, value_name = "DIR", global = true)]
    persist: Option<PathBuf>,
}

impl Place {
    fn config(&self) -> PathBuf {
        self.config
            .clone()
            .unwrap_or_else(|| root::root().join("wrangler.toml"))
    }

    fn persist(&self, served: &Served) -> PathBuf {
        self.persist
            .clone()
            .unwrap_or_else(|| served.default_storage())
    }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("wants NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn main() -> ExitCode {
    let outcome = process::end_children_on_signals().and_then(|()| run(Cli::parse().task));
    process::yield_to_signal();
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Build(args) => build(&args)?,
        Task::Dev(args) => dev(args)?,
        Task::Migrate(args) => migrate(&args)?,
        Task::Audit(args) => return look_into_audit(&args),
        Task::Secrets(args) => manage_secrets(args)?,
        Task::Test(args) if args.list => test::list(),
        Task::Test(args) => {
            let profile = if args.dev {
                Profile::Dev
            } else {
                Profile::Release
            };
            return test::run(&test::Options {
                names: args.steps,
                verbose: args.verbose,
                profile,
            });
        }
        Task::Torture(args) if args.list => torture::list(),
        Task::Torture(args) => {
            return torture::run(&torture::Options {
                names: args.runs,
                short: args.short,
                seed: args.seed,
                profile: if args.dev {
                    Profile::Dev
                } else {
                    Profile::Release
                },
            });
        }
        Task::Bench(args) => return bench::run(&args),
        Task::Clean { cache } => clean::run(cache)?,
    }
    Ok(ExitCode::SUCCESS)
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
    for folder in &folders {
        gates::check(&Worker::read(&folder.join("wrangler.toml"))?)?;
    }
    agreement::check(&Worker::read(&root::root().join("wrangler.toml"))?)?;
    let tools = Toolchain::ready()?;
    folders
        .iter()
        .try_for_each(|folder| worker_build::build(&tools, folder, profile, &folder.join("build")))
}

fn dev(args: DevArgs) -> Result<()> {
    server::check_port(args.port)?;
    let served = Served::by(&args.place.config())?.without(&args.elsewhere);
    let options = server::Options {
        port: args.port,
        persist: args.place.persist(&served),
        served,
        vars: args.vars,
        profile: args.prebuilt.unwrap_or(if args.release {
            Profile::Release
        } else {
            Profile::Dev
        }),
        prebuilt: args.prebuilt.is_some(),
        log: None,
    };
    let status = Server::start(&Toolchain::ready()?, &options)?.wait()?;
    bail!("the server ended with {status}")
}

fn manage_secrets(args: SecretsArgs) -> Result<()> {
    let config = args.place.config();
    let target = if args.remote {
        secrets::Target::Remote(Worker::read(&config)?)
    } else {
        let served = Served::by(&config)?;
        let persist = args.place.persist(&served);
        secrets::Target::Local(served, persist)
    };
    secrets::run(args.action, target)
}

fn look_into_audit(args: &AuditArgs) -> Result<ExitCode> {
    let config = args.place.config();
    let served = Served::by(&config)?;
    let storage = if args.remote {
        None
    } else {
        Some(Storage::open(&args.place.persist(&served))?)
    };
    let database = Database::of(Toolchain::ready()?, served.portal()?, storage)?;
    match args.action {
        AuditAction::Verify { head } => audit::verify(&database, head),
    }
}

fn migrate(args: &MigrateArgs) -> Result<()> {
    let config = args.place.config();
    if args.remote {
        return server::apply_remote(&Toolchain::ready()?, &config);
    }
    let served = Served::by(&config)?;
    let persist = args.place.persist(&served);
    server::apply_local(&Toolchain::ready()?, &served, &persist)
}
