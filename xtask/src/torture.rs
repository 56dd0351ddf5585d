//! `cargo xtask torture`: fault tests against a real workerd, as named runs.
//!
//! A run is a program in `tests/torture/`, which starts its servers with this
//! program's `dev` command. It says what it does, fails if anything was lost,
//! and leaves its figures in `torture/` of the tests' output folder. What each
//! does and what came of it is in `docs/reliability.md`.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::Running;
use crate::root::{root, test_output};
use crate::say::{Watch, say, shown};
use crate::server::{self, Served};
use crate::toolchain::Toolchain;
use crate::worker_build::Profile;

/// The longest that any run may take. Each ends itself before, within a limit
/// of its own that its file names; this one ends a run that hangs.
const RUN_MAX: Duration = Duration::from_mins(30);
/// The tool Workers that the runs serve.
const SERVED: [&str; 2] = ["examples/conformance", "examples/faults"];
/// The front Worker with faults, for the runs that serve it.
const FAULTY: &str = "tests/faulty/front";

/// The runs that serve it.
const UNWIND: &str = "unwind";
const RECORDS: &str = "records";
const ENDS: &str = "ends";

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    /// What it is chosen by, and its file's name.
    pub(crate) name: &'static str,
    about: &'static str,
    /// It waits nearly all the time: others can run beside it and nobody notices.
    pub(crate) is_quiet: bool,
}

impl Run {
    const fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            is_quiet: false,
        }
    }

    const fn quiet(name: &'static str, about: &'static str) -> Self {
        Self {
            is_quiet: true,
            ..Self::new(name, about)
        }
    }
}

/// All runs.
pub(crate) const RUNS: &[Run] = &[
    Run::new(
        "kill",
        "workerd is killed and started again while clients work",
    ),
    Run::new(
        "eviction",
        "no object outlives a step of a client, which sees no difference",
    ),
    Run::quiet("sleep", "quiet streams whose objects nothing wakes"),
    Run::new("cut", "clients that hang up, read slowly, or never read"),
    Run::new(
        "bridge",
        "connections between the front Worker and the objects that break",
    ),
    Run::new("crowd", "very many idle sessions and quiet streams"),
    Run::new(
        "panic",
        "tools that panic, fall silent, or answer garbage or 100 MB",
    ),
    Run::new(
        "quota",
        "ten times what is allowed, while workerd is killed",
    ),
    Run::new(UNWIND, "our own code panics beside sessions that work"),
    Run::new(
        RECORDS,
        "the queue of records and D1 fail at random, then the queue altogether",
    ),
    Run::quiet(
        ENDS,
        "sessions end while requests to accounts and of theirs fail at random",
    ),
];

/// What the caller chose.
#[derive(Debug)]
pub(crate) struct Options {
    /// Names of runs; none means all.
    pub(crate) names: Vec<String>,
    /// A few seconds of each.
    pub(crate) short: bool,
    /// Where its chances begin; each run draws one otherwise, and prints it.
    pub(crate) seed: Option<u32>,
    /// How the Workers are compiled.
    pub(crate) profile: Profile,
}

/// Prints the runs and what each does.
pub(crate) fn list() {
    for run in RUNS {
        say(format_args!("{:12} {}", run.name, run.about));
    }
}

/// Runs the chosen ones, one after the other; a failed one keeps none from running.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let chosen = choose(&options.names)?;
    let tools = Toolchain::ready()?;
    build(&tools, &chosen, options.profile)?;
    let program = std::env::current_exe().context("finding this program")?;
    let watch = Watch::start();
    let mut failed = Vec::new();
    for run in chosen {
        say(format_args!("\n{}: {}", run.name, run.about));
        let mut node = node(&tools, run, &program, options.profile, options.short);
        if let Some(seed) = options.seed {
            node.args(["--seed", &seed.to_string()]);
        }
        let status = Running::start(&mut node)?.wait_with(RUN_MAX, |gone| gone < RUN_MAX)?;
        if status.is_none() {
            say(format_args!(
                "{} took longer than {}",
                run.name,
                shown(RUN_MAX)
            ));
        }
        if !status.is_some_and(|status| status.success()) {
            failed.push(run.name);
        }
    }
    say(format_args!(
        "\nall runs took {}; the figures are in {}",
        shown(watch.elapsed()),
        test_output().join("torture").display()
    ));
    if failed.is_empty() {
        say("nothing was lost");
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!("FAILED: {}", failed.join(", ")));
    Ok(ExitCode::FAILURE)
}

/// Builds what the runs serve.
pub(crate) fn build(tools: &Toolchain, chosen: &[&Run], profile: Profile) -> Result<()> {
    let panics = chosen.iter().any(|run| run.name == UNWIND);
    let faulty = chosen
        .iter()
        .any(|run| [UNWIND, RECORDS, ENDS].contains(&run.name));
    if panics && !tools.wasm.unwinds() {
        say(format_args!(
            "{UNWIND} will fail: the library that is used here ends the instance at a panic"
        ));
    }
    for folder in SERVED.into_iter().chain(faulty.then_some(FAULTY)) {
        let config = root().join(folder).join("wrangler.toml");
        server::build(tools, &Served::by(&config)?, profile)?;
    }
    Ok(())
}

/// The command of a run, which starts what was built before.
pub(crate) fn node(
    tools: &Toolchain,
    run: &Run,
    program: &Path,
    profile: Profile,
    short: bool,
) -> Command {
    let mut node = tools.node_command("node");
    node.current_dir(root())
        .arg(format!("tests/torture/{}.mjs", run.name))
        .args(short.then_some("--short"));
    node.env("SESSILE_DEV_COMMAND", program)
        .env("SESSILE_PREBUILT", profile.name())
        .env("SESSILE_OUTPUT", test_output());
    node
}

fn choose(names: &[String]) -> Result<Vec<&'static Run>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| RUNS.iter().all(|run| run.name != name.as_str()))
    {
        let known: Vec<&str> = RUNS.iter().map(|run| run.name).collect();
        bail!(
            "no run is called \"{unknown}\"; there are {}",
            known.join(", ")
        );
    }
    Ok(RUNS
        .iter()
        .filter(|run| names.is_empty() || names.iter().any(|name| name == run.name))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_its_file_and_every_file_is_a_run() {
        let files = std::fs::read_dir(root().join("tests/torture")).expect("the folder is there");
        let mut files: Vec<String> = files
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".mjs").map(str::to_owned))
            .collect();
        files.sort();
        let mut runs: Vec<&str> = RUNS.iter().map(|run| run.name).collect();
        runs.sort_unstable();
        assert_eq!(files, runs);
    }

    #[test]
    fn an_unknown_run_is_refused_with_the_known_ones() {
        let error = choose(&["skill".to_owned()]).expect_err("there is none of this name");
        assert!(error.to_string().contains("there are kill"), "{error}");
    }
}
