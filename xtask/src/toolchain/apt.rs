//! Debian packages, as root, through sudo, or by telling the person what to run.

use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use nix::unistd::geteuid;

use super::cache;
use crate::command::{answer, command, run_logged};
use crate::say::{Watch, say, shown};

/// How old the package lists may be before they are fetched anew.
const LISTS_AGE_MAX: Duration = Duration::from_hours(24);

/// Whether this machine has apt.
pub(crate) fn present() -> bool {
    answer(command("apt-get").arg("--version")).is_some()
}

/// Whether a package is installed.
pub(crate) fn installed(package: &str) -> bool {
    answer(command("dpkg-query").args(["--show", "--showformat=${Status}", package]))
        .is_some_and(|status| status == "install ok installed")
}

/// Installs what is missing of the packages; `why` is for the person who reads along.
pub(crate) fn install(packages: &[&str], why: &str) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    upgrade(&missing, why)
}

/// Installs the packages in their newest version.
pub(crate) fn upgrade(packages: &[&str], why: &str) -> Result<()> {
    let words = packages.join(" ");
    if !present() {
        bail!(
            "{why} needs the Debian packages {words}, and there is no apt here; install what your system has in their place and have it in PATH"
        );
    }
    let Some(prefix) = privilege() else {
        bail!(
            "{why} needs Debian packages and we may not install them; run this, then try again:\n    sudo apt-get update && sudo apt-get install --no-install-recommends {words}"
        );
    };
    say(format_args!("  installing {words} with apt, for {why}"));
    let watch = Watch::start();
    let log = cache::log("apt")?;
    let install = || {
        let mut install = apt(prefix);
        install
            .args(["install", "--yes", "--no-install-recommends"])
            .args(packages);
        run_logged("apt-get install", &mut install, &log)
    };
    if lists_are_stale() {
        run_logged(
            "apt-get update",
            apt(prefix).arg("update"),
            &cache::log("apt-update")?,
        )?;
        install()?;
    } else if install().is_err() {
        // A package that moved on leaves old lists pointing at nothing.
        run_logged(
            "apt-get update",
            apt(prefix).arg("update"),
            &cache::log("apt-update")?,
        )?;
        install()?;
    }
    say(format_args!(
        "  installed {words} in {}",
        shown(watch.elapsed())
    ));
    Ok(())
}

/// What to put before `apt-get`: nothing as root, `sudo -n` where it asks no password.
fn privilege() -> Option<&'static [&'static str]> {
    if geteuid().is_root() {
        return Some(&[]);
    }
    answer(command("sudo").args(["-n", "true"])).map(|_| ["sudo", "-n"].as_slice())
}

fn apt(prefix: &[&str]) -> Command {
    let mut words = prefix.iter().copied().chain(["apt-get"]);
    let mut apt = command(words.next().unwrap_or("apt-get"));
    // apt's own lock may be held for a while on a machine that has just started, in seconds.
    apt.args(words)
        .args(["-o", "DPkg::Lock::Timeout=120"])
        .env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

fn lists_are_stale() -> bool {
    let Ok(entries) = std::fs::read_dir("/var/lib/apt/lists") else {
        return true;
    };
    let newest = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains("_Packages"))
        .filter_map(|entry| entry.metadata().ok()?.modified().ok()?.elapsed().ok())
        .min();
    newest.is_none_or(|age| age > LISTS_AGE_MAX)
}
