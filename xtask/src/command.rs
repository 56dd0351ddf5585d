//! Commands as we start them: a clean environment, output to a log, a sign of life.

use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::Running;
use crate::say::{Watch, say, shown};

/// Between two signs of life of a command that takes long.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// How much of a failed command's log is shown, in lines; the whole lies in the log.
const TAIL_LINES: usize = 60;

/// A command without what `cargo run` put into our own environment for us
/// alone, which would make build scripts and toolchains differ from a plain call.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let ours = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || matches!(
                    name,
                    "CARGO"
                        | "CARGO_MANIFEST_DIR"
                        | "CARGO_MANIFEST_PATH"
                        | "CARGO_MANIFEST_LINKS"
                        | "RUST_RECURSION_COUNT"
                        | "LD_LIBRARY_PATH"
                )
        });
        if ours {
            command.env_remove(name);
        }
    }
    command
}

/// What a short command prints, if it succeeds.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command with its output in a log, saying `what` it is for. The log's
/// end is shown if it fails.
pub(crate) fn run_logged(what: &str, command: &mut Command, log: &Path) -> Result<()> {
    let (status, _) = log_to(what, command, log)?;
    if status.success() {
        return Ok(());
    }
    bail!(
        "{what}: {} ended with {status}; the end of {}:\n{}",
        command.get_program().display(),
        log.display(),
        tail(log)
    )
}

/// Runs a command with its output in a log and returns how it ended and how long it took.
pub(crate) fn log_to(
    what: &str,
    command: &mut Command,
    log: &Path,
) -> Result<(ExitStatus, Duration)> {
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let output = File::create(log).with_context(|| format!("creating {}", log.display()))?;
    command.stdout(output.try_clone()?).stderr(output);
    let watch = Watch::start();
    let mut running = Running::start(command)?;
    let status = running.wait_with(SIGN_OF_LIFE, |gone| {
        say(format_args!(
            "    {what}: {} so far ({})",
            shown(gone),
            last_line(log)
        ));
        true
    })?;
    let status = status.context("the command was given up")?;
    Ok((status, watch.elapsed()))
}

/// Runs a command whose output the person at the terminal sees.
pub(crate) fn run_shown(what: &str, command: &mut Command) -> Result<()> {
    let status = Running::start(command)?.wait()?;
    if !status.success() {
        bail!(
            "{what}: {} ended with {status}",
            command.get_program().display()
        );
    }
    Ok(())
}

/// The end of a log.
pub(crate) fn tail(log: &Path) -> String {
    let text = read(log);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    lines.get(from..).unwrap_or_default().join("\n")
}

/// A log as text; a tool may print bytes that are none.
pub(crate) fn read(log: &Path) -> String {
    std::fs::read(log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// The last line of a log that says anything.
pub(crate) fn last_line(log: &Path) -> String {
    let text = read(log);
    let line = text
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("no output yet");
    line.chars().take(80).collect()
}
