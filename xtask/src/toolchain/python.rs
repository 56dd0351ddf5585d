//! A Python with the client libraries that the tests run, in a venv in the cache.
//!
//! A venv finds its own packages from where its `bin/python` lies, so the staging
//! folder may be renamed; only the scripts beside it, which nobody here calls,
//! would still name the old place.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{apt, cache, version_in};
use crate::command::{answer, command, run_logged};
use crate::root::root;
use crate::versions::PYTHON_MIN;

/// Names an interpreter that has the libraries already.
const NAMED: &str = "SESSILE_PYTHON";
/// Every package at one version, from the root of the repository.
const REQUIREMENTS: &str = "tests/clients/python/requirements.txt";
/// What to look for in `PATH`; the plain name first, as a person means it.
const NAMES: [&str; 5] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
];
/// Debian's packages, `python3-venv` for the pip inside.
const APT_PYTHON: [&str; 2] = ["python3", "python3-venv"];
/// Prints the version and which interpreter a shim or a link leads to.
const WHO: &str = "import platform, sys; print(platform.python_version(), sys.base_prefix)";

/// `SESSILE_PYTHON`, or a venv in the cache, made if it is missing.
pub(crate) fn ready() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(NAMED).filter(|named| !named.is_empty()) {
        return Ok(PathBuf::from(named));
    }
    let requirements = root().join(REQUIREMENTS);
    let pinned =
        fs::read(&requirements).with_context(|| format!("reading {}", requirements.display()))?;
    if let Some(python) = Python::found()
        && let Some(folder) = cache::found(&python.venv_name(&pinned))?
    {
        return Ok(interpreter(&folder));
    }
    let _lock = cache::lock()?;
    let python = Python::ready()?;
    let what = format!("the Python clients with pip, for Python {}", python.version);
    let folder = cache::install(&python.venv_name(&pinned), &what, |staging| {
        python.fill(staging, &requirements)
    })?;
    Ok(interpreter(&folder))
}

/// An interpreter of the machine that is new enough.
#[derive(Debug)]
struct Python {
    program: &'static str,
    version: String,
    /// Where it is installed: a venv is bound to this place.
    prefix: String,
}

impl Python {
    fn found() -> Option<Self> {
        NAMES.iter().find_map(|program| {
            let printed = answer(command(program).args(["-c", WHO]))?;
            let (version, prefix) = printed.split_once(' ')?;
            (version_in(version)? >= PYTHON_MIN).then(|| Self {
                program,
                version: version.to_owned(),
                prefix: prefix.to_owned(),
            })
        })
    }

    /// One that can make a venv and put packages into it.
    fn ready() -> Result<Self> {
        if let Some(python) = Self::found().filter(|python| python.pip().is_some()) {
            return Ok(python);
        }
        let (major, minor) = PYTHON_MIN;
        let why = format!("running the Python clients (Python {major}.{minor} or newer)");
        apt::install(&APT_PYTHON, &why)?;
        match Self::found() {
            Some(python) if python.pip().is_some() => Ok(python),
            Some(python) => bail!(
                "{} has no pip: install pip for it, or let {NAMED} name a Python that has what {REQUIREMENTS} lists",
                python.program
            ),
            None => bail!(
                "this machine's Python is older than {major}.{minor}: install a newer one as python3, or let {NAMED} name one that has what {REQUIREMENTS} lists"
            ),
        }
    }

    fn pip(&self) -> Option<Pip> {
        let has = |arguments: &[&str]| answer(command(self.program).args(arguments)).is_some();
        // It also tells pips that do not know `--python` yet, from before 22.3.
        if has(&["-m", "pip", "--python", self.program, "--version"]) && has(&["-c", "import venv"])
        {
            return Some(Pip::Own);
        }
        has(&["-c", "import venv, ensurepip"]).then_some(Pip::Bundled)
    }

    /// Another Python, or the same after an upgrade, gets a venv of its own.
    fn venv_name(&self, pinned: &[u8]) -> String {
        let parts = [pinned, self.version.as_bytes(), self.prefix.as_bytes()];
        format!("python-{}", cache::fingerprint(&parts))
    }

    fn fill(&self, staging: &Path, requirements: &Path) -> Result<()> {
        let pip = self.pip().context("pip went away")?;
        let mut venv = command(self.program);
        venv.args(["-m", "venv"]).args(pip.venv_arguments());
        venv.arg(staging);
        run_logged("making a venv", &mut venv, &cache::log("python-venv")?)?;
        let inside = interpreter(staging);
        let mut install = match pip {
            Pip::Own => command(self.program),
            Pip::Bundled => command(&inside),
        };
        install.args(pip.arguments(&inside));
        install
            .args(["install", "--no-input", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(requirements);
        run_logged("pip install", &mut install, &cache::log("python-pip")?)
    }
}

/// Who installs into the venv.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pip {
    /// The machine's: Debian has it without what a venv with a pip of its own needs.
    Own,
    /// The one that comes with Python, put into the venv.
    Bundled,
}

impl Pip {
    fn venv_arguments(self) -> &'static [&'static str] {
        match self {
            Self::Own => &["--without-pip"],
            Self::Bundled => &[],
        }
    }

    fn arguments(self, inside: &Path) -> Vec<OsString> {
        let mut arguments = vec!["-m".into(), "pip".into()];
        if self == Self::Own {
            arguments.extend(["--python".into(), inside.into()]);
        }
        arguments
    }
}

fn interpreter(venv: &Path) -> PathBuf {
    venv.join("bin/python")
}

#[cfg(test)]
mod tests {
    const REQUIREMENTS: &str = include_str!("../../../tests/clients/python/requirements.txt");

    #[test]
    fn every_python_package_is_pinned_to_one_version_and_to_no_place() {
        let lines = REQUIREMENTS.lines().filter(|line| !line.is_empty());
        for line in lines.filter(|line| !line.starts_with('#')) {
            let (name, version) = line.split_once("==").expect(line);
            let plain = |char: char| char.is_ascii_alphanumeric() || "._-[]".contains(char);
            assert!(name.chars().all(plain), "{line}");
            assert!(version.chars().all(plain), "{line}");
        }
    }
}
