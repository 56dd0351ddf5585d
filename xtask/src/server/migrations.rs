//! The tables of D1: applied to local storage without being asked, and to a
//! deployment's database by a command.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use super::Storage;
use super::served::Served;
use crate::command::{run_logged, run_shown};
use crate::root::{root, target_dir};
use crate::say::{Watch, say, shown};
use crate::toolchain::Toolchain;
use crate::toolchain::cache::fingerprint;
use crate::versions::NPM_TOOLS;
use crate::worker::Worker;

/// Where wrangler has the runtime keep its files, below the storage folder.
pub(super) const RUNTIME: &str = "v3";
/// The local databases among them.
const LOCAL: &str = "v3/d1";

/// Applies what is missing in a storage folder; nothing is started when nothing changed.
pub(super) fn bring_up_to_date(
    tools: &Toolchain,
    worker: &Worker,
    config: &Path,
    storage: &Path,
) -> Result<()> {
    let Some(wanted) = state(worker)? else {
        return Ok(());
    };
    let stamp = storage
        .join("sessile")
        .join(format!("migrated-{}", worker.name()?));
    if fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == wanted) {
        return Ok(());
    }
    let watch = Watch::start();
    if storage.join(LOCAL).is_dir() {
        apply(tools, worker, config, storage)?;
    } else {
        // Wrangler takes 3 s to fill an empty database, and tests use many: fill one, then copy it.
        let template = target_dir().join("d1").join(&wanted);
        if !template.is_dir() {
            let staging = target_dir()
                .join("d1")
                .join(format!(".{wanted}-{}", std::process::id()));
            apply(tools, worker, config, &staging)?;
            if fs::rename(&staging, &template).is_err() {
                // Another run was faster.
                fs::remove_dir_all(&staging)?;
            }
        }
        copy(&template.join(LOCAL), &storage.join(LOCAL))?;
    }
    fs::write(stamp, wanted)?;
    say(format_args!(
        "applied the migrations of {} ({})",
        worker.name()?,
        shown(watch.elapsed())
    ));
    Ok(())
}

/// The command for a storage folder.
pub(crate) fn apply_local(tools: &Toolchain, served: &Served, persist: &Path) -> Result<()> {
    let portal = served.portal()?;
    let storage = Storage::open(persist)?;
    bring_up_to_date(tools, portal, &portal.config, &storage.folder)?;
    say(format_args!(
        "the databases in {} are up to date",
        persist.display()
    ));
    Ok(())
}

/// The command for a deployment: the databases on Cloudflare, as wrangler's login allows.
pub(crate) fn apply_remote(tools: &Toolchain, config: &Path) -> Result<()> {
    let named = Worker::read(config)?;
    let mut workers = named.companions()?;
    workers.push(named);
    let Some(worker) = workers.into_iter().find(Worker::is_portal) else {
        bail!(
            "{} is a tool Worker's, and only the portal behind a front Worker has databases on Cloudflare",
            config.display()
        );
    };
    for database in names(&worker) {
        let mut wrangler = tools.wrangler();
        wrangler
            .current_dir(root())
            .args([
                "d1",
                "migrations",
                "apply",
                &database,
                "--remote",
                "--config",
            ])
            .arg(&worker.config);
        run_shown("applying migrations", &mut wrangler)?;
    }
    Ok(())
}

fn apply(tools: &Toolchain, worker: &Worker, config: &Path, storage: &Path) -> Result<()> {
    for database in names(worker) {
        let mut wrangler = tools.wrangler();
        wrangler
            .current_dir(root())
            .args([
                "d1",
                "migrations",
                "apply",
                &database,
                "--local",
                "--persist-to",
            ])
            .arg(storage);
        wrangler
            .arg("--config")
            .arg(config)
            .env("WRANGLER_LOG_PATH", storage.join("sessile/logs"));
        run_logged(
            "applying migrations",
            &mut wrangler,
            &storage.join("sessile/migrations.log"),
        )?;
    }
    Ok(())
}

/// The databases that have migrations.
fn databases(worker: &Worker) -> Vec<(&Table, PathBuf)> {
    let folder = |database: &Table| {
        let named = database
            .get("migrations_dir")
            .and_then(Value::as_str)
            .unwrap_or("migrations");
        Some(worker.folder().join(named)).filter(|folder| folder.is_dir())
    };
    worker
        .entries("d1_databases")
        .filter_map(|database| Some((database, folder(database)?)))
        .collect()
}

/// Their names.
pub(super) fn names(worker: &Worker) -> Vec<String> {
    let name = |database: &Table| Some(database.get("database_name")?.as_str()?.to_owned());
    databases(worker)
        .into_iter()
        .filter_map(|(database, _)| name(database))
        .collect()
}

/// A name for what the databases must look like; `None` if there is no migration.
fn state(worker: &Worker) -> Result<Option<String>> {
    let mut parts: Vec<Vec<u8>> = vec![NPM_TOOLS.lock.into()];
    let mut count = 0;
    for (database, folder) in databases(worker) {
        parts.push(toml::to_string(database)?.into_bytes());
        let mut files: Vec<PathBuf> = fs::read_dir(&folder)?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
        files.sort();
        count += files.len();
        for file in files {
            parts.push(
                file.file_name()
                    .unwrap_or_default()
                    .as_encoded_bytes()
                    .to_vec(),
            );
            parts.push(fs::read(&file).with_context(|| format!("reading {}", file.display()))?);
        }
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Ok((count > 0).then(|| fingerprint(&parts)))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
