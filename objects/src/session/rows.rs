//! A session's tables, and what is read from and written to them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use mcp::event_id::{Seq, StreamId};
use mcp::limits::TASKS_LISTED_MAX;
use mcp::session::{Event, Logged, Phase, Record, Stored, StoredStream};
use platform::clock;
use platform::session::At;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use worker::{Result, ScheduledTime, SqlCursor, SqlStorage, SqlStorageValue, Storage};

/// The key of the session's row, which is written with the first other one. It is not in
/// a table: each table costs two rows and two pages, and most sessions never need one.
const RECORD: &str = "session";

/// A table, made when there is something for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Calls that streamed.
    Stream,
    /// What was sent on streams.
    Event,
    /// The state of tools.
    ToolState,
    /// Tasks that the session made.
    Task,
}

impl Table {
    const ALL: [Self; 4] = [Self::Stream, Self::Event, Self::ToolState, Self::Task];

    fn name(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Event => "event",
            Self::ToolState => "tool_state",
            Self::Task => "task",
        }
    }

    fn create(self) -> &'static str {
        match self {
            Self::Stream => {
                "CREATE TABLE stream (
                    id INTEGER PRIMARY KEY,
                    stored TEXT NOT NULL
                ) STRICT"
            }
            Self::Event => {
                "CREATE TABLE event (
                    seq INTEGER PRIMARY KEY,
                    stream INTEGER NOT NULL,
                    message TEXT NOT NULL,
                    at INTEGER NOT NULL
                ) STRICT"
            }
            Self::ToolState => {
                "CREATE TABLE tool_state (
                    family TEXT PRIMARY KEY,
                    value TEXT NOT NULL
                ) STRICT, WITHOUT ROWID"
            }
            Self::Task => {
                "CREATE TABLE task (
                    number INTEGER PRIMARY KEY,
                    id TEXT NOT NULL
                ) STRICT"
            }
        }
    }
}

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
struct Number {
    number: f64,
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

/// The session's row when it has ended and its account may not know yet.
#[derive(Serialize, Deserialize)]
struct Over {
    over: At,
}

/// How soon the account is told again that a session has ended.
const TOLD_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// What an object has stored.
#[derive(Debug)]
pub(super) enum Kept {
    /// Nothing: nobody opened the session, or it has stored nothing, or it ended.
    Nothing,
    /// Everything that a session needs to go on.
    Session(Box<Stored>),
    /// That the session has ended, which its account has to be told.
    Over(At),
}

/// What is kept of a session, and how many rows were written since its object
/// was constructed, as Cloudflare counts them (Cloudflare, "Durable Objects:
/// Pricing", read 2026-11: a `put` and a `setAlarm` are a row each).
#[derive(Debug)]
pub(super) struct Rows {
    storage: Storage,
    sql: SqlStorage,
    /// The tables there are; none before the session is loaded.
    tables: RefCell<Vec<Table>>,
    written: Cell<u64>,
}

impl Rows {
    pub(super) fn of(storage: Storage) -> Self {
        Self {
            sql: storage.sql(),
            storage,
            tables: RefCell::default(),
            written: Cell::new(0),
        }
    }

    /// Rows written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.get()
    }

    /// Bytes that everything takes.
    pub(super) fn bytes(&self) -> u64 {
        u64::try_from(self.sql.database_size()).unwrap_or(u64::MAX)
    }

    /// How many rows a table has.
    pub(super) fn count(&self, table: Table) -> Result<u64> {
        if !self.has(table) {
            return Ok(0);
        }
        let query = format!("SELECT count(*) AS number FROM {}", table.name());
        let rows: Vec<Number> = self.exec(&query, vec![])?.to_array()?;
        Ok(rows.first().map_or(0, |row| whole(row.number)))
    }

    /// What is there of the session.
    pub(super) async fn load(&self) -> Result<Kept> {
        let Some(record) = self.storage.get::<String>(RECORD).await? else {
            return Ok(Kept::Nothing);
        };
        if let Ok(Over { over }) = serde_json::from_str(&record) {
            return Ok(Kept::Over(over));
        }
        let names = self.texts("SELECT name AS text FROM sqlite_master", vec![])?;
        let there = |table: &Table| names.iter().any(|name| name == table.name());
        self.tables
            .replace(Table::ALL.into_iter().filter(there).collect());
        let streams = self.streams()?;
        let mut progress = BTreeMap::new();
        for stream in &streams {
            if stream.phase == Phase::Running
                && let Some(told) = self.progress_told(stream)?
            {
                progress.insert(stream.id, told);
            }
        }
        Ok(Kept::Session(Box::new(Stored {
            record: serde_json::from_str(&record)?,
            streams,
            events: self.logged()?,
            progress,
        })))
    }

    fn streams(&self) -> Result<Vec<StoredStream>> {
        if !self.has(Table::Stream) {
            return Ok(Vec::new());
        }
        self.texts("SELECT stored AS text FROM stream ORDER BY id", vec![])?
            .iter()
            .map(|stored| Ok(serde_json::from_str(stored)?))
            .collect()
    }

    fn logged(&self) -> Result<Vec<Logged>> {
        if !self.has(Table::Event) {
            return Ok(Vec::new());
        }
        let query = "SELECT seq, stream, length(CAST(message AS BLOB)) AS bytes, at
                     FROM event ORDER BY seq";
        let rows: Vec<LoggedRow> = self.exec(query, vec![])?.to_array()?;
        Ok(rows
            .into_iter()
            .map(|row| Logged {
                seq: Seq(whole(row.seq)),
                stream: StreamId(u32::try_from(whole(row.stream)).unwrap_or(u32::MAX)),
                bytes: whole(row.bytes),
                at: at(row.at),
            })
            .collect())
    }

    /// The highest progress that the log has of a call, on its stream or on the one
    /// stream of HTTP+SSE.
    fn progress_told(&self, stream: &StoredStream) -> Result<Option<f64>> {
        let Some(token) = stream.invocation.progress.as_ref() else {
            return Ok(None);
        };
        if !self.has(Table::Event) {
            return Ok(None);
        }
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
    pub(super) async fn save_record(&self, record: &Record) -> Result<()> {
        self.count_written(1);
        self.storage
            .put(RECORD, serde_json::to_string(record)?)
            .await
    }

    /// Stores that the session has ended, until its account knows: the alarm looks after
    /// that if nobody else can.
    pub(super) async fn save_over(&self, over: At) -> Result<()> {
        let row = serde_json::to_string(&Over { over })?;
        self.storage.set_alarm(TOLD_AGAIN_AFTER).await?;
        self.storage.put(RECORD, row).await
    }

    /// Sets the alarm.
    pub(super) async fn wake_at(&self, at: Timestamp) -> Result<()> {
        self.count_written(1);
        self.storage
            .set_alarm(ScheduledTime::new(clock::js_date(at)))
            .await
    }

    /// Forgets everything, the alarm too.
    pub(super) async fn erase(&self) -> Result<()> {
        self.tables.borrow_mut().clear();
        self.storage.delete_alarm().await?;
        self.storage.delete_all().await
    }

    /// Stores a stream's row.
    pub(super) fn save_stream(&self, stream: &StoredStream) -> Result<()> {
        self.make(Table::Stream)?;
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
        self.make(Table::Event)?;
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
        if !self.has(Table::Event) {
            return Ok(Vec::new());
        }
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
        self.make(Table::Event)?;
        self.make(Table::Stream)?;
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
        if !self.has(Table::ToolState) {
            return Ok(Value::Null);
        }
        let query = "SELECT value AS text FROM tool_state WHERE family = ?";
        match self.texts(query, vec![family.into()])?.pop() {
            Some(text) => Ok(serde_json::from_str(&text)?),
            None => Ok(Value::Null),
        }
    }

    /// Stores the value of a tool's state.
    pub(super) fn save_tool_state(&self, family: &str, value: &Value) -> Result<()> {
        self.make(Table::ToolState)?;
        self.exec(
            "INSERT OR REPLACE INTO tool_state (family, value) VALUES (?, ?)",
            vec![family.into(), value.to_string().into()],
        )?;
        Ok(())
    }

    /// Notes a task that the session made; the oldest are left out of lists.
    pub(super) fn add_task(&self, id: &str) -> Result<()> {
        self.make(Table::Task)?;
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
        if !self.has(Table::Task) {
            return Ok(Vec::new());
        }
        self.texts("SELECT id AS text FROM task ORDER BY number", vec![])
    }

    /// Runs a statement, and counts the rows that it writes.
    fn exec(&self, query: &str, values: Vec<SqlStorageValue>) -> Result<SqlCursor> {
        let cursor = self.sql.exec(query, values)?;
        self.count_written(u64::try_from(cursor.rows_written()).unwrap_or(u64::MAX));
        Ok(cursor)
    }

    fn count_written(&self, rows: u64) {
        self.written.set(self.written.get().saturating_add(rows));
    }

    fn has(&self, table: Table) -> bool {
        self.tables.borrow().contains(&table)
    }

    fn make(&self, table: Table) -> Result<()> {
        if !self.has(table) {
            self.exec(table.create(), vec![])?;
            self.tables.borrow_mut().push(table);
        }
        Ok(())
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
fn whole(value: f64) -> u64 {
    value as u64
}
