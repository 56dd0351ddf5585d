//! From a crate to the bundle that workerd runs, doing nothing when nothing changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::command::{run_logged, run_shown};
use crate::root::root;
use crate::say::{Watch, say, shown};
use crate::toolchain::Toolchain;
use crate::toolchain::cache::fingerprint;
use crate::toolchain::wasm::TARGET;
use crate::versions;

/// How a Worker is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// Quickly, for trying things out.
    Dev,
    /// As it is deployed: small and fast.
    Release,
    /// As it is deployed, with the names of functions, for profiles.
    Profiling,
}

impl Profile {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
            Self::Profiling => "profiling",
        }
    }

    fn cargo_folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
            Self::Profiling => "profiling",
        }
    }
}

/// What a bundle begins with. `worker-build` (0.8.7) exports its handlers as a class behind a
/// proxy: the platform makes one of it for each event, and asks that for each handler that it
/// may have. Of an object it asks once.
const ENTRY: &str = include_str!("worker_entry.js");

/// The bundle that a development server runs. It is not the crate's `build`,
/// so that a deployment's build does not change a server that runs.
pub(crate) fn served_bundle(tools: &Toolchain, crate_folder: &Path, profile: Profile) -> PathBuf {
    let name = crate_folder
        .strip_prefix(root())
        .unwrap_or(crate_folder)
        .to_string_lossy()
        .replace('/', "-");
    let name = if name.is_empty() {
        "front"
    } else {
        name.trim_matches('-')
    };
    tools
        .wasm
        .target_dir()
        .join("bundles")
        .join(profile.name())
        .join(name)
}

/// Builds a crate into a bundle folder.
pub(crate) fn build(
    tools: &Toolchain,
    crate_folder: &Path,
    profile: Profile,
    bundle: &Path,
) -> Result<()> {
    let watch = Watch::start();
    let shown_name = crate_folder
        .strip_prefix(root())
        .ok()
        .filter(|path| !path.as_os_str().is_empty())
        .unwrap_or(Path::new("the front Worker"));
    let mut cargo = tools.wasm_cargo();
    cargo
        .current_dir(crate_folder)
        .args(["build", "--quiet", "--lib", "--target", TARGET]);
    match profile {
        Profile::Dev => &mut cargo,
        Profile::Release => cargo.arg("--release"),
        Profile::Profiling => cargo.args(["--profile", profile.name()]),
    };
    let target = target_dir(tools, crate_folder);
    set_profile(&mut cargo, &target);
    say(format_args!(
        "building {} ({})",
        shown_name.display(),
        profile.name()
    ));
    run_shown("compiling", &mut cargo)?;

    let stamp = bundle.with_extension("stamp");
    let wanted = state(&target, crate_folder, profile)?;
    let there = ["index.js", "worker.js", "index_bg.wasm"]
        .iter()
        .all(|file| bundle.join(file).is_file());
    if there && fs::read_to_string(&stamp).is_ok_and(|stamp| stamp == wanted) {
        say(format_args!("  unchanged ({})", shown(watch.elapsed())));
        return Ok(());
    }
    let mut worker_build = tools.worker_build();
    worker_build.current_dir(crate_folder);
    match profile {
        Profile::Dev => worker_build.arg("--dev"),
        Profile::Release => worker_build.arg("--release"),
        Profile::Profiling => worker_build.args(["--profile", profile.name()]),
    };
    worker_build.arg("--out-dir").arg(bundle);
    set_profile(&mut worker_build, &target);
    let log = bundle.with_extension("log");
    run_logged("worker-build", &mut worker_build, &log)?;
    set_entry(bundle)?;
    fs::write(stamp, wanted)?;
    let bytes = fs::metadata(bundle.join("index_bg.wasm"))
        .context("worker-build made no index_bg.wasm")?
        .len();
    say(format_args!(
        "  built in {}, {} kB of wasm",
        shown(watch.elapsed()),
        bytes / 1000
    ));
    Ok(())
}

/// Puts [`ENTRY`] before what `worker-build` made.
fn set_entry(bundle: &Path) -> Result<()> {
    let [entry, worker] = ["index.js", "worker.js"].map(|file| bundle.join(file));
    fs::rename(&entry, &worker).context("worker-build made no index.js")?;
    fs::write(&entry, ENTRY)?;
    Ok(())
}

/// Debug information would only make a development build slow: nothing here
/// reads it, and names for backtraces stay in the wasm without it.
fn set_profile(command: &mut Command, target: &Path) {
    command.env("CARGO_PROFILE_DEV_DEBUG", "false");
    command.env("CARGO_TARGET_DIR", target);
}

/// Where a crate is compiled. Those of the tests have Workers of the project as
/// dependencies, with other features: in one folder each would overwrite the other's
/// wasm, whose file has one name, and both would be built again each time.
fn target_dir(tools: &Toolchain, crate_folder: &Path) -> PathBuf {
    let shared = tools.wasm.target_dir();
    if crate_folder.starts_with(root().join("tests")) {
        shared.join("tests")
    } else {
        shared
    }
}

/// What the bundle depends on: the compiled wasm, which cargo leaves alone when
/// nothing changed, and the tools that make a bundle of it.
fn state(target: &Path, crate_folder: &Path, profile: Profile) -> Result<String> {
    let wasm = target
        .join(TARGET)
        .join(profile.cargo_folder())
        .join(format!("{}.wasm", library_name(crate_folder)?));
    let metadata =
        fs::metadata(&wasm).with_context(|| format!("the build made no {}", wasm.display()))?;
    let changed = metadata
        .modified()?
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let wasm = format!("{} {}", metadata.len(), changed.as_nanos());
    Ok(fingerprint(&[
        wasm.as_bytes(),
        versions::WORKER_BUILD.as_bytes(),
        versions::NPM_TOOLS.lock.as_bytes(),
        ENTRY.as_bytes(),
    ]))
}

/// The name of the crate's library: its own, or the package's.
fn library_name(crate_folder: &Path) -> Result<String> {
    let text = fs::read_to_string(crate_folder.join("Cargo.toml"))
        .with_context(|| format!("no crate at {}", crate_folder.display()))?;
    let manifest: Table = text.parse()?;
    let name = |section: &str| {
        manifest
            .get(section)
            .and_then(|section| section.get("name"))
            .and_then(Value::as_str)
    };
    let name = name("lib")
        .or_else(|| name("package"))
        .with_context(|| format!("the crate at {} has no name", crate_folder.display()))?;
    Ok(name.replace('-', "_"))
}
