//! The development server's secrets: a file in the storage folder, because
//! what is sealed in the storage must be readable after a restart.

use std::fs;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::secrets::ROOT_SECRET;
use crate::server::{Storage, write_private};

/// Length of a secret that is made, in bytes: as much as the keys that are derived from it.
const SECRET_BYTES: usize = 32;

/// A new secret: 256 random bits in base64url.
pub(crate) fn made() -> Result<String> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::getrandom(&mut bytes).context("asking the system for randomness")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Names and values, a line each.
#[derive(Debug)]
pub(crate) struct SecretFile {
    storage: Storage,
    secrets: Vec<(String, String)>,
}

impl SecretFile {
    /// Reads the file of a storage folder, which no server may use meanwhile.
    pub(crate) fn open(storage: Storage) -> Result<Self> {
        let path = storage.own("secrets");
        let text = if path.is_file() {
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?
        } else {
            String::new()
        };
        let secrets = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Self { storage, secrets })
    }

    /// All of them; the root secret is made if there is none.
    pub(crate) fn ready(&mut self) -> Result<&[(String, String)]> {
        if self.secrets.is_empty() {
            self.put(ROOT_SECRET, &made()?)?;
        }
        Ok(&self.secrets)
    }

    /// The storage folder, which stays held.
    pub(crate) fn into_storage(self) -> Storage {
        self.storage
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.secrets.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn put(&mut self, name: &str, value: &str) -> Result<()> {
        if value.contains(['\n', '\r', '\'']) {
            bail!("a secret with a quote or a line break cannot be passed to the server");
        }
        self.secrets.retain(|(known, _)| known != name);
        self.secrets.push((name.to_owned(), value.to_owned()));
        self.write()
    }

    pub(super) fn remove(&mut self, name: &str) -> Result<()> {
        self.secrets.retain(|(known, _)| known != name);
        self.write()
    }

    fn write(&self) -> Result<()> {
        let lines: Vec<String> = self
            .secrets
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        write_private(&self.storage.own("secrets"), &lines.concat())
    }
}
