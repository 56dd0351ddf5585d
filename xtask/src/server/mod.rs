//! The development server: workerd under wrangler, with its storage in one folder.

mod config;
mod database;
mod migrations;
mod served;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::tail;
use crate::process::Running;
use crate::root::root;
use crate::say::{Watch, say, shown};
use crate::secrets::{SecretFile, needs};
use crate::toolchain::Toolchain;
use crate::worker::Worker;
use crate::worker_build::{self, Profile, served_bundle};

pub(crate) use self::config::write_private;
pub(crate) use self::database::Database;
pub(crate) use self::migrations::{apply_local, apply_remote};
pub(crate) use self::served::{Served, unlimited};

/// The longest that workerd may take until it answers. It takes 3 to 6 s on two
/// cores; a machine that builds something else meanwhile takes a multiple.
const READY_MAX: Duration = Duration::from_secs(90);
/// The longest that the one answer may take that we wait for.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// How long an ending server may hold its storage before we give up on it.
const STORAGE_WAIT: Duration = Duration::from_secs(10);
/// Between two tries of the same thing.
const RETRY: Duration = Duration::from_millis(50);

/// What is served, where.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The Workers.
    pub(crate) served: Served,
    /// The port on 127.0.0.1.
    pub(crate) port: u16,
    /// The folder of the storage; it outlives the server.
    pub(crate) persist: PathBuf,
    /// The front Worker's variables that were set by hand.
    pub(crate) vars: Vec<(String, String)>,
    /// How the Workers are compiled.
    pub(crate) profile: Profile,
    /// The bundles were built by the one who started us.
    pub(crate) prebuilt: bool,
    /// Where the output goes; without it, to the terminal.
    pub(crate) log: Option<PathBuf>,
}

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Server {
    running: Running,
    url: String,
    _storage: File,
}

impl Server {
    /// Builds what is served, prepares the storage and starts.
    pub(crate) fn start(tools: &Toolchain, options: &Options) -> Result<Self> {
        let watch = Watch::start();
        let origin = format!("http://127.0.0.1:{}", options.port);
        if !options.prebuilt {
            build(tools, &options.served, options.profile)?;
        }
        let (storage, configs) = prepare(tools, options)?;

        say(format_args!("starting workerd on {origin}"));
        let mut wrangler = tools.wrangler();
        wrangler.current_dir(root()).args([
            "dev",
            "--ip",
            "127.0.0.1",
            "--port",
            &options.port.to_string(),
        ]);
        // Each server needs a debugger port of its own: one that the system gives it. The
        // default would collide, and so would one that is chosen here a moment earlier.
        wrangler.args([
            "--inspector-port",
            "0",
            "--show-interactive-dev-session=false",
            "--persist-to",
        ]);
        wrangler.arg(&storage.folder);
        for config in &configs {
            wrangler.arg("--config").arg(config);
        }
        // Servers on one machine find each other's Workers by name there; ours must not.
        wrangler.env("WRANGLER_REGISTRY_PATH", storage.own("registry"));
        wrangler
            .env("WRANGLER_LOG_PATH", storage.own("logs"))
            .env("X_LOCAL_EXPLORER", "false")
            .env("X_LOCAL_OBSERVABILITY", "false");
        if let Some(log) = &options.log {
            let output =
                File::create(log).with_context(|| format!("creating {}", log.display()))?;
            wrangler.stdout(output.try_clone()?).stderr(output);
        }
        let running = Running::start(&mut wrangler)?;
        let mut server = Self {
            running,
            url: origin,
            _storage: storage.lock,
        };
        server.wait_until_ready(options)?;
        say(format_args!(
            "ready on {} ({})",
            server.url,
            shown(watch.elapsed())
        ));
        say(format_args!("the MCP endpoint is {}/mcp", server.url));
        Ok(server)
    }

    /// Where it answers, without a trailing slash.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        self.running.wait()
    }

    fn wait_until_ready(&mut self, options: &Options) -> Result<()> {
        let watch = Watch::start();
        let log = || {
            options
                .log
                .as_deref()
                .map(|log| format!("; its output:\n{}", tail(log)))
                .unwrap_or_default()
        };
        while !answers(options.port) {
            if let Some(status) = self.running.ended()? {
                bail!(
                    "the server ended with {status} before it was ready{}",
                    log()
                );
            }
            if watch.elapsed() > READY_MAX {
                bail!(
                    "the server does not answer after {}{}",
                    shown(READY_MAX),
                    log()
                );
            }
            std::thread::sleep(RETRY);
        }
        Ok(())
    }
}

/// Prepares the storage, and writes what each Worker runs with into it; returns the
/// files, the front Worker's first.
pub(crate) fn prepare(tools: &Toolchain, options: &Options) -> Result<(Storage, Vec<PathBuf>)> {
    let origin = format!("http://127.0.0.1:{}", options.port);
    let storage = Storage::open(&options.persist)?;
    let mut file = SecretFile::open(storage)?;
    let made = file.ready()?.to_vec();
    let storage = file.into_storage();
    let mut configs = Vec::new();
    for worker in &options.served.workers {
        let of_server = worker.is_of_server();
        let mut vars = Vec::new();
        if of_server {
            vars.push(("PUBLIC_ORIGIN".to_owned(), origin.clone()));
            vars.extend(options.served.vars.iter().cloned());
            // The last of one name counts, so what was set by hand does.
            vars.extend(options.vars.iter().cloned());
        }
        let secrets: Vec<_> = made
            .iter()
            .filter(|(name, _)| of_server && needs(worker, name))
            .cloned()
            .collect();
        let main = worker
            .crate_folder()?
            .map(|folder| served_bundle(tools, &folder, options.profile).join("index.js"));
        let config = config::write(worker, &storage.own("config"), main, &vars, &secrets)?;
        migrations::bring_up_to_date(tools, worker, &config, &storage.folder)?;
        configs.push(config);
    }
    Ok((storage, configs))
}

/// Builds what a server serves.
pub(crate) fn build(tools: &Toolchain, served: &Served, profile: Profile) -> Result<()> {
    for folder in crate_folders(&served.workers)? {
        let bundle = served_bundle(tools, &folder, profile);
        worker_build::build(tools, &folder, profile, &bundle)?;
    }
    Ok(())
}

/// Fails with words that help when somebody else has the port.
pub(crate) fn check_port(port: u16) -> Result<()> {
    let next = port.checked_add(1).unwrap_or(8787);
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop).with_context(|| {
        format!("port {port} on 127.0.0.1 is taken: end the program that holds it (`ss -ltnp 'sport = :{port}'` names it) or choose another, as in `cargo xtask dev --port {next}`")
    })
}

/// A port that nobody holds at this moment.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// The crates that the Workers are built from, each once.
pub(crate) fn crate_folders(workers: &[Worker]) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for worker in workers {
        folders.extend(
            worker
                .crate_folder()?
                .filter(|folder| !folders.contains(folder)),
        );
    }
    Ok(folders)
}

/// The folder of the storage, held by one server at a time.
#[derive(Debug)]
pub(crate) struct Storage {
    folder: PathBuf,
    lock: File,
}

impl Storage {
    /// Opens the folder, which is made if there is none; fails if a server has it.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let own = folder.join("sessile");
        fs::create_dir_all(&own).with_context(|| format!("creating {}", own.display()))?;
        let folder = folder.canonicalize()?;
        let lock = File::create(folder.join("sessile/lock"))?;
        let watch = Watch::start();
        while lock.try_lock().is_err() {
            if watch.elapsed() > STORAGE_WAIT {
                bail!(
                    "another server uses the storage in {}: end it, or name another folder with --persist",
                    folder.display()
                );
            }
            std::thread::sleep(RETRY);
        }
        Ok(Self { folder, lock })
    }

    /// Where the runtime keeps its files.
    pub(crate) fn local(&self) -> PathBuf {
        self.folder.join(migrations::RUNTIME)
    }

    /// What we keep beside the runtime's own files.
    pub(crate) fn own(&self, name: &str) -> PathBuf {
        self.folder.join("sessile").join(name)
    }
}

/// Whether an HTTP answer comes, whichever.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream =
            TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), ANSWER_MAX)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        )?;
        let mut head = [0; 7];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/1.")
    };
    ask().unwrap_or(false)
}
