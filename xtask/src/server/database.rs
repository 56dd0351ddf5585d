//! Questions to a D1 database, by wrangler: to the development server's, or to a
//! deployment's.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{Storage, migrations};
use crate::root::root;
use crate::toolchain::Toolchain;
use crate::worker::Worker;

/// A database, while nobody else has its storage.
pub(crate) struct Database {
    tools: Toolchain,
    config: PathBuf,
    name: String,
    storage: Option<Storage>,
}

/// What wrangler prints for each statement.
#[derive(Deserialize)]
struct Answered {
    results: Vec<Value>,
    success: bool,
}

impl Database {
    /// That of a Worker: in a storage folder, or else on Cloudflare.
    pub(crate) fn of(tools: Toolchain, worker: &Worker, storage: Option<Storage>) -> Result<Self> {
        let Some(name) = migrations::names(worker).into_iter().next() else {
            bail!("{} has no database", worker.config.display());
        };
        Ok(Self {
            tools,
            config: worker.config.clone(),
            name,
            storage,
        })
    }

    /// The rows of each of some statements, which stand after each other in one text.
    pub(crate) fn ask(&self, statements: &str) -> Result<Vec<Vec<Value>>> {
        let mut wrangler: Command = self.tools.wrangler();
        // What it says is read: a level for logs would silence it.
        wrangler
            .env_remove("WRANGLER_LOG")
            .current_dir(root())
            .args([
                "d1",
                "execute",
                &self.name,
                "--json",
                "--command",
                statements,
            ])
            .arg("--config")
            .arg(&self.config);
        match &self.storage {
            Some(storage) => wrangler
                .arg("--local")
                .arg("--persist-to")
                .arg(&storage.folder)
                .env("WRANGLER_LOG_PATH", storage.own("logs")),
            None => wrangler.arg("--remote"),
        };
        let output = wrangler.stdin(Stdio::null()).output();
        let output = output.context("starting wrangler")?;
        if !output.status.success() {
            bail!(
                "wrangler d1 execute ended with {}:\n{}{}",
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let answered: Vec<Answered> =
            serde_json::from_slice(&output.stdout).context("reading what the database said")?;
        if answered.iter().any(|answered| !answered.success) {
            bail!("the database did not do what it was asked");
        }
        Ok(answered
            .into_iter()
            .map(|answered| answered.results)
            .collect())
    }
}
