//! Which Rust compiler has a standard library for wasm32-unknown-unknown.
//!
//! One in which a panic unwinds is built once from source, which rustup's own
//! compiler has where rustup can fetch it, and Debian's where only package
//! registries can be reached. Where neither can be, rustup's ready-made library
//! does, with which a panic ends the wasm instance.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use super::wasm_std::{Compiler, Sysroot};
use super::{cache, debian_rust};
use crate::command::{answer, command, log_to};
use crate::root::target_dir;
use crate::say::{say, shown};

/// The target of every Worker.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Forces one way, for tests of this program: `rustup`, `debian` or `abort`.
const CHOICE: &str = "SESSILE_WASM_RUST";
/// Longest that rustup waits for a server that says nothing, in seconds; it would
/// be three minutes.
const RUSTUP_SILENCE_S: &str = "20";

/// A compiler for wasm32.
#[derive(Debug, Clone)]
pub(crate) enum WasmRust {
    /// One for which we built the library, in which a panic unwinds.
    Unwinding(Sysroot),
    /// The machine's own with the library that rustup has: a panic ends the instance.
    Aborting,
}

impl WasmRust {
    /// The compiler, if nothing has to be installed for it.
    pub(crate) fn found() -> Result<Option<Self>> {
        let choice = choice();
        if choice == Choice::Abort {
            return Ok(own_has_target().then_some(Self::Aborting));
        }
        let own = Compiler::own().filter(|_| choice != Choice::Debian);
        if let Some(sysroot) = own.map(|own| own.found()).transpose()?.flatten() {
            return Ok(Some(Self::Unwinding(sysroot)));
        }
        if choice != Choice::Rustup {
            return Ok(debian_rust::found()?.map(Self::Unwinding));
        }
        Ok(None)
    }

    /// Makes sure of a compiler.
    pub(crate) fn ready() -> Result<Self> {
        if let Some(found) = Self::found()? {
            return Ok(found);
        }
        let choice = choice();
        let unwinding = match choice {
            Choice::Rustup => own(),
            Choice::Debian => debian_rust::ready(),
            Choice::Abort => Err(anyhow!("it is not wanted")),
            Choice::Free => own().or_else(|_| debian_rust::ready()),
        };
        let why = match unwinding {
            Ok(sysroot) => return Ok(Self::Unwinding(sysroot)),
            Err(error) if choice == Choice::Debian => return Err(error),
            Err(error) => error,
        };
        if !own_has_target() && !rustup(&["target", "add", TARGET], own_has_target)? {
            bail!(
                "no standard library for {TARGET}: run `rustup component add rust-src` where rustup can download, or use a Debian system, whose packages have what is needed ({why:#})"
            );
        }
        say(format_args!(
            "  NOTE: no standard library in which a panic unwinds can be built here ({why:#}); with the one that is used instead, a panic costs every call in the isolate (docs/reliability.md, \"Panics\"): do not deploy what this machine builds"
        ));
        Ok(Self::Aborting)
    }

    /// Whether a panic unwinds.
    pub(crate) fn unwinds(&self) -> bool {
        matches!(self, Self::Unwinding(_))
    }

    /// Says to a command which compiler to use, and where its outputs belong.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env("CARGO_TARGET_DIR", self.target_dir());
        if let Self::Unwinding(sysroot) = self {
            sysroot.apply(command);
        }
    }

    /// The same for a plain cargo, which has to be told that a panic unwinds.
    pub(crate) fn apply_flags(&self, command: &mut Command) {
        if self.unwinds() {
            Sysroot::apply_flags(command);
        }
    }

    /// The folder to put first in `PATH`.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        match self {
            Self::Aborting => None,
            Self::Unwinding(sysroot) => Some(sysroot.bin()),
        }
    }

    /// Cargo's output: apart from the native one, so that they do not evict each
    /// other, and one per compiler, whose libraries do not mix.
    pub(crate) fn target_dir(&self) -> PathBuf {
        match self {
            Self::Aborting => target_dir().join("wasm"),
            Self::Unwinding(sysroot) => target_dir().join(format!("wasm-{}", sysroot.name())),
        }
    }

    /// For the line that says what is used.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Aborting => format!("this machine's Rust with rustup's library for {TARGET}"),
            Self::Unwinding(sysroot) => sysroot.name(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Rustup,
    Debian,
    Abort,
    Free,
}

fn choice() -> Choice {
    match std::env::var(CHOICE).as_deref() {
        Ok("rustup") => Choice::Rustup,
        Ok("debian") => Choice::Debian,
        Ok("abort") => Choice::Abort,
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

/// The sysroot of the machine's own compiler.
fn own() -> Result<Sysroot> {
    let has_source = || Compiler::own().is_some();
    if !has_source() && !rustup(&["component", "add", "rust-src"], has_source)? {
        bail!("this machine's Rust has no source of its library");
    }
    Compiler::own().context("this machine has no Rust")?.ready()
}

/// Has rustup fetch something, and tells whether it is there then.
fn rustup(args: &[&str], is_there: impl Fn() -> bool) -> Result<bool> {
    if answer(command("rustup").arg("--version")).is_none() {
        return Ok(false);
    }
    let wanted = args.last().copied().unwrap_or_default();
    say(format_args!("  asking rustup for {wanted}"));
    let mut rustup = command("rustup");
    // A machine that reaches no download site shall learn so soon, not after five tries.
    rustup
        .args(args)
        .env("RUSTUP_MAX_RETRIES", "1")
        .env("RUSTUP_DOWNLOAD_TIMEOUT", RUSTUP_SILENCE_S);
    let (status, took) = log_to("rustup", &mut rustup, &cache::log("rustup")?)?;
    let added = status.success() && is_there();
    let outcome = if added {
        "added it"
    } else {
        "cannot fetch it here"
    };
    say(format_args!("  rustup {outcome} ({})", shown(took)));
    Ok(added)
}
