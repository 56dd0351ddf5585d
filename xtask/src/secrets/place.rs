//! Where secrets are kept, with the same four things to do in both places.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp, Unit};
use serde::Deserialize;

use crate::root::root;
use crate::secrets::SecretFile;
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
    /// Cloudflare, which never shows their values.
    Remote(Box<Toolchain>, Worker),
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
        #[derive(Deserialize)]
        struct Listed {
            name: String,
        }
        match self {
            Self::Local(file) => Ok(file.names()),
            Self::Remote(tools, worker) => {
                let output = run(tools, worker, &["list", "--format", "json"], None)?;
                if !output.status.success() && is_not_deployed(&output, worker)? {
                    return Ok(Vec::new());
                }
                let output = succeeded(output, "list")?;
                let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)
                    .context("reading the list of secrets")?;
                Ok(listed.into_iter().map(|secret| secret.name).collect())
            }
        }
    }

    /// Sets one.
    pub(super) fn put(&mut self, name: &str, value: &str) -> Result<()> {
        match self {
            Self::Local(file) => file.put(name, value),
            Self::Remote(tools, worker) => {
                let output = run(tools, worker, &["put", name], Some(value))?;
                succeeded(output, "put").map(drop)
            }
        }
    }

    /// Takes one away.
    pub(super) fn remove(&mut self, name: &str) -> Result<()> {
        match self {
            Self::Local(file) => file.remove(name),
            Self::Remote(tools, worker) => {
                let output = run(tools, worker, &["delete", name], None)?;
                succeeded(output, "delete").map(drop)
            }
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
