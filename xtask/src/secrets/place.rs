//! Where secrets are kept, with the same four things to do in both places.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp, Unit};
use serde::Deserialize;

use super::root_secret::number;
use crate::root::root;
use crate::secrets::{ADMIN_TOKEN, SecretFile};
use crate::toolchain::Toolchain;
use crate::worker::Worker;

/// How long before it is used a new root secret is set on Cloudflare: every
/// machine must be able to read what is made with it, and a deployment takes
/// seconds to reach them all.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Where secrets are kept.
pub(super) enum Place {
    /// A file of the development server.
    Local(SecretFile),
    /// The Workers of a server on Cloudflare, which never shows their values.
    Remote(Box<Toolchain>, Vec<Worker>),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Local(_) => "in the development server's file",
            Self::Remote(..) => "on Cloudflare",
        })
    }
}

impl Place {
    /// The names of all secrets that are set.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        match self {
            Self::Local(file) => Ok(file.names()),
            Self::Remote(tools, workers) => names(tools, workers),
        }
    }

    /// Sets one.
    pub(super) fn put(&mut self, name: &str, value: &str) -> Result<()> {
        match self {
            Self::Local(file) => file.put(name, value),
            Self::Remote(tools, workers) => each(workers, name, |worker| {
                let output = run(tools, worker, &["put", name], Some(value))?;
                succeeded(output, "put").map(drop)
            }),
        }
    }

    /// Takes one away.
    pub(super) fn remove(&mut self, name: &str) -> Result<()> {
        match self {
            Self::Local(file) => file.remove(name),
            Self::Remote(tools, workers) => each(workers, name, |worker| {
                let output = run(tools, worker, &["delete", name], None)?;
                succeeded(output, "delete").map(drop)
            }),
        }
    }

    /// From when on a root secret that is set now may be used.
    pub(super) fn begins(&self) -> Timestamp {
        let now = Timestamp::now();
        let begins = match self {
            Self::Local(_) => now, // It is read when the server starts.
            Self::Remote(..) => now.saturating_add(AHEAD).unwrap_or(now),
        };
        begins.round(Unit::Second).unwrap_or(begins)
    }
}

/// What is set at the Workers: the same at each that needs it. Nothing else is done
/// where it is not, since a value cannot be read back to be set elsewhere.
fn names(tools: &Toolchain, workers: &[Worker]) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Listed {
        name: String,
    }
    let mut found = Vec::new();
    for worker in workers {
        let output = run(tools, worker, &["list", "--format", "json"], None)?;
        let listed: Vec<Listed> = if !output.status.success() && is_not_deployed(&output, worker)? {
            Vec::new()
        } else {
            let output = succeeded(output, "list")?;
            serde_json::from_slice(&output.stdout).context("reading the list of secrets")?
        };
        let names: Vec<String> = listed.into_iter().map(|secret| secret.name).collect();
        found.push((worker, names));
    }
    let mut all: Vec<String> = found.iter().flat_map(|(_, names)| names.clone()).collect();
    all.sort();
    all.dedup();
    for name in &all {
        let (with, without): (Vec<_>, Vec<_>) = found
            .iter()
            .filter(|(worker, _)| needs(worker, name))
            .partition(|(_, names)| names.contains(name));
        if let (Some((with, _)), Some((without, _))) = (with.first(), without.first()) {
            bail!(
                "{name} is set at {} and not at {}, and cannot be read back: take it away with `wrangler secret delete {name} --config {}`, and set it anew",
                with.name()?,
                without.name()?,
                with.config.display()
            );
        }
    }
    Ok(all)
}

/// Does something at each Worker that needs a secret of that name, the front Worker
/// last: by then those behind it can read what is made with a new one.
fn each(workers: &[Worker], name: &str, act: impl Fn(&Worker) -> Result<()>) -> Result<()> {
    let needing = workers.iter().filter(|worker| needs(worker, name));
    needing.rev().try_for_each(act)
}

/// Whether a Worker of the server needs a secret: all of them the root secrets, the
/// portal all, and the objects those at providers, whose tokens they renew.
pub(crate) fn needs(worker: &Worker, name: &str) -> bool {
    number(name).is_some() || worker.is_portal() || (worker.has_objects() && name != ADMIN_TOKEN)
}

/// Whether a list failed because nothing was deployed yet: `put` makes a Worker that
/// has secrets and no code, so that its first deployment finds them.
fn is_not_deployed(output: &Output, worker: &Worker) -> Result<bool> {
    let words = String::from_utf8_lossy(&output.stderr);
    Ok(words.contains(&format!("Worker \"{}\" not found", worker.name()?)))
}

/// Runs `wrangler secret`; a value goes through a pipe, never on the command line.
fn run(tools: &Toolchain, worker: &Worker, words: &[&str], value: Option<&str>) -> Result<Output> {
    let mut command: Command = tools.wrangler();
    command
        .current_dir(root())
        .arg("secret")
        .args(words)
        .arg("--config")
        .arg(&worker.config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().context("starting wrangler")?;
    if let (Some(mut stdin), Some(value)) = (child.stdin.take(), value) {
        stdin.write_all(value.as_bytes())?;
    }
    Ok(child.wait_with_output()?)
}

fn succeeded(output: Output, what: &str) -> Result<Output> {
    if !output.status.success() {
        bail!(
            "wrangler secret {what} ended with {}:\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(output)
}
