//! `cargo xtask test`: every check that CI runs, as named steps.
//!
//! A failed step does not keep the others from running: one run tells
//! everything that is wrong.

mod failures;
mod log;
mod size;
mod steps;
mod torment;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use self::log::Log;
use self::steps::{Need, STEPS, Step};
use crate::root::{prune_ci_target_dir, root, test_output};
use crate::say::{Watch, say, shown};
use crate::toolchain::{Toolchain, chromium, npm, python};
use crate::worker_build::Profile;

/// What the caller chose.
#[derive(Debug)]
pub(crate) struct Options {
    /// Names of steps; none means all.
    pub(crate) names: Vec<String>,
    /// Shows the output of passing steps too.
    pub(crate) verbose: bool,
    /// How the Workers under test are compiled.
    pub(crate) profile: Profile,
}

/// What the steps work with.
#[derive(Debug)]
struct Prepared {
    tools: Option<Toolchain>,
    chromium: Option<PathBuf>,
    python: Option<PathBuf>,
    /// This program, for tests that start servers of their own.
    program: PathBuf,
    profile: Profile,
}

impl Prepared {
    fn tools(&self) -> Result<&Toolchain> {
        self.tools.as_ref().context("no toolchain was prepared")
    }
}

/// Prints the steps and what each does.
pub(crate) fn list() {
    for step in STEPS {
        say(format_args!("{:12} {}", step.name, step.about));
    }
}

/// Runs the chosen steps. The last line is `N passed, N failed`, which CI reads.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let chosen = choose(&options.names)?;
    fs::create_dir_all(test_output())?;
    prune_ci_target_dir()?;
    let watch = Watch::start();
    let mut rows = Vec::new();
    match set_up(&chosen, options.profile) {
        Ok(prepared) => {
            say(format_args!("set-up: {}", shown(watch.elapsed())));
            for step in chosen {
                rows.push(run_step(step, &prepared, options.verbose)?);
            }
        }
        Err(error) => {
            say(format_args!("set-up failed: {error:#}"));
            rows.push(Row {
                name: "set-up",
                took: watch.elapsed(),
                failed: Some(format!("{error:#}")),
                summary: String::new(),
            });
        }
    }
    say(format_args!("\n{:12} {:>13}", "step", "time"));
    for row in &rows {
        let outcome = row.failed.as_ref().map_or("passed", |_| "FAILED");
        say(format_args!(
            "{:12} {:>13}  {outcome}  {}",
            row.name,
            shown(row.took),
            row.summary
        ));
    }
    say(format_args!(
        "{:12} {:>13}\n",
        "all",
        shown(watch.elapsed())
    ));
    let mut failed = 0;
    for row in &rows {
        if let Some(what) = &row.failed {
            failed += 1;
            say(format_args!("{}: what failed\n{what}\n", row.name));
        }
    }
    say(format_args!(
        "{} passed, {failed} failed",
        rows.len() - failed
    ));
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A line of the closing table.
struct Row {
    name: &'static str,
    took: Duration,
    /// What failed, if anything did.
    failed: Option<String>,
    summary: String,
}

fn choose(names: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != name.as_str()))
    {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!(
            "no step is called \"{unknown}\"; there are {}",
            known.join(", ")
        );
    }
    Ok(STEPS
        .iter()
        .filter(|step| names.is_empty() || names.iter().any(|name| name == step.name))
        .collect())
}

fn set_up(chosen: &[&Step], profile: Profile) -> Result<Prepared> {
    let needs = |need: Need| chosen.iter().any(|step| step.needs.contains(&need));
    let tools = needs(Need::Toolchain).then(Toolchain::ready).transpose()?;
    let chromium = needs(Need::Chromium).then(chromium::ready).transpose()?;
    let python = needs(Need::Python).then(python::ready).transpose()?;
    if let Some(tools) = tools.as_ref().filter(|_| needs(Need::Packages)) {
        npm::packages_ready(&tools.node, &root().join("tests"))?;
    }
    let program = std::env::current_exe().context("finding this program")?;
    Ok(Prepared {
        tools,
        chromium,
        python,
        program,
        profile,
    })
}

fn run_step(step: &'static Step, prepared: &Prepared, verbose: bool) -> Result<Row> {
    say(format_args!("\n{}: {}", step.name, step.about));
    let watch = Watch::start();
    let mut log = Log::create(step.name)?;
    let outcome = (step.run)(prepared, &mut log);
    let text = log.text();
    if verbose || outcome.is_err() {
        say(&text);
    }
    let summary = log.summary();
    match &outcome {
        Ok(()) => say(format_args!(
            "{} passed in {}  {summary}",
            step.name,
            shown(watch.elapsed())
        )),
        Err(error) => say(format_args!(
            "{} FAILED after {}: {error:#}",
            step.name,
            shown(watch.elapsed())
        )),
    }
    Ok(Row {
        name: step.name,
        took: watch.elapsed(),
        failed: outcome.err().map(|_| failures::picked(&text)),
        summary,
    })
}
