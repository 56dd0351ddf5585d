//! Which Rust compiler has a standard library for wasm32-unknown-unknown.
//!
//! The machine's own does where rustup can fetch the target. Where only package
//! registries can be reached, Debian's compiler does, with a library built once.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::{apt, cache, debian_rust};
use crate::command::{answer, command, log_to};
use crate::root::target_dir;
use crate::say::{say, shown};

/// The target of every Worker.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Forces one way, for tests of this program: `rustup` or `debian`.
const CHOICE: &str = "SESSILE_WASM_RUST";

/// A compiler for wasm32.
#[derive(Debug, Clone)]
pub(crate) enum WasmRust {
    /// The machine's own.
    Own,
    /// Debian's, with the sysroot in the cache.
    Debian(debian_rust::Sysroot),
}

impl WasmRust {
    /// The compiler, if nothing has to be installed for it.
    pub(crate) fn found() -> Result<Option<Self>> {
        let choice = choice();
        if choice != Choice::Debian && own_has_target() {
            return Ok(Some(Self::Own));
        }
        if choice != Choice::Rustup {
            return Ok(debian_rust::found()?.map(Self::Debian));
        }
        Ok(None)
    }

    /// Makes sure of a compiler.
    pub(crate) fn ready() -> Result<Self> {
        if let Some(found) = Self::found()? {
            return Ok(found);
        }
        let choice = choice();
        if choice != Choice::Debian && rustup_adds_target()? {
            return Ok(Self::Own);
        }
        if choice == Choice::Rustup || !apt::present() {
            bail!(
                "no standard library for {TARGET}: run `rustup target add {TARGET}` where rustup can download, or use a Debian system, whose packages have what is needed"
            );
        }
        Ok(Self::Debian(debian_rust::ready()?))
    }

    /// Says to a command which compiler to use, and where its outputs belong.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env("CARGO_TARGET_DIR", self.target_dir());
        if let Self::Debian(sysroot) = self {
            sysroot.apply(command);
        }
    }

    /// The folder to put first in `PATH`.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        match self {
            Self::Own => None,
            Self::Debian(sysroot) => Some(sysroot.bin()),
        }
    }

    /// Cargo's output: apart from the native one, so that they do not evict each
    /// other, and one per compiler, whose libraries do not mix.
    pub(crate) fn target_dir(&self) -> PathBuf {
        match self {
            Self::Own => target_dir().join("wasm"),
            Self::Debian(sysroot) => target_dir().join(format!("wasm-{}", sysroot.name())),
        }
    }

    /// For the line that says what is used.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Own => format!("this machine's Rust, which has {TARGET}"),
            Self::Debian(sysroot) => format!("Debian's Rust, {}", sysroot.name()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Rustup,
    Debian,
    Free,
}

fn choice() -> Choice {
    match std::env::var(CHOICE).as_deref() {
        Ok("rustup") => Choice::Rustup,
        Ok("debian") => Choice::Debian,
        _ => Choice::Free,
    }
}

fn own_has_target() -> bool {
    let printed = answer(command("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    // rustc names the folder whether it exists or not, and rustup leaves an empty one behind.
    printed.is_some_and(|folder| has_core(Path::new(&folder)))
}

/// Whether a library folder has the library that every other needs.
pub(crate) fn has_core(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libcore-") && name.ends_with(".rlib")
    })
}

fn rustup_adds_target() -> Result<bool> {
    if answer(command("rustup").arg("--version")).is_none() {
        return Ok(false);
    }
    say(format_args!("  asking rustup for {TARGET}"));
    let mut rustup = command("rustup");
    // A machine that reaches no download site shall learn so in seconds, not after five tries.
    rustup
        .args(["target", "add", TARGET])
        .env("RUSTUP_MAX_RETRIES", "1");
    let (status, took) = log_to("rustup target add", &mut rustup, &cache::log("rustup")?)?;
    let added = status.success() && own_has_target();
    let outcome = if added {
        "added it"
    } else {
        "cannot fetch it here"
    };
    say(format_args!("  rustup {outcome} ({})", shown(took)));
    Ok(added)
}
