//! Which Workers a server runs, told from the configuration it was given.
//!
//! Either a front Worker with everything it binds, or a tool Worker, which
//! nobody can reach by itself: it is served alone behind the repository's front
//! Worker. Such a server is for trying that one Worker out.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use crate::gates;
use crate::root::root;
use crate::worker::{HOMES, Worker};

/// What one user or network may ask for at once and per minute while a tool Worker
/// is tried out: test suites send hundreds, and nobody else can reach the server.
const LIMIT_FOR_TRYING: &str = "100000";
/// What the binding of a tool Worker begins with.
const TOOL_BINDING: &str = "TOOLS_";
/// The front Worker's storage folder below `.sessile`.
const FRONT_STORAGE: &str = "dev";

/// The Workers of one server.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    /// The front Worker first, then those it reaches.
    pub(super) workers: Vec<Worker>,
    /// The server's variables where they differ from its configuration.
    pub(super) vars: Vec<(String, String)>,
    storage: String,
}

impl Served {
    /// What the configuration file asks for.
    pub(crate) fn by(config: &Path) -> Result<Self> {
        let named = Worker::read(config)?;
        check_home(&named)?;
        if named.is_of_server() {
            if !named.is_front() {
                bail!(
                    "{} is the configuration of a Worker behind the front Worker: serve the front Worker",
                    named.config.display()
                );
            }
            let companions = named.companions()?;
            return Ok(Self {
                workers: std::iter::once(named).chain(companions).collect(),
                vars: Vec::new(),
                storage: FRONT_STORAGE.to_owned(),
            });
        }
        let folder = folder_name(&named)?;
        let binding = binding(&folder);
        let front = Worker::read(&root().join("wrangler.toml"))?;
        let behind = front.companions()?;
        let server = std::iter::once(front).chain(behind);
        let mut workers: Vec<Worker> = server.filter(Worker::is_of_server).collect();
        for worker in &mut workers {
            bind_only(&mut worker.table, &binding, named.name()?);
        }
        let tools = workers.first().context("there is a front Worker")?;
        let found = tools.companions()?.into_iter();
        let found: Vec<Worker> = found.filter(|worker| !worker.is_of_server()).collect();
        if found.iter().all(|worker| worker.config != named.config) {
            bail!(
                "{} is not the only Worker called \"{}\", or it lies in none of the folders {}: a server could not tell which one is meant",
                named.config.display(),
                named.name()?,
                HOMES.join(", ")
            );
        }
        let tools = ("TOOL_WORKERS".to_owned(), binding);
        Ok(Self {
            workers: workers.into_iter().chain(found).collect(),
            vars: std::iter::once(tools).chain(unlimited()).collect(),
            storage: folder,
        })
    }

    /// The same without the Workers of these names.
    pub(crate) fn without(mut self, names: &[String]) -> Self {
        let is_out = |worker: &Worker| names.iter().any(|name| worker.name().ok() == Some(name));
        self.workers.retain(|worker| !is_out(worker));
        self
    }

    /// The Worker with the pages, which also has what is configured of logins.
    pub(crate) fn portal(&self) -> Result<&Worker> {
        let portal = self.workers.iter().find(|worker| worker.is_portal());
        portal.context("a server without a portal")
    }

    /// The folder of the storage, unless another is named: a tool Worker that
    /// is tried out shares no state with anything else.
    pub(crate) fn default_storage(&self) -> PathBuf {
        root().join(".sessile").join(&self.storage)
    }
}

/// The front Worker's limits, as wide as tests need them.
pub(crate) fn unlimited() -> impl Iterator<Item = (String, String)> {
    let quota = ["QUOTA_BURST", "QUOTA_PER_MINUTE"].into_iter();
    quota
        .map(|name| (name.to_owned(), LIMIT_FOR_TRYING.to_owned()))
        .chain(gates::vars(LIMIT_FOR_TRYING))
}

/// Refuses what this workspace cannot build.
fn check_home(worker: &Worker) -> Result<()> {
    let home = root().canonicalize()?;
    let ours = worker
        .crate_folder()?
        .is_some_and(|folder| folder.starts_with(&home));
    if !ours {
        bail!(
            "{} is not the configuration of a Worker of this workspace: its `main` has to be the `build/index.js` of a crate below {}",
            worker.config.display(),
            home.display()
        );
    }
    Ok(())
}

fn folder_name(worker: &Worker) -> Result<String> {
    let name = worker.folder().file_name().with_context(|| {
        format!(
            "{} lies in a folder without a name",
            worker.config.display()
        )
    })?;
    Ok(name.to_string_lossy().into_owned())
}

/// The service binding of the tool Worker in a folder: `TOOLS_HELLO` for `hello`.
fn binding(folder: &str) -> String {
    let name = folder.chars().map(|char| {
        if char.is_ascii_alphanumeric() {
            char.to_ascii_uppercase()
        } else {
            '_'
        }
    });
    format!("{TOOL_BINDING}{}", name.collect::<String>())
}

/// Makes one tool Worker the only one that a Worker of the server reaches.
fn bind_only(worker: &mut Table, binding: &str, service: &str) {
    let mut services = worker
        .get("services")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    services.retain(|entry| {
        let name = entry.get("binding").and_then(Value::as_str);
        name.is_some_and(|name| !name.starts_with(TOOL_BINDING))
    });
    let entry = Table::from_iter([
        ("binding".to_owned(), Value::String(binding.to_owned())),
        ("service".to_owned(), Value::String(service.to_owned())),
    ]);
    services.push(entry.into());
    worker.insert("services".to_owned(), Value::Array(services));
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(served: &Served) -> Vec<&str> {
        let names = served.workers.iter().map(Worker::name);
        names.map(|name| name.expect("each has a name")).collect()
    }

    #[test]
    fn a_front_worker_is_served_as_it_is() {
        let served = Served::by(&root().join("wrangler.toml")).expect("it is there");
        assert_eq!(names(&served).first(), Some(&"sessile"));
        assert!(names(&served).contains(&"sessile-objects"));
        assert_eq!(served.vars, []);
        assert!(served.default_storage().ends_with(".sessile/dev"));
    }

    #[test]
    fn a_tool_worker_is_served_alone_behind_the_front_worker_with_storage_of_its_own() {
        let served =
            Served::by(&root().join("tools/demo_worker/wrangler.toml")).expect("it is there");
        assert_eq!(
            names(&served),
            [
                "sessile",
                "sessile-portal",
                "sessile-objects",
                "sessile-demo-tools"
            ]
        );
        let front = served.workers.first().expect("it is the first");
        let bound: Vec<_> = front
            .entries("services")
            .filter_map(|service| service.get("binding")?.as_str())
            .collect();
        assert_eq!(bound, ["PORTAL", "TOOLS_DEMO_WORKER"]);
        let tools = ("TOOL_WORKERS".to_owned(), "TOOLS_DEMO_WORKER".to_owned());
        assert!(served.vars.contains(&tools));
        assert!(served.default_storage().ends_with(".sessile/demo_worker"));
    }

    #[test]
    fn whatever_tools_a_worker_reached_before_are_gone() {
        let mut front: Table =
            "[[services]]\nbinding = 'TOOLS_A'\nservice = 'a'\n[[services]]\nbinding = 'B'\nservice = 'b'"
                .parse()
                .expect("this is TOML");
        bind_only(&mut front, "TOOLS_HELLO", "hello");
        let expected: Table = "[[services]]\nbinding = 'B'\nservice = 'b'\n[[services]]\nbinding = 'TOOLS_HELLO'\nservice = 'hello'"
            .parse()
            .expect("this is TOML");
        assert_eq!(front, expected);
    }

    #[test]
    fn a_binding_is_a_name_of_a_variable() {
        assert_eq!(binding("hello"), "TOOLS_HELLO");
        assert_eq!(binding("my-tools.2"), "TOOLS_MY_TOOLS_2");
    }

    #[test]
    fn a_missing_file_and_a_foreign_worker_are_told_apart_and_named() {
        let missing = Served::by(Path::new("/nowhere/wrangler.toml")).expect_err("no such file");
        assert_eq!(
            missing.to_string(),
            "no Worker configuration at /nowhere/wrangler.toml"
        );
        let folder = Served::by(&root().join("tools/demo")).expect_err("a folder is no file");
        assert!(folder.to_string().contains("is a folder"), "{folder}");

        let place = std::env::temp_dir().join(format!("xtask-served-{}", std::process::id()));
        fs::create_dir_all(&place).expect("a temporary folder");
        let config = place.join("wrangler.toml");
        fs::write(&config, "name = 'foreign'\nmain = 'build/index.js'").expect("a file");
        let foreign = Served::by(&config).expect_err("no crate of ours");
        fs::remove_dir_all(&place).expect("the folder was there");
        assert!(
            foreign
                .to_string()
                .contains("is not the configuration of a Worker of this workspace"),
            "{foreign}"
        );
    }
}
