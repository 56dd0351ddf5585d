//! Debian's Rust for browsers as a toolchain that can build for wasm32.
//!
//! Debian ships the compiler and the library's source but no library for
//! wasm32-unknown-unknown. We build it once and keep it in the cache as a
//! sysroot, whose `bin` comes first in `PATH`. Nothing under `/usr` is changed
//! but by apt.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::wasm::{TARGET, has_core};
use super::{apt, cache, version_in};
use crate::command::{answer, command, run_logged};
use crate::versions::{APT_RUST, RUST_MIN, WASM_STD_RECIPE};

/// Where Debian puts its programs and libraries.
const USR: &str = "/usr";

/// The folder in the cache, and the linker that goes with its compiler.
#[derive(Debug, Clone)]
pub(crate) struct Sysroot {
    folder: PathBuf,
    linker: PathBuf,
}

impl Sysroot {
    /// The programs to put first in `PATH`.
    pub(crate) fn bin(&self) -> PathBuf {
        self.folder.join("bin")
    }

    /// Tells one compiler's outputs from another's.
    pub(crate) fn name(&self) -> String {
        self.folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// Sets what the programs in `bin` need besides `PATH`.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker);
        // clippy-driver has the compiler inside and looks for its libraries here.
        command.env("SYSROOT", &self.folder);
        command
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("RUSTC")
            .env_remove("RUSTDOC");
    }
}

/// The sysroot for the installed compiler, if both are there.
pub(crate) fn found() -> Result<Option<Sysroot>> {
    let Some(compiler) =
        Compiler::installed().filter(|_| APT_RUST.iter().all(|package| apt::installed(package)))
    else {
        return Ok(None);
    };
    let Some(linker) = compiler.linker() else {
        return Ok(None);
    };
    Ok(cache::found(&compiler.name())?.map(|folder| Sysroot { folder, linker }))
}

/// Installs the packages and builds the library.
pub(crate) fn ready() -> Result<Sysroot> {
    let why = "the WebAssembly build";
    apt::install(&APT_RUST, why)?;
    if Compiler::installed().is_none() {
        // It was there before, but too old.
        apt::upgrade(&APT_RUST, why)?;
    }
    let (major, minor) = RUST_MIN;
    let Some(compiler) = Compiler::installed() else {
        bail!(
            "Debian's rustc-web is older than {major}.{minor}: enable the security suite of your release in apt's sources, or run `rustup target add {TARGET}`"
        );
    };
    let lld = format!("lld-{}", compiler.llvm);
    apt::install(&[&lld], why)?;
    let linker = compiler
        .linker()
        .with_context(|| format!("{lld} has no wasm-ld"))?;
    let folder = cache::install(
        &compiler.name(),
        &format!("the standard library for {TARGET}, built from source"),
        |staging| compiler.build_std(staging, &linker),
    )?;
    Ok(Sysroot { folder, linker })
}

struct Compiler {
    /// `1.96.0`.
    release: String,
    /// The major version of the LLVM inside; its linker must be as new.
    llvm: String,
}

impl Compiler {
    fn installed() -> Option<Self> {
        let text = answer(command(format!("{USR}/bin/rustc")).arg("-vV"))?;
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let release = line("release: ")?.to_owned();
        let llvm = line("LLVM version: ")?.split('.').next()?.to_owned();
        (version_in(&release)? >= RUST_MIN).then_some(Self { release, llvm })
    }

    fn name(&self) -> String {
        format!("debian-rust-{}-{WASM_STD_RECIPE}", self.release)
    }

    fn linker(&self) -> Option<PathBuf> {
        Some(PathBuf::from(format!(
            "{USR}/lib/llvm-{}/bin/wasm-ld",
            self.llvm
        )))
        .filter(|linker| linker.exists())
    }

    fn build_std(&self, staging: &Path, linker: &Path) -> Result<()> {
        let build = staging.join("build");
        fs::create_dir_all(build.join("src"))?;
        fs::write(
            build.join("Cargo.toml"),
            "[package]\nname = \"empty\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
        )?;
        fs::write(build.join("src/lib.rs"), "")?;
        let mut cargo = command(format!("{USR}/bin/cargo"));
        cargo.current_dir(&build).args([
            "build",
            "--release",
            "-Zbuild-std=std,panic_abort",
            "--target",
            TARGET,
        ]);
        cargo
            .env("RUSTC", format!("{USR}/bin/rustc"))
            .env("RUSTDOC", format!("{USR}/bin/rustdoc"));
        // `build-std` is unstable and Debian's compiler is a stable one; the source is its own.
        cargo
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("RUSTUP_TOOLCHAIN");
        // Without bitcode a later build with LTO fails: "failed to get bitcode from object file".
        cargo.env(
            "RUSTFLAGS",
            "-Cembed-bitcode=yes -Copt-level=s -Ccodegen-units=1",
        );
        cargo
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
            .env("CARGO_TARGET_DIR", build.join("target"));
        run_logged(
            "building the standard library",
            &mut cargo,
            &cache::log("wasm-std")?,
        )?;

        let libraries = staging.join("lib/rustlib").join(TARGET).join("lib");
        fs::create_dir_all(&libraries)?;
        for entry in fs::read_dir(build.join("target").join(TARGET).join("release/deps"))? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "rlib")
            {
                fs::copy(&path, libraries.join(path.file_name().unwrap_or_default()))?;
            }
        }
        if !has_core(&libraries) {
            bail!("the build made no library");
        }
        fs::remove_dir_all(&build)?;
        self.link_programs(staging)
    }

    /// The rest of the sysroot is Debian's own; the compiler is told of ours by a script.
    fn link_programs(&self, staging: &Path) -> Result<()> {
        let host = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        symlink(
            format!("{USR}/lib/rustlib/{host}"),
            staging.join("lib/rustlib").join(&host),
        )?;
        let bin = staging.join("bin");
        fs::create_dir_all(&bin)?;
        let sysroot = cache::dir()?.join(self.name());
        for program in ["rustc", "rustdoc"] {
            let script = format!(
                "#!/bin/sh\nexec {USR}/bin/{program} --sysroot '{}' \"$@\"\n",
                sysroot.display()
            );
            fs::write(bin.join(program), script)?;
            fs::set_permissions(bin.join(program), fs::Permissions::from_mode(0o755))?;
        }
        for program in ["cargo", "cargo-clippy", "clippy-driver"] {
            symlink(format!("{USR}/bin/{program}"), bin.join(program))?;
        }
        Ok(())
    }
}
