//! Debian's Rust for browsers as a compiler that can build for wasm32.
//!
//! Debian ships the compiler and the library's source but no library for
//! wasm32-unknown-unknown: `wasm_std` builds it. Nothing under `/usr` is changed
//! but by apt.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::wasm::TARGET;
use super::wasm_std::{Compiler, Sysroot, line};
use super::{apt, version_in};
use crate::command::{answer, command};
use crate::versions::{APT_RUST, RUST_MIN};

/// Where Debian puts its programs and libraries.
const USR: &str = "/usr";

/// The sysroot for the installed compiler, if both are there.
pub(crate) fn found() -> Result<Option<Sysroot>> {
    let Some((mut compiler, llvm)) =
        installed().filter(|_| APT_RUST.iter().all(|package| apt::installed(package)))
    else {
        return Ok(None);
    };
    compiler.linker = linker(&llvm);
    if compiler.linker.is_none() {
        return Ok(None);
    }
    compiler.found()
}

/// Installs the packages and builds the library.
pub(crate) fn ready() -> Result<Sysroot> {
    let why = "the WebAssembly build";
    apt::install(&APT_RUST, why)?;
    if installed().is_none() {
        // It was there before, but too old.
        apt::upgrade(&APT_RUST, why)?;
    }
    let (major, minor) = RUST_MIN;
    let Some((mut compiler, llvm)) = installed() else {
        bail!(
            "Debian's rustc-web is older than {major}.{minor}: enable the security suite of your release in apt's sources, or run `rustup component add rust-src`"
        );
    };
    let lld = format!("lld-{llvm}");
    apt::install(&[&lld], why)?;
    let linker = linker(&llvm).with_context(|| format!("{lld} has no wasm-ld"))?;
    compiler.linker = Some(linker);
    compiler
        .ready()
        .with_context(|| format!("building the library for {TARGET} with Debian's compiler"))
}

/// Debian's compiler, and the major version of the LLVM inside.
fn installed() -> Option<(Compiler, String)> {
    let text = answer(command(format!("{USR}/bin/rustc")).arg("-vV"))?;
    let release = line(&text, "release: ")?;
    let llvm = line(&text, "LLVM version: ")?.split('.').next()?.to_owned();
    let new_enough = version_in(&release)? >= RUST_MIN;
    let compiler = Compiler {
        kind: "debian",
        release,
        host: line(&text, "host: ")?,
        home: PathBuf::from(USR),
        linker: None,
    };
    new_enough.then_some((compiler, llvm))
}

/// The linker has to be as new as the LLVM inside the compiler.
fn linker(llvm: &str) -> Option<PathBuf> {
    Some(PathBuf::from(format!("{USR}/lib/llvm-{llvm}/bin/wasm-ld")))
        .filter(|linker| linker.exists())
}
