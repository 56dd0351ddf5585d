//! What an operator can learn of a session's object without its contents.

use std::cell::Cell;

use worker::{Env, Result, Storage};

/// The variable that has constructions counted: `on`, or anything else. Each
/// costs a row, so it is for looking into something, and for tests.
const DIAGNOSTICS: &str = "DIAGNOSTICS";

/// The key under which constructions are counted.
const CONSTRUCTED: &str = "constructed";

/// The counters of one construction.
#[derive(Debug, Default)]
pub(super) struct Counters {
    counted: Cell<bool>,
    asked: Cell<u64>,
}

impl Counters {
    /// Counts something that was asked of the object.
    pub(super) fn count(&self) {
        self.asked.set(self.asked.get().saturating_add(1));
    }

    /// What was asked since the construction.
    pub(super) fn asked(&self) -> u64 {
        self.asked.get()
    }

    /// Counts the construction, the first time, if that is wanted.
    pub(super) async fn count_construction(&self, env: &Env, storage: &Storage) -> Result<()> {
        if self.counted.replace(true) || !is_on(env) {
            return Ok(());
        }
        let before = constructed(storage).await?;
        storage
            .put(CONSTRUCTED, before.saturating_add(1).to_string())
            .await
    }
}

/// How often the object was constructed; 0 if that is not counted.
pub(super) async fn constructed(storage: &Storage) -> Result<u64> {
    let counted: Option<String> = storage.get(CONSTRUCTED).await?;
    Ok(counted.and_then(|text| text.parse().ok()).unwrap_or(0))
}

fn is_on(env: &Env) -> bool {
    env.var(DIAGNOSTICS)
        .is_ok_and(|value| value.to_string() == "on")
}
