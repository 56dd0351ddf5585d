//! Workers as their `wrangler.toml` describes them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use crate::root::root;

/// Folders whose subfolders are Workers, besides those of the server itself.
pub(crate) const HOMES: [&str; 4] = ["tools", "observe", "examples", "tests/faulty"];
/// Folders of the Workers behind the front Worker, which is at the root.
const BEHIND: [&str; 2] = ["objects", "portal"];

/// A Worker's configuration.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    /// The configuration file.
    pub(crate) config: PathBuf,
    /// Its contents.
    pub(crate) table: Table,
}

impl Worker {
    /// Reads a configuration file.
    pub(crate) fn read(config: &Path) -> Result<Self> {
        let config = config
            .canonicalize()
            .with_context(|| format!("no Worker configuration at {}", config.display()))?;
        if config.is_dir() {
            bail!(
                "{} is a folder, and its wrangler.toml has to be named",
                config.display()
            );
        }
        let text =
            fs::read_to_string(&config).with_context(|| format!("reading {}", config.display()))?;
        let table = text
            .parse()
            .with_context(|| format!("reading {}", config.display()))?;
        let worker = Self { config, table };
        worker.name()?;
        Ok(worker)
    }

    /// The Workers of the server and the tool Workers: what is built unless something
    /// else is said.
    pub(crate) fn defaults() -> Result<Vec<Self>> {
        let mut configs = vec![root().join("wrangler.toml")];
        configs.extend(behind());
        configs.extend(configs_in("tools"));
        configs.iter().map(|config| Self::read(config)).collect()
    }

    /// The Workers that this one reaches through service bindings, whose objects it
    /// uses or to which it sends its events, and those that these reach in turn.
    pub(crate) fn companions(&self) -> Result<Vec<Self>> {
        // Whoever keeps the configuration of a deployment elsewhere has all of it there.
        let beside = BEHIND.map(|folder| self.folder().join(folder).join("wrangler.toml"));
        let known: Vec<Self> = beside
            .into_iter()
            .chain(HOMES.iter().flat_map(|home| configs_in(home)))
            .chain(behind())
            .filter_map(|config| Self::read(&config).ok())
            .collect();
        let mut found: Vec<Self> = Vec::new();
        let mut wanted = self.references();
        while let Some(name) = wanted.pop() {
            if name == self.name()? || found.iter().any(|worker| worker.name().ok() == Some(&name))
            {
                continue;
            }
            let Some(worker) = known
                .iter()
                .find(|worker| worker.name().ok() == Some(&name))
            else {
                bail!(
                    "{} binds the Worker \"{name}\", and no wrangler.toml under {} has this name",
                    self.config.display(),
                    HOMES.join(", ")
                );
            };
            wanted.extend(worker.references());
            found.push(worker.clone());
        }
        found.reverse();
        Ok(found)
    }

    /// Whether it is one of the server's own: only these have objects, and no tool
    /// Worker may have any.
    pub(crate) fn is_of_server(&self) -> bool {
        self.table.contains_key("durable_objects")
    }

    /// Whether it is the one of the server's own that can be reached from outside.
    pub(crate) fn is_front(&self) -> bool {
        let hidden = self.table.get("workers_dev").and_then(Value::as_bool) == Some(false);
        self.is_of_server() && !hidden
    }

    /// The Worker's name.
    pub(crate) fn name(&self) -> Result<&str> {
        self.table
            .get("name")
            .and_then(Value::as_str)
            .with_context(|| format!("{} has no `name`", self.config.display()))
    }

    /// The folder of the configuration file: what its relative paths start from.
    pub(crate) fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new("."))
    }

    /// The module that the runtime loads.
    pub(crate) fn main(&self) -> Result<PathBuf> {
        let main = self
            .table
            .get("main")
            .and_then(Value::as_str)
            .with_context(|| format!("{} has no `main`", self.config.display()))?;
        Ok(self.folder().join(main))
    }

    /// The crate that `main` is built from: the one whose `build/index.js` it
    /// is. An example may share the front Worker's. A Worker without Rust has none.
    pub(crate) fn crate_folder(&self) -> Result<Option<PathBuf>> {
        let main = self.main()?;
        let folder = main
            .parent()
            .filter(|build| build.ends_with("build"))
            .and_then(Path::parent);
        Ok(folder
            .filter(|folder| folder.join("Cargo.toml").is_file())
            .map(Path::canonicalize)
            .transpose()?)
    }

    /// Whether it is the one of the server's own that has the objects.
    pub(crate) fn has_objects(&self) -> bool {
        self.table.contains_key("migrations")
    }

    /// Whether it is the one of the server's own that has the pages.
    pub(crate) fn is_portal(&self) -> bool {
        self.is_of_server() && !self.is_front() && !self.has_objects()
    }

    /// The entries of a list of tables, such as `[[d1_databases]]`.
    pub(crate) fn entries(&self, name: &str) -> impl Iterator<Item = &Table> {
        self.table
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_table)
    }

    fn references(&self) -> Vec<String> {
        let services = self
            .entries("services")
            .chain(self.entries("tail_consumers"))
            .filter_map(|entry| entry.get("service"));
        let objects = self.table.get("durable_objects");
        let objects = objects.and_then(|objects| objects.get("bindings")?.as_array());
        let scripts = objects
            .into_iter()
            .flatten()
            .filter_map(|binding| binding.get("script_name"));
        services
            .chain(scripts)
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect()
    }
}

fn behind() -> impl Iterator<Item = PathBuf> {
    BEHIND
        .iter()
        .map(|folder| root().join(folder).join("wrangler.toml"))
}

fn configs_in(home: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root().join(home)) else {
        return Vec::new();
    };
    let mut configs: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path().join("wrangler.toml"))
        .filter(|config| config.is_file())
        .collect();
    configs.sort();
    configs
}
