//! What an operator can learn of a session's object without its contents.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use worker::{Env, Result, Storage};

/// The variable that has constructions counted: `on`, or anything else. Each
/// costs a row, so it is for looking into something, and for tests.
const DIAGNOSTICS: &str = "DIAGNOSTICS";

/// How an object has lived.
#[derive(Debug, Serialize, Deserialize)]
pub struct Diagnostics {
    /// How often the object was constructed and asked for something; 0 if that
    /// is not counted.
    pub constructed: u64,
    /// What was asked of it since, this question included.
    pub asked: u64,
    /// Rows written since it was constructed, alarms among them, the one that
    /// counts constructions not.
    pub written: u64,
    /// Events kept for replay.
    pub events: u64,
    /// Calls that have a stream, ended ones included whose events are kept.
    pub streams: u64,
    /// Sockets of streams that are open.
    pub sockets: u64,
    /// Bytes that the database takes.
    pub bytes: u64,
}

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
