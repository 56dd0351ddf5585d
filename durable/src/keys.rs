//! The keys behind the names that clients carry, shared by objects and front.

use std::cell::RefCell;

use mcp::NameKey;
use oauth::secret::RootSecret;
use worker::{Env, Error, Result};

/// The secret that all keys are derived from; see `docs/storage.md`.
pub const ROOT_SECRET: &str = "SESSILE_SECRET";

/// The purpose of the key of session ids, event ids and handles.
const NAMES: &str = "names of sessions, events and handles";

thread_local! {
    static KEY: RefCell<Option<NameKey>> = const { RefCell::new(None) };
}

/// The key of session ids, event ids and handles; derived once per isolate.
pub fn names(env: &Env) -> Result<NameKey> {
    if let Some(key) = KEY.with_borrow(Clone::clone) {
        return Ok(key);
    }
    let text = env.secret(ROOT_SECRET)?.to_string();
    let root = RootSecret::parse(&text)
        .map_err(|weak| Error::RustError(format!("{ROOT_SECRET} {weak}")))?;
    let key = NameKey::new(root.derive(NAMES));
    KEY.set(Some(key.clone()));
    Ok(key)
}
