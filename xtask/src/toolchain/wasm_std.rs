//! A standard library for wasm32-unknown-unknown in which a panic unwinds.
//!
//! The one that rustup has ends the whole program at a panic. From its source,
//! and with `-Cpanic=unwind`, it becomes one in which a panic is an exception
//! (`docs/reliability.md`, "Panics"). It is built once for a compiler and kept in
//! the cache as a sysroot, whose `bin` comes first in `PATH`. The compiler's own
//! folders stay as they are.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::cache;
use super::wasm::{TARGET, has_core};
use crate::command::{answer, command, run_logged};
use crate::versions::WASM_STD_RECIPE;

/// What every build against the library needs; `worker-build --panic-unwind`
/// adds it by itself.
const UNWIND: &str = "-Cpanic=unwind";

/// A compiler, and where the rest of it is.
#[derive(Debug, Clone)]
pub(super) struct Compiler {
    /// `debian`, or `own`.
    pub(super) kind: &'static str,
    /// `1.96.0`.
    pub(super) release: String,
    /// What it runs on: `x86_64-unknown-linux-gnu`.
    pub(super) host: String,
    /// The folder above its `bin` and `lib`.
    pub(super) home: PathBuf,
    /// A linker for wasm, if it does not bring one.
    pub(super) linker: Option<PathBuf>,
}

/// The folder in the cache, and the linker that goes with its compiler.
#[derive(Debug, Clone)]
pub(crate) struct Sysroot {
    folder: PathBuf,
    linker: Option<PathBuf>,
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
        if let Some(linker) = &self.linker {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        // clippy-driver has the compiler inside and looks for its libraries here.
        command.env("SYSROOT", &self.folder);
        command
            .env_remove("RUSTUP_TOOLCHAIN")
            .env_remove("RUSTC")
            .env_remove("RUSTDOC");
    }

    /// The flag for a plain `cargo`, in the place and order of worker-build: one
    /// of the two would compile everything again otherwise.
    pub(crate) fn apply_flags(command: &mut Command) {
        let flags = match std::env::var("RUSTFLAGS") {
            Ok(own) if !own.is_empty() => format!("{own} {UNWIND}"),
            _ => UNWIND.to_owned(),
        };
        command.env("RUSTFLAGS", flags);
    }
}

impl Compiler {
    /// The machine's own, if the library's source came with it.
    pub(super) fn own() -> Option<Self> {
        let home = PathBuf::from(answer(command("rustc").args(["--print", "sysroot"]))?);
        let told = answer(command("rustc").arg("-vV"))?;
        let (release, host) = (line(&told, "release: ")?, line(&told, "host: ")?);
        let source = home.join("lib/rustlib/src/rust/library/Cargo.lock");
        source.is_file().then_some(Self {
            kind: "own",
            release,
            host,
            home,
            linker: None,
        })
    }

    /// The sysroot, if it was built before.
    pub(super) fn found(&self) -> Result<Option<Sysroot>> {
        Ok(cache::found(&self.name())?.map(|folder| self.sysroot(folder)))
    }

    /// Builds the sysroot unless it is there.
    pub(super) fn ready(&self) -> Result<Sysroot> {
        let folder = cache::install(
            &self.name(),
            &format!("the standard library for {TARGET}, built from source"),
            |staging| self.build(staging),
        )?;
        Ok(self.sysroot(folder))
    }

    fn sysroot(&self, folder: PathBuf) -> Sysroot {
        Sysroot {
            folder,
            linker: self.linker.clone(),
        }
    }

    fn name(&self) -> String {
        format!("{}-rust-{}-{WASM_STD_RECIPE}", self.kind, self.release)
    }

    fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    fn build(&self, staging: &Path) -> Result<()> {
        let build = staging.join("build");
        fs::create_dir_all(build.join("src"))?;
        fs::write(
            build.join("Cargo.toml"),
            "[package]\nname = \"empty\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
        )?;
        fs::write(build.join("src/lib.rs"), "")?;
        let mut cargo = command(self.program("cargo"));
        cargo.current_dir(&build).args([
            "build",
            "--release",
            "-Zbuild-std=std,panic_unwind",
            "-Zbuild-std-features=panic-unwind",
            "--target",
            TARGET,
        ]);
        cargo
            .env("RUSTC", self.program("rustc"))
            .env("RUSTDOC", self.program("rustdoc"));
        // `build-std` is unstable and the compiler is a stable one; the source is its own.
        cargo
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("RUSTUP_TOOLCHAIN");
        // Without bitcode a later build with LTO fails: "failed to get bitcode from object file".
        cargo.env(
            "RUSTFLAGS",
            format!("-Cembed-bitcode=yes -Copt-level=3 -Ccodegen-units=1 {UNWIND}"),
        );
        cargo.env("CARGO_TARGET_DIR", build.join("target"));
        if let Some(linker) = &self.linker {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
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

    /// The rest of the sysroot is the compiler's own, which scripts tell of ours.
    /// They also pass on what worker-build says to a nightly one, for unwinding is
    /// unstable only in that the library has to be built, and ours has been.
    fn link_programs(&self, staging: &Path) -> Result<()> {
        symlink(
            self.home.join("lib/rustlib").join(&self.host),
            staging.join("lib/rustlib").join(&self.host),
        )?;
        let bin = staging.join("bin");
        fs::create_dir_all(&bin)?;
        let sysroot = cache::dir()?.join(self.name());
        let nightly = "[ \"$1\" = +nightly ] && shift\n";
        for program in ["rustc", "rustdoc"] {
            let call = format!(
                "{nightly}exec '{}' --sysroot '{}' \"$@\"",
                self.program(program).display(),
                sysroot.display()
            );
            write_script(&bin.join(program), &call)?;
        }
        let cargo = format!(
            "{nightly}n=$#\nwhile [ $n -gt 0 ]; do\n  case \"$1\" in\n    -Z) ;;\n    build-std=*) ;;\n    *) set -- \"$@\" \"$1\" ;;\n  esac\n  shift\n  n=$((n - 1))\ndone\nexec '{}' \"$@\"",
            self.program("cargo").display()
        );
        write_script(&bin.join("cargo"), &cargo)?;
        // worker-build asks whether the source is there.
        write_script(&bin.join("rustup"), "echo 'rust-src (installed)'")?;
        for program in ["cargo-clippy", "clippy-driver"] {
            symlink(self.program(program), bin.join(program))?;
        }
        Ok(())
    }
}

/// What follows a name at the beginning of a line.
pub(super) fn line(text: &str, name: &str) -> Option<String> {
    let found = text.lines().find_map(|line| line.strip_prefix(name));
    found.map(str::to_owned)
}

fn write_script(path: &Path, lines: &str) -> Result<()> {
    fs::write(path, format!("#!/bin/sh\n{lines}\n"))?;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o755),
    )?)
}
