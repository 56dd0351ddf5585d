//! The row of a handle, and the one about who pays for it.

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

/// The account that counts the handle.
#[derive(Debug, Clone)]
pub(super) struct Payer {
    /// Its name.
    pub(super) ledger: String,
    /// The name of our own object, as it is counted there.
    pub(super) name: String,
    /// When it was last told of a use, in milliseconds since 1970.
    pub(super) told_ms: i64,
}

#[derive(Deserialize)]
struct StoredPayer {
    ledger: String,
    name: String,
    told_ms: f64,
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
    if !has_table(sql, "handle")? {
        return Ok(None);
    }
    let rows: Vec<Stored> = sql
        .exec("SELECT family, value, used_ms FROM handle", None)?
        .to_array()?;
    rows.into_iter()
        .next()
        .map(|row| {
            Ok(Row {
                family: row.family,
                value: serde_json::from_str(&row.value)?,
                used_ms: whole(row.used_ms),
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

/// Who pays for the handle; nobody if it is not counted.
pub(super) fn payer(sql: &SqlStorage) -> Result<Option<Payer>> {
    if !has_table(sql, "payer")? {
        return Ok(None);
    }
    let rows: Vec<StoredPayer> = sql
        .exec("SELECT ledger, name, told_ms FROM payer", None)?
        .to_array()?;
    Ok(rows.into_iter().next().map(|row| Payer {
        ledger: row.ledger,
        name: row.name,
        told_ms: whole(row.told_ms),
    }))
}

/// Stores who pays for the handle.
pub(super) fn save_payer(sql: &SqlStorage, payer: &Payer) -> Result<()> {
    sql.exec(
        "CREATE TABLE IF NOT EXISTS payer (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            ledger TEXT NOT NULL,
            name TEXT NOT NULL,
            told_ms INTEGER NOT NULL
        ) STRICT",
        None,
    )?;
    sql.exec(
        "INSERT OR REPLACE INTO payer (id, ledger, name, told_ms) VALUES (1, ?, ?, ?)",
        vec![
            payer.ledger.as_str().into(),
            payer.name.as_str().into(),
            worker::SqlStorageValue::try_from_i64(payer.told_ms)?,
        ],
    )?;
    Ok(())
}

fn has_table(sql: &SqlStorage, table: &str) -> Result<bool> {
    let query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?";
    let found: Vec<Name> = sql.exec(query, vec![table.to_owned().into()])?.to_array()?;
    Ok(!found.is_empty())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "SQLite's integers arrive as f64"
)]
fn whole(value: f64) -> i64 {
    value as i64
}
