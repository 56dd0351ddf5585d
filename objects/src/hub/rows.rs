//! The sessions that listen to a hub.

use platform::hub::wire::{Subscriber, Wanted};
use serde::Deserialize;
use worker::{Result, SqlStorage, SqlStorageValue};

#[derive(Deserialize)]
struct Stored {
    session: String,
    wanted: String,
}

/// Stores what a session wants.
pub(super) fn save(sql: &SqlStorage, subscriber: &Subscriber) -> Result<()> {
    create(sql)?;
    sql.exec(
        "INSERT OR REPLACE INTO subscriber (session, wanted) VALUES (?, ?)",
        vec![
            subscriber.session.clone().into(),
            serde_json::to_string(&subscriber.wanted)?.into(),
        ],
    )?;
    Ok(())
}

/// Sessions that are read at once: a row may be half a megabyte.
const PAGE_ROWS: i64 = 50;

/// The sessions that come after that one in order, with what they want.
pub(super) fn page(sql: &SqlStorage, after: &str) -> Result<Vec<Subscriber>> {
    create(sql)?;
    let rows: Vec<Stored> = sql
        .exec(
            "SELECT session, wanted FROM subscriber WHERE session > ? ORDER BY session LIMIT ?",
            vec![after.to_owned().into(), SqlStorageValue::Integer(PAGE_ROWS)],
        )?
        .to_array()?;
    rows.into_iter()
        .map(|row| {
            let wanted: Wanted = serde_json::from_str(&row.wanted)?;
            Ok(Subscriber {
                session: row.session,
                wanted,
            })
        })
        .collect()
}

/// Forgets a session.
pub(super) fn remove(sql: &SqlStorage, session: &str) -> Result<()> {
    create(sql)?;
    sql.exec(
        "DELETE FROM subscriber WHERE session = ?",
        vec![session.to_owned().into()],
    )?;
    Ok(())
}

fn create(sql: &SqlStorage) -> Result<()> {
    let schema = "
        CREATE TABLE IF NOT EXISTS subscriber (
            session TEXT PRIMARY KEY,
            wanted TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
    ";
    sql.exec(schema, None).map(|_| ())
}
