//! The operator's word that nothing may be done any more in the name of a user:
//! one row, while it holds.
//!
//! What acts for a user is a grant, a session, a task or a login session. All of
//! them end when the account is disabled, and none begins before it is enabled again.

use jiff::Timestamp;
use platform::clock;
use worker::{Env, Response, Result, State};

use super::query::{Columns, Query, columns};
use super::transaction::transaction;
use super::{ended, everything, sweep};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS disabled (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    since INTEGER NOT NULL
) STRICT";

/// `POST /disable`: answered when everything has ended, or the alarm is set that
/// tells once more what could not be told.
pub(super) async fn disable(state: &State, env: &Env) -> Result<Response> {
    let (storage, now) = (state.storage(), clock::now());
    let grants = transaction(&storage, || {
        let sql = storage.sql();
        set(&sql, now)?;
        everything::end_rows(state, now)
    })?;
    ended::now(state, env).await?;
    sweep::later(state).await?;
    Response::from_json(&grants)
}

/// `POST /enable`.
pub(super) async fn enable(state: &State) -> Result<Response> {
    unset(&state.storage().sql())?;
    sweep::later(state).await?;
    Response::empty()
}

/// Since when the account is disabled, if it is.
pub(super) fn since(database: &impl Query) -> Result<Option<Timestamp>> {
    if columns(database, "disabled")?.is_empty() {
        return Ok(None); // Not made for this question: nearly no account needs it.
    }
    let rows = database.run("SELECT since FROM disabled", vec![])?;
    let first = rows.into_iter().next();
    first.map(|row| Columns::of(row).time()).transpose()
}

/// Disables the account; one that is disabled stays so since then.
pub(super) fn set(database: &impl Query, now: Timestamp) -> Result<()> {
    database.run(TABLE, vec![])?;
    database.run(
        "INSERT OR IGNORE INTO disabled (id, since) VALUES (1, ?)",
        vec![now.as_second().into()],
    )?;
    Ok(())
}

/// Enables it.
pub(super) fn unset(database: &impl Query) -> Result<()> {
    database.run("DROP TABLE IF EXISTS disabled", vec![])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use oauth::grant::contract::NOW;
    use rusqlite::Connection;

    #[test]
    fn an_account_is_disabled_from_the_first_word_to_the_opposite_one() {
        let database = Connection::open_in_memory().unwrap();
        assert_eq!(since(&database).unwrap(), None);
        set(&database, NOW).unwrap();
        set(&database, NOW + SignedDuration::from_hours(1)).unwrap();
        assert_eq!(since(&database).unwrap(), Some(NOW));
        unset(&database).unwrap();
        unset(&database).unwrap();
        assert_eq!(since(&database).unwrap(), None);
    }
}
