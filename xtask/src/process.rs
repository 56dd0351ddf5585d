//! Running other programs so that none outlives us.
//!
//! Each program runs in a process group that we can end as a whole, by its id.
//! When we lead a group ourselves (a shell with job control or a test harness
//! made one for us) the programs stay in it, so that a signal to our group
//! reaches the whole tree even if it kills us; otherwise each gets its own.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpgrp, getpid};

use crate::say::Watch;

/// How long a program may take to end by itself after SIGTERM before it is killed.
const GRACE: Duration = if cfg!(test) {
    Duration::from_millis(500)
} else {
    Duration::from_secs(5)
};
/// Between two looks at a program that should end.
const LOOK: Duration = Duration::from_millis(25);
/// What a shell reports for a program ended by SIGINT: 128 + 2.
const EXIT_INTERRUPTED: i32 = 130;

static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static ENDING: AtomicBool = AtomicBool::new(false);

/// Ctrl-C, SIGTERM and SIGHUP end what we started, then us.
pub(crate) fn end_children_on_signals() -> Result<()> {
    ctrlc::set_handler(|| {
        if ENDING.swap(true, Ordering::SeqCst) {
            return;
        }
        end_all();
        std::process::exit(EXIT_INTERRUPTED);
    })
    .context("watching for Ctrl-C")
}

/// When a signal is ending us, waits for that: what fails meanwhile fails because of it.
pub(crate) fn yield_to_signal() {
    while ENDING.load(Ordering::SeqCst) {
        std::thread::sleep(LOOK);
    }
}

/// A running program, ended with all it started when this value goes.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    group: i32,
}

impl Running {
    /// Starts a program without standard input.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::null());
        let leading = getpgrp() == getpid();
        if !leading {
            command.process_group(0);
        }
        // Held over the start, so that a signal does not miss the newcomer.
        let mut running = RUNNING
            .lock()
            .map_err(|_| anyhow::anyhow!("another thread panicked"))?;
        if ENDING.load(Ordering::SeqCst) {
            bail!("interrupted");
        }
        let child = command
            .spawn()
            .with_context(|| format!("starting {}", command.get_program().display()))?;
        let group = if leading {
            getpgrp().as_raw()
        } else {
            i32::try_from(child.id())?
        };
        running.insert(group);
        Ok(Self { child, group })
    }

    /// Whether it has ended, and how.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Waits for its end, calling `tick` every `period` with the time gone by.
    /// `None` if `tick` gave up by returning false.
    pub(crate) fn wait_with(
        &mut self,
        period: Duration,
        mut tick: impl FnMut(Duration) -> bool,
    ) -> Result<Option<ExitStatus>> {
        let watch = Watch::start();
        let mut next = period;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(Some(status));
            }
            if watch.elapsed() >= next {
                if !tick(watch.elapsed()) {
                    return Ok(None);
                }
                next += period;
            }
            std::thread::sleep(LOOK);
        }
    }

    fn shares_our_group(&self) -> bool {
        self.group == getpgrp().as_raw()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).unwrap_or(self.group);
        let alive = matches!(self.child.try_wait(), Ok(None));
        if self.shares_our_group() {
            // Others of ours may be in this group: only this one and what it started.
            if alive {
                end(&|| descendants(pid), &mut || {
                    matches!(self.child.try_wait(), Ok(Some(_)))
                });
            }
        } else {
            end(&|| members(self.group), &mut || {
                matches!(self.child.try_wait(), Ok(Some(_)) | Err(_))
            });
            if let Ok(mut running) = RUNNING.lock() {
                running.remove(&self.group);
            }
        }
    }
}

fn end_all() {
    let groups: Vec<i32> = RUNNING
        .lock()
        .map(|running| running.iter().copied().collect())
        .unwrap_or_default();
    let (us, ours) = (getpid().as_raw(), getpgrp().as_raw());
    // Our own group may also hold what a shell put beside us in a pipeline: there, only what we started.
    let all = || -> Vec<i32> {
        let theirs = groups
            .iter()
            .filter(|group| **group != ours)
            .flat_map(|group| members(*group));
        descendants(us)
            .into_iter()
            .filter(|pid| *pid != us)
            .chain(theirs)
            .collect()
    };
    end(&all, &mut || true);
}

/// SIGTERM to all, then SIGKILL to those left after the grace time.
fn end(all: &dyn Fn() -> Vec<i32>, reaped: &mut dyn FnMut() -> bool) {
    let watch = Watch::start();
    let mut signal = Signal::SIGTERM;
    let first = all();
    send(&first, signal);
    // What it started may be given to another parent when it ends: remember all.
    loop {
        let gone = reaped();
        let left: Vec<i32> = first
            .iter()
            .copied()
            .chain(all())
            .filter(|pid| alive(*pid))
            .collect();
        if gone && left.is_empty() {
            return;
        }
        if watch.elapsed() > GRACE {
            if signal == Signal::SIGKILL && watch.elapsed() > GRACE * 2 {
                return;
            }
            signal = Signal::SIGKILL;
            send(&left, signal);
        }
        std::thread::sleep(LOOK);
    }
}

fn send(pids: &[i32], signal: Signal) {
    for pid in pids {
        // It may have ended since we looked; that is what we want.
        let _ = kill(Pid::from_raw(*pid), signal);
    }
}

/// A zombie has ended; only its parent has not looked yet.
fn alive(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None).is_ok() && stat(pid).is_none_or(|stat| !stat.zombie)
}

/// Everything in a process group. Where there is no `/proc`, the leader alone.
fn members(group: i32) -> Vec<i32> {
    let all = processes();
    if all.is_empty() {
        return if killpg(Pid::from_raw(group), None).is_ok() {
            vec![group]
        } else {
            Vec::new()
        };
    }
    all.iter()
        .filter(|entry| entry.group == group && !entry.zombie)
        .map(|entry| entry.pid)
        .collect()
}

/// A process and everything it started that still hangs on it.
fn descendants(pid: i32) -> Vec<i32> {
    let all = processes();
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(
            all.iter()
                .filter(|entry| entry.parent == parent && !entry.zombie)
                .map(|entry| entry.pid),
        );
        next += 1;
    }
    found
}

struct Stat {
    pid: i32,
    parent: i32,
    group: i32,
    zombie: bool,
}

fn processes() -> Vec<Stat> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(stat)
        .collect()
}

/// `/proc/PID/stat`: the name in parentheses may hold anything, so count from its end.
fn stat(pid: i32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let zombie = matches!(fields.next()?, "Z" | "X");
    Some(Stat {
        pid,
        zombie,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_ended_with_all_it_started() {
        let mut shell = Command::new("sh");
        // The inner one ignores the polite request.
        shell.args(["-c", "(trap '' TERM; sleep 60) & sleep 60 & wait"]);
        let running = Running::start(&mut shell).expect("sh starts");
        let pid = i32::try_from(running.child.id()).expect("a process id fits");
        let watch = Watch::start();
        while descendants(pid).len() < 3 && watch.elapsed() < GRACE * 10 {
            std::thread::sleep(LOOK);
        }
        let all = descendants(pid);
        assert!(all.len() >= 3, "the shell and both sleeps run: {all:?}");
        drop(running);
        let left: Vec<i32> = all.into_iter().filter(|pid| alive(*pid)).collect();
        assert_eq!(left, Vec::<i32>::new());
    }
}
