//! The root secret, and the keys behind the names that clients carry; shared
//! by objects and front.

use std::cell::RefCell;

use mcp::NameKey;
use oauth::secret::{BadRoot, RootSecret, Rotation};
use worker::js_sys::Object;
use worker::wasm_bindgen::JsCast;
use worker::{Env, Error, Result};

use crate::clock;

/// The secret that all keys are derived from. Those that replace it have the
/// same name with a number from 2 on: `SESSILE_SECRET_2`; see
/// `docs/configuration.md`.
pub const ROOT_SECRET: &str = "SESSILE_SECRET";

/// The purpose of the key of session ids, event ids and handles.
const NAMES: &str = "names of sessions, events and handles";

thread_local! {
    static KEPT: RefCell<Option<(Rotation, NameKey)>> = const { RefCell::new(None) };
}

/// A root secret that cannot be used.
#[derive(Debug)]
pub struct RootError {
    /// The secret's name.
    pub variable: String,
    /// What is wrong with it.
    pub problem: BadRoot,
}

impl std::fmt::Display for RootError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.variable, self.problem)
    }
}

/// The root secret as it stands now; read again when that changes.
pub fn root(env: &Env) -> Result<RootSecret, RootError> {
    kept(env, |rotation, _| rotation.root.clone())
}

/// The key of session ids, event ids and handles.
pub fn names(env: &Env) -> Result<NameKey> {
    kept(env, |_, names| names.clone()).map_err(|error| Error::RustError(error.to_string()))
}

fn kept<T>(env: &Env, take: impl FnOnce(&Rotation, &NameKey) -> T) -> Result<T, RootError> {
    let now = clock::now();
    KEPT.with_borrow_mut(|kept| match kept {
        Some((rotation, names)) if rotation.holds(now) => Ok(take(rotation, names)),
        _ => {
            let rotation = read(env)?;
            let keys = rotation.root.derive_all(NAMES);
            let names = NameKey::new(keys.making).beside(keys.reading);
            let (rotation, names) = kept.insert((rotation, names));
            Ok(take(rotation, names))
        }
    })
}

/// Reads all root secrets that the environment has.
pub fn read(env: &Env) -> Result<Rotation, RootError> {
    let names = Object::keys(env.unchecked_ref::<Object>());
    let numbered = names.iter().filter_map(|name| {
        let name = name.as_string()?;
        let value = env.var(&name).ok()?.to_string();
        Some((number(&name)?, value))
    });
    Rotation::read(&numbered.collect::<Vec<_>>(), clock::now()).map_err(|(which, problem)| {
        RootError {
            variable: which.map_or_else(|| ROOT_SECRET.to_owned(), named),
            problem,
        }
    })
}

/// The number of a root secret by its name; `None` for other names.
fn number(name: &str) -> Option<u32> {
    let rest = name.strip_prefix(ROOT_SECRET)?;
    if rest.is_empty() {
        return Some(1);
    }
    rest.strip_prefix('_')?.parse().ok()
}

/// The name of the root secret of that number.
pub fn named(number: u32) -> String {
    match number {
        1 => ROOT_SECRET.to_owned(),
        number => format!("{ROOT_SECRET}_{number}"),
    }
}
