//! The short form of every run of `cargo xtask torture`, as one step.
//!
//! The quiet ones run beside the others, which run one after the other: two
//! cores are no place for more. Whichever fails, all are run.

use anyhow::{Result, bail};

use super::Prepared;
use super::log::Log;
use crate::say::{Watch, say, shown};
use crate::torture::{self, RUNS};

pub(super) fn run(prepared: &Prepared, log: &mut Log) -> Result<()> {
    let tools = prepared.tools()?;
    let all: Vec<_> = RUNS.iter().collect();
    torture::build(tools, &all, prepared.profile)?;
    let command = |run| torture::node(tools, run, &prepared.program, prepared.profile, true);
    let mut beside = Vec::new();
    for run in RUNS.iter().filter(|run| run.is_quiet) {
        beside.push((run, log.start_beside(run.name, &mut command(run))?));
    }
    let mut failed = Vec::new();
    let mut note = |name, how: &str, outcome: Result<()>| match outcome {
        Ok(()) => say(format_args!("    {name} passed {how}")),
        Err(error) => {
            say(format_args!("    {name} FAILED {how}: {error:#}"));
            failed.push(name);
        }
    };
    for run in RUNS.iter().filter(|run| !run.is_quiet) {
        let watch = Watch::start();
        let outcome = log.run(&mut command(run));
        note(run.name, &format!("in {}", shown(watch.elapsed())), outcome);
    }
    for (run, started) in beside {
        note(run.name, "beside the others", log.wait_for(started));
    }
    let count = RUNS.len();
    if failed.is_empty() {
        return log.remark(format!("{count} runs, nothing lost"));
    }
    let failed = failed.join(", ");
    log.remark(format!("{count} runs, of which failed: {failed}"))?;
    bail!("of {count} runs failed: {failed}")
}
