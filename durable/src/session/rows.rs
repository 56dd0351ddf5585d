//! A session's tables, and what is read from and written to them.

use std::cell::Cell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use mcp::event_id::{Seq, StreamId};
use mcp::limits::TASKS_LISTED_MAX;
use mcp::session::{Event, Logged, Phase, Record, Stored, StoredStream};
use serde::Deserialize;
use serde_json::Value;
use worker::{Result, SqlCursor, SqlStorage, SqlStorageValue};

use crate::clock;

/// The column that tells when an event was appended, in milliseconds.
const EVENT_AGE: &str = "at INTEGER NOT NULL";

/// Made when the session is opened, not before: an object that nobody opened
/// keeps nothing.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS session (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        record TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS stream (
        id INTEGER PRIMARY KEY,
        stored TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS event (
        seq INTEGER PRIMARY KEY,
        stream INTEGER NOT NULL,
        message TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS tool_state (
        family TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS task (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL
    ) STRICT;
";

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct LoggedRow {
    seq: f64,
    stream: f64,
    bytes: f64,
    at: f64,
}

#[derive(Deserialize)]
struct Told {
    progress: Option<f64>,
}

#[derive(Deserialize)]
struct EventRow {
    seq: f64,
    message: String,
    at: f64,
}

/// A session's tables, and how many rows were written since its object was
/// constructed, as Cloudflare counts them.
#[derive(Debug)]
pub(super) struct Rows {
    sql: SqlStorage,
    written: Cell<u64>,
}

impl Rows {
    pub(super) fn of(sql: SqlStorage) -> Self {
        Self {
            sql,
            written: Cell::new(0),
        }
    }

    /// Rows written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.get()
    }

    /// Notes that the alarm was set, which counts as a row.
    pub(super) fn set_alarm(&self) {
        self.written.set(self.written.get() + 1);
    }

    /// Makes the tables.
    pub(super) fn create(&self) -> Result<()> {
        self.exec(SCHEMA, vec![]).map(|_| ())
    }

    /// Everything a session needs to go on; none if nobody opened it, or it ended.
    pub(super) fn load(&self) -> Result<Option<Stored>> {
        let table = "SELECT sql AS text FROM sqlite_master WHERE type = 'table' AND name = 'event'";
        let Some(table) = self.texts(table, vec![])?.pop() else {
            return Ok(None);
        };
        if !table.contains(EVENT_AGE) {
            // It is of before events had an age.
            let now = clock::now().as_millisecond();
            let add = format!("ALTER TABLE event ADD COLUMN {EVENT_AGE} DEFAULT {now}");
            self.exec(&add, vec![])?;
        }
        let Some(record) = self
            .texts("SELECT record AS text FROM session", vec![])?
            .pop()
        else {
            return Ok(None);
        };
        let streams: Vec<StoredStream> = self
            .texts("SELECT stored AS text FROM stream ORDER BY id", vec![])?
            .iter()
            .map(|stored| serde_json::from_str(stored))
            .collect::<std::result::Result<_, _>>()?;
        let events = self
            .exec(
                "SELECT seq, stream, length(CAST(message AS BLOB)) AS bytes, at
             FROM event ORDER BY seq",
                vec![],
            )?
            .to_array::<LoggedRow>()?
            .into_iter()
            .map(|row| Logged {
                seq: Seq(whole(row.seq)),
                stream: StreamId(u32::try_from(whole(row.stream)).unwrap_or(u32::MAX)),
                bytes: whole(row.bytes),
                at: at(row.at),
            })
            .collect();
        let mut progress = BTreeMap::new();
        for stream in &streams {
            if stream.phase == Phase::Running
                && let Some(told) = self.progress_told(stream)?
            {
                progress.insert(stream.id, told);
            }
        }
        Ok(Some(Stored {
            record: serde_json::from_str(&record)?,
            streams,
            events,
            progress,
        }))
    }

    /// The highest progress that the log has of a call, on its stream or on the one
    /// stream of HTTP+SSE.
    fn progress_told(&self, stream: &StoredStream) -> Result<Option<f64>> {
        let Some(token) = &stream.invocation.progress else {
            return Ok(None);
        };
        let token = serde_json::to_string(token)?;
        let rows: Vec<Told> = self
            .exec(
                "SELECT max(json_extract(message, '$.params.progress')) AS progress FROM event
             WHERE stream IN (?, ?)
               AND json_extract(message, '$.method') = 'notifications/progress'
               AND json_extract(message, '$.params.progressToken') = json_extract(?, '$')",
                vec![
                    f64::from(stream.id.0).into(),
                    f64::from(StreamId::STANDALONE.0).into(),
                    token.into(),
                ],
            )?
            .to_array()?;
        Ok(rows.first().and_then(|row| row.progress))
    }

    /// Stores the session's row.
    pub(super) fn save_record(&self, record: &Record) -> Result<()> {
        self.exec(
            "INSERT OR REPLACE INTO session (id, record) VALUES (1, ?)",
            vec![serde_json::to_string(record)?.into()],
        )?;
        Ok(())
    }

    /// Stores a stream's row.
    pub(super) fn save_stream(&self, stream: &StoredStream) -> Result<()> {
        self.exec(
            "INSERT OR REPLACE INTO stream (id, stored) VALUES (?, ?)",
            vec![
                f64::from(stream.id.0).into(),
                serde_json::to_string(stream)?.into(),
            ],
        )?;
        Ok(())
    }

    /// Stores an event.
    pub(super) fn append(&self, event: &Event) -> Result<()> {
        self.exec(
            "INSERT INTO event (seq, stream, message, at) VALUES (?, ?, ?, ?)",
            vec![
                number(event.seq.0)?,
                f64::from(event.stream.0).into(),
                event.message.as_str().into(),
                SqlStorageValue::try_from_i64(event.at.as_millisecond())?,
            ],
        )?;
        Ok(())
    }

    /// The events of a stream after a place, oldest first.
    pub(super) fn after(&self, stream: StreamId, seq: Seq) -> Result<Vec<Event>> {
        let rows: Vec<EventRow> = self
            .exec(
                "SELECT seq, message, at FROM event WHERE stream = ? AND seq > ? ORDER BY seq",
                vec![f64::from(stream.0).into(), number(seq.0)?],
            )?
            .to_array()?;
        Ok(rows
            .into_iter()
            .map(|row| Event {
                seq: Seq(whole(row.seq)),
                stream,
                message: row.message,
                at: at(row.at),
            })
            .collect())
    }

    /// Forgets events up to a place, and finished streams that have none left. The
    /// newest stream stays, so that its number is not given twice.
    pub(super) fn prune(&self, through: Seq) -> Result<()> {
        self.exec("DELETE FROM event WHERE seq <= ?", vec![number(through.0)?])?;
        self.exec(
            "DELETE FROM stream
         WHERE json_extract(stored, '$.phase') = 'Done'
           AND id NOT IN (SELECT stream FROM event)
           AND id < (SELECT max(id) FROM stream)",
            vec![],
        )?;
        Ok(())
    }

    /// The value of a tool's state; null before it was first stored.
    pub(super) fn tool_state(&self, family: &str) -> Result<Value> {
        let query = "SELECT value AS text FROM tool_state WHERE family = ?";
        match self.texts(query, vec![family.into()])?.pop() {
            Some(text) => Ok(serde_json::from_str(&text)?),
            None => Ok(Value::Null),
        }
    }

    /// Stores the value of a tool's state.
    pub(super) fn save_tool_state(&self, family: &str, value: &Value) -> Result<()> {
        self.exec(
            "INSERT OR REPLACE INTO tool_state (family, value) VALUES (?, ?)",
            vec![family.into(), value.to_string().into()],
        )?;
        Ok(())
    }

    /// Notes a task that the session made; the oldest are left out of lists.
    pub(super) fn add_task(&self, id: &str) -> Result<()> {
        self.exec(
            "INSERT INTO task (id) VALUES (?)",
            vec![id.to_owned().into()],
        )?;
        self.exec(
            "DELETE FROM task WHERE number <= (SELECT max(number) FROM task) - ?",
            vec![number(TASKS_LISTED_MAX)?],
        )?;
        Ok(())
    }

    /// The tasks that the session made, oldest first.
    pub(super) fn tasks(&self) -> Result<Vec<String>> {
        self.texts("SELECT id AS text FROM task ORDER BY number", vec![])
    }

    /// Runs a statement, and counts the rows that it writes.
    fn exec(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<SqlCursor> {
        let cursor = self.sql.exec(query, values)?;
        let written = u64::try_from(cursor.rows_written()).unwrap_or(u64::MAX);
        self.written.set(self.written.get().saturating_add(written));
        Ok(cursor)
    }

    fn texts(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<Vec<String>> {
        let rows: Vec<Text> = self.exec(query, values)?.to_array()?;
        Ok(rows.into_iter().map(|row| row.text).collect())
    }
}

/// A time that was stored in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds are whole and below 2^53"
)]
fn at(milliseconds: f64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds as i64).unwrap_or_default()
}

fn number(value: u64) -> Result<SqlStorageValue> {
    let value = i64::try_from(value)
        .map_err(|_| worker::Error::RustError("a place beyond what SQLite holds".into()))?;
    SqlStorageValue::try_from_i64(value)
}

/// SQLite's integers arrive as floating-point numbers; ours are small and whole.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places, sizes and stream numbers are whole and below 2^53"
)]
pub(super) fn whole(value: f64) -> u64 {
    value as u64
}
