//! A Worker's configuration as the development server gets it.
//!
//! It is derived from `wrangler.toml` and lies in the storage folder: without
//! the build command (everything is built before), with the bundle that was
//! built for serving, and with this server's own variables. Secrets stand in a
//! file beside it that only its owner can read, never on a command line.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use crate::gates;
use crate::worker::Worker;

/// Writes the configuration below `folder` and returns the file.
pub(super) fn write(
    worker: &Worker,
    folder: &Path,
    main: Option<PathBuf>,
    vars: &[(String, String)],
    secrets: &[(String, String)],
) -> Result<PathBuf> {
    let folder = folder.join(worker.name()?);
    fs::create_dir_all(&folder)?;
    let main = main.map_or_else(|| worker.main(), Ok)?;
    let table = derive(&worker.table, worker.folder(), &main, vars);
    let config = folder.join("wrangler.toml");
    fs::write(&config, toml::to_string(&table)?)?;
    write_private(
        &folder.join(".dev.vars"),
        &secret_vars(worker, vars, secrets)?,
    )?;
    Ok(config)
}

/// The file's relative paths start at its folder, so they become absolute.
fn derive(table: &Table, folder: &Path, main: &Path, vars: &[(String, String)]) -> Table {
    let mut table = table.clone();
    table.remove("build");
    table.insert("main".to_owned(), text(main));
    for list in table
        .get_mut("d1_databases")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(database) = list.as_table_mut() {
            make_absolute(database, "migrations_dir", folder);
        }
    }
    if let Some(assets) = table.get_mut("assets").and_then(Value::as_table_mut) {
        make_absolute(assets, "directory", folder);
    }
    if !vars.is_empty() {
        let all = table
            .entry("vars")
            .or_insert_with(|| Value::Table(Table::new()));
        if let Some(all) = all.as_table_mut() {
            all.extend(
                vars.iter()
                    .map(|(name, value)| (name.clone(), Value::String(value.clone()))),
            );
        }
    }
    gates::bring_in_line(&mut table);
    table
}

fn make_absolute(table: &mut Table, key: &str, folder: &Path) {
    if let Some(path) = table
        .get(key)
        .and_then(Value::as_str)
        .map(|path| folder.join(path))
    {
        table.insert(key.to_owned(), text(&path));
    }
}

fn text(path: &Path) -> Value {
    Value::String(path.to_string_lossy().into_owned())
}

/// The person's own `.dev.vars`, less what was set by hand for this run, and our secrets.
fn secret_vars(
    worker: &Worker,
    vars: &[(String, String)],
    secrets: &[(String, String)],
) -> Result<String> {
    let own = worker.folder().join(".dev.vars");
    let own = if own.is_file() {
        fs::read_to_string(&own).with_context(|| format!("reading {}", own.display()))?
    } else {
        String::new()
    };
    let names = |line: &str, name: &str| {
        line.trim_start()
            .strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut lines: Vec<String> = own
        .lines()
        .filter(|line| !vars.iter().any(|(name, _)| names(line, name)))
        .map(str::to_owned)
        .collect();
    for (name, value) in secrets {
        let set =
            lines.iter().any(|line| names(line, name)) || vars.iter().any(|(var, _)| var == name);
        if !set {
            lines.push(format!("{name}={}", quoted(value)?));
        }
    }
    Ok(lines.join("\n") + "\n")
}

/// Single quotes keep everything but themselves in this format.
fn quoted(value: &str) -> Result<String> {
    if value.contains(['\'', '\n']) {
        bail!("a secret with a quote or a line break cannot be passed to the server");
    }
    Ok(format!("'{value}'"))
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, contents: &str) -> Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("creating {}", path.display()))?;
    Ok(file.write_all(contents.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_configuration_builds_nothing_and_has_no_relative_path() {
        let table: Table = "main = 'build/index.js'\n[build]\ncommand = 'x'\n[vars]\nA = '1'\nB = '2'\n[[d1_databases]]\nmigrations_dir = 'migrations'"
            .parse()
            .expect("this is TOML");
        let derived = derive(
            &table,
            Path::new("/w"),
            Path::new("/b/index.js"),
            &[("A".to_owned(), "3".to_owned())],
        );
        let expected: Table = "main = '/b/index.js'\n[vars]\nA = '3'\nB = '2'\n[[d1_databases]]\nmigrations_dir = '/w/migrations'".parse().expect("this is TOML");
        assert_eq!(derived, expected);
    }

    #[test]
    fn a_secret_of_ones_own_wins_over_the_made_one_and_a_variable_by_hand_over_both() {
        let folder = std::env::temp_dir().join(format!("xtask-config-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        fs::write(folder.join(".dev.vars"), "A = 'mine'\nSECRET='mine'\n").expect("a file");
        let worker = Worker {
            config: folder.join("wrangler.toml"),
            table: Table::new(),
        };
        let by_hand = [("A".to_owned(), "by hand".to_owned())];
        let made = ["SECRET", "OTHER"].map(|name| (name.to_owned(), "made".to_owned()));
        let written = secret_vars(&worker, &by_hand, &made);
        fs::remove_dir_all(&folder).expect("the folder was there");
        assert_eq!(
            written.expect("no bad value"),
            "SECRET='mine'\nOTHER='made'\n"
        );
    }
}
