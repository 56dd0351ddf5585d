//! The one row of a task.

use mcp::task::Record;
use serde::Deserialize;
use worker::{Result, SqlStorage};

#[derive(Deserialize)]
struct Text {
    text: String,
}

/// Makes the table, when the task is made and not before: an object that nobody
/// made a task of keeps nothing.
pub(super) fn create(sql: &SqlStorage) -> Result<()> {
    let schema = "
        CREATE TABLE IF NOT EXISTS task (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            record TEXT NOT NULL
        ) STRICT;
    ";
    sql.exec(schema, None).map(|_| ())
}

/// The task, if it was made and is not forgotten.
pub(super) fn load(sql: &SqlStorage) -> Result<Option<Record>> {
    let table = "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name = 'task'";
    if sql.exec(table, None)?.to_array::<Text>()?.is_empty() {
        return Ok(None);
    }
    let rows: Vec<Text> = sql
        .exec("SELECT record AS text FROM task", None)?
        .to_array()?;
    let row = rows.into_iter().next();
    row.map(|row| Ok(serde_json::from_str(&row.text)?))
        .transpose()
}

/// Stores the task.
pub(super) fn save(sql: &SqlStorage, record: &Record) -> Result<()> {
    sql.exec(
        "INSERT OR REPLACE INTO task (id, record) VALUES (1, ?)",
        vec![serde_json::to_string(record)?.into()],
    )?;
    Ok(())
}
