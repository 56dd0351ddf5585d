//! What an operator can learn of a session's object without its contents.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use worker::{Env, Result, SqlStorage};

use super::rows::whole;

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

/// The counters of one construction.
#[derive(Debug, Default)]
pub(super) struct Counters {
    counted: Cell<bool>,
    asked: Cell<u64>,
}

#[derive(Deserialize)]
struct Number {
    number: f64,
}

impl Counters {
    /// Counts something that was asked of the object.
    pub(super) fn count(&self) {
        self.asked.set(self.asked.get().saturating_add(1));
    }

    /// Counts the construction, the first time, if that is wanted.
    pub(super) fn count_construction(&self, env: &Env, sql: &SqlStorage) -> Result<()> {
        if self.counted.replace(true) || !is_on(env) {
            return Ok(());
        }
        let table = "CREATE TABLE IF NOT EXISTS diagnostics (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            constructed INTEGER NOT NULL
        ) STRICT;";
        sql.exec(table, None)?;
        let count = "INSERT INTO diagnostics (id, constructed) VALUES (1, 1)
            ON CONFLICT (id) DO UPDATE SET constructed = constructed + 1";
        sql.exec(count, None).map(|_| ())
    }

    /// What there is to tell.
    pub(super) fn read(
        &self,
        env: &Env,
        sql: &SqlStorage,
        written: u64,
        sockets: usize,
    ) -> Result<Diagnostics> {
        let number = |query: &str| -> Result<u64> {
            let rows: Vec<Number> = sql.exec(query, None)?.to_array()?;
            Ok(rows.first().map_or(0, |row| whole(row.number)))
        };
        let constructed = if is_on(env) {
            number("SELECT constructed AS number FROM diagnostics")?
        } else {
            0
        };
        Ok(Diagnostics {
            constructed,
            asked: self.asked.get(),
            written,
            events: number("SELECT count(*) AS number FROM event")?,
            streams: number("SELECT count(*) AS number FROM stream")?,
            sockets: u64::try_from(sockets).unwrap_or(u64::MAX),
            bytes: u64::try_from(sql.database_size()).unwrap_or(u64::MAX),
        })
    }
}

fn is_on(env: &Env) -> bool {
    env.var(DIAGNOSTICS)
        .is_ok_and(|value| value.to_string() == "on")
}
