//! The one row of a handle.

use serde::Deserialize;
use serde_json::Value;
use worker::{Result, SqlStorage};

/// The state behind a handle.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The family of tools it belongs to.
    pub(super) family: String,
    /// Its present value.
    pub(super) value: Value,
    /// When it last changed, in milliseconds since 1970.
    pub(super) used_ms: i64,
}

#[derive(Deserialize)]
struct Stored {
    family: String,
    value: String,
    used_ms: f64,
}

#[derive(Deserialize)]
struct Name {
    #[expect(dead_code, reason = "only whether there is a row counts")]
    name: String,
}

/// The row, if the handle was minted and has not expired.
pub(super) fn load(sql: &SqlStorage) -> Result<Option<Row>> {
    let table = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'handle'";
    if sql.exec(table, None)?.to_array::<Name>()?.is_empty() {
        return Ok(None);
    }
    let rows: Vec<Stored> = sql
        .exec("SELECT family, value, used_ms FROM handle", None)?
        .to_array()?;
    rows.into_iter()
        .next()
        .map(|row| {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "SQLite's integers arrive as f64"
            )]
            let used_ms = row.used_ms as i64;
            Ok(Row {
                family: row.family,
                value: serde_json::from_str(&row.value)?,
                used_ms,
            })
        })
        .transpose()
}

/// Stores the row.
pub(super) fn save(sql: &SqlStorage, row: &Row) -> Result<()> {
    sql.exec(
        "CREATE TABLE IF NOT EXISTS handle (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            family TEXT NOT NULL,
            value TEXT NOT NULL,
            used_ms INTEGER NOT NULL
        ) STRICT",
        None,
    )?;
    let used_ms = worker::SqlStorageValue::try_from_i64(row.used_ms)?;
    sql.exec(
        "INSERT OR REPLACE INTO handle (id, family, value, used_ms) VALUES (1, ?, ?, ?)",
        vec![
            row.family.as_str().into(),
            row.value.to_string().into(),
            used_ms,
        ],
    )?;
    Ok(())
}
