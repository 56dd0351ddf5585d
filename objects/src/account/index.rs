//! The index of what an account holds: a row for each session, handle and task
//! that it pays for. How many there may be, and which one gives way to a new one.
//!
//! Times are whole seconds since 1970.

use std::time::Duration;

use jiff::Timestamp;
use mcp::limits::{HANDLE_IDLE_MAX, SESSION_IDLE_MAX, TASK_LIFE};
use oauth::grant::GrantId;
use platform::account::{Held, Kind, SessionInfo};
use worker::{Result, SqlStorageValue};

use super::query::{Columns, Query, Row, columns};

/// How much longer than the life of its object a row is kept, if the object did
/// not say that it ended: the account learns of its use a few hours late.
const ROW_SLACK: Duration = Duration::from_hours(24);

/// Most of a kind that are ended at once, for want of use or of their grant.
const ENDED_AT_ONCE_MAX: i64 = 500;

/// What the column `opened` says of what gave way. It does not count any more, and its row
/// is kept until it was told.
const GAVE_WAY: i64 = 0;

/// The index, behind whatever runs statements.
#[derive(Debug)]
pub(super) struct Index<Q>(Q);

impl<Q: Query> Index<Q> {
    pub(super) fn of(database: Q) -> Self {
        Self(database)
    }

    /// Adds something, and gives the names of those of its kind that give way:
    /// first what is over, then what was not used for longest.
    pub(super) fn add(&self, held: &Held, now: Timestamp, max: usize) -> Result<Vec<String>> {
        let table = self.table(held.kind)?;
        let second = now.as_second();
        self.0.run(
            &format!("INSERT OR REPLACE INTO {table} (name, opened, seen) VALUES (?, ?, ?)"),
            vec![held.name.as_str().into(), second.into(), second.into()],
        )?;
        self.give_way(held, max)
    }

    /// Adds a session, which ends with the grant it is opened with, if there is one. The
    /// record is what its object begins with.
    pub(super) fn add_session(
        &self,
        session: &Held,
        grant: Option<&GrantId>,
        record: &str,
        now: Timestamp,
    ) -> Result<()> {
        let second = now.as_second();
        let insert = || {
            self.0.run(
                "INSERT INTO sessions (name, opened, seen, grant_id, record) VALUES (?, ?, ?, ?, ?)",
                vec![
                    session.name.as_str().into(),
                    second.into(),
                    second.into(),
                    grant.map(GrantId::as_str).into(),
                    record.into(),
                ],
            )
        };
        // The table nearly always is there, as it is to be.
        insert().or_else(|_| {
            self.table(Kind::Session)?;
            insert()
        })?;
        Ok(())
    }

    /// What a session began with, and its grant; none of one that is not there, or that an
    /// earlier version opened. No table is made for that.
    pub(super) fn record(&self, name: &str) -> Result<Option<(Option<GrantId>, String)>> {
        let select = "SELECT grant_id, record FROM sessions WHERE name = ? AND record IS NOT NULL";
        let rows = self.0.run(select, vec![name.into()]).or_else(|error| {
            let there = columns(&self.0, table_of(Kind::Session))?;
            let has_records = there.iter().any(|name| name == "record");
            if has_records {
                Err(error)
            } else {
                Ok(Vec::new())
            }
        })?;
        let read = |row| {
            let mut columns = Columns::of(row);
            let grant = columns.text_or_null()?.map(GrantId::trusted);
            Ok((grant, columns.text()?))
        };
        rows.into_iter().next().map(read).transpose()
    }

    /// Forgets what a session began with: its object does not find it any more.
    pub(super) fn forget_record(&self, session: &Held) -> Result<()> {
        let table = self.table(session.kind)?;
        self.0.run(
            &format!("UPDATE {table} SET record = NULL WHERE name = ?"),
            vec![session.name.as_str().into()],
        )?;
        Ok(())
    }

    /// Marks what is beyond the most there may be of a kind as what gave way, and gives the
    /// names: first what is over, then what was not used for longest, but not the newest.
    pub(super) fn give_way(&self, held: &Held, max: usize) -> Result<Vec<String>> {
        let (kind, max) = (held.kind, i64::try_from(max).unwrap_or(i64::MAX));
        let table = table_of(kind);
        let no_record = match kind {
            Kind::Session => ", record = NULL",
            Kind::Handle | Kind::Task => "",
        };
        let rows = self.0.run(
            &format!(
                "UPDATE {table} SET opened = {GAVE_WAY}, seen = {GAVE_WAY}{no_record}
                 WHERE name IN (
                     SELECT name FROM {table} WHERE name <> ? AND opened > {GAVE_WAY}
                     ORDER BY seen, opened LIMIT max(0, (
                         SELECT count(*) FROM {table} WHERE opened > {GAVE_WAY}
                     ) - ?)
                 ) RETURNING name"
            ),
            vec![held.name.as_str().into(), max.into()],
        )?;
        rows.into_iter()
            .map(|row| Columns::of(row).text())
            .collect()
    }

    /// What gave way and was not told so yet, some of each kind if there are many.
    pub(super) fn gave_way(&self) -> Result<Vec<Held>> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let rows = self.0.run(
                &format!(
                    "SELECT name FROM {} WHERE opened = {GAVE_WAY} LIMIT ?",
                    self.table(kind)?
                ),
                vec![ENDED_AT_ONCE_MAX.into()],
            )?;
            all.extend(named(kind, rows)?);
        }
        Ok(all)
    }

    /// What gave way was told so. What began anew under its name stays.
    pub(super) fn was_told(&self, held: &Held) -> Result<()> {
        let table = table_of(held.kind);
        self.0.run(
            &format!("DELETE FROM {table} WHERE name = ? AND opened = {GAVE_WAY}"),
            vec![held.name.as_str().into()],
        )?;
        Ok(())
    }

    /// It was used.
    pub(super) fn note_use(&self, held: &Held, now: Timestamp) -> Result<()> {
        self.see(held, now.as_second())
    }

    /// It is over, and kept only for who asks how it ended: it gives way first.
    pub(super) fn note_end(&self, held: &Held) -> Result<()> {
        self.see(held, 0)
    }

    fn see(&self, held: &Held, second: i64) -> Result<()> {
        let table = self.table(held.kind)?;
        self.0.run(
            &format!("UPDATE {table} SET seen = ? WHERE name = ? AND opened > {GAVE_WAY}"),
            vec![second.into(), held.name.as_str().into()],
        )?;
        Ok(())
    }

    /// It is gone.
    pub(super) fn remove(&self, held: &Held) -> Result<()> {
        let table = self.table(held.kind)?;
        self.0.run(
            &format!("DELETE FROM {table} WHERE name = ?"),
            vec![held.name.as_str().into()],
        )?;
        Ok(())
    }

    /// Forgets handles and tasks that must be gone by now, by their own alarms,
    /// though nobody was told so. What gave way is to be told first.
    pub(super) fn forget_gone(&self, now: Timestamp) -> Result<()> {
        for kind in [Kind::Handle, Kind::Task] {
            let table = self.table(kind)?;
            self.0.run(
                &format!("DELETE FROM {table} WHERE opened > {GAVE_WAY} AND max(opened, seen) < ?"),
                vec![Self::longest_ago(kind, now).into()],
            )?;
        }
        Ok(())
    }

    /// Sessions that nobody uses any more, some of them if there are many.
    pub(super) fn unused_sessions(&self, now: Timestamp) -> Result<Vec<Held>> {
        let (kind, table) = (Kind::Session, self.table(Kind::Session)?);
        let rows = self.0.run(
            &format!(
                "SELECT name FROM {table}
                 WHERE opened > {GAVE_WAY} AND max(opened, seen) < ? LIMIT ?"
            ),
            vec![
                Self::longest_ago(kind, now).into(),
                ENDED_AT_ONCE_MAX.into(),
            ],
        )?;
        named(kind, rows)
    }

    /// Sessions whose grant is not among those that stand, nor a key, some of them if
    /// there are many. The table of grants has to be there. A session whose grant nobody
    /// noted, as older versions did not, is none of them.
    pub(super) fn sessions_without_grant(&self, now: Timestamp) -> Result<Vec<Held>> {
        let (kind, table) = (Kind::Session, table_of(Kind::Session));
        if columns(&self.0, table)?.is_empty() {
            return Ok(Vec::new()); // Not made for this question alone.
        }
        let mut statement = format!(
            "SELECT name FROM {} WHERE grant_id IS NOT NULL
             AND grant_id NOT IN (SELECT id FROM grants)",
            self.table(kind)?
        );
        let mut values = Vec::new();
        if !columns(&self.0, "api_keys")?.is_empty() {
            statement.push_str(" AND grant_id NOT IN (SELECT id FROM api_keys WHERE ends > ?)");
            values.push(now.as_second().into());
        }
        statement.push_str(" LIMIT ?");
        values.push(ENDED_AT_ONCE_MAX.into());
        let rows = self.0.run(&statement, values)?;
        named(kind, rows)
    }

    /// All that can act by itself, sessions and tasks; some of each if there are many.
    pub(super) fn acting(&self) -> Result<Vec<Held>> {
        let mut acting = Vec::new();
        for kind in [Kind::Session, Kind::Task] {
            let table = table_of(kind);
            if columns(&self.0, table)?.is_empty() {
                continue;
            }
            let rows = self.0.run(
                &format!("SELECT name FROM {table} LIMIT ?"),
                vec![ENDED_AT_ONCE_MAX.into()],
            )?;
            acting.extend(named(kind, rows)?);
        }
        Ok(acting)
    }

    /// What is known of each session, those that were used last first.
    pub(super) fn session_infos(&self) -> Result<Vec<SessionInfo>> {
        let table = self.table(Kind::Session)?;
        let rows = self.0.run(
            &format!(
                "SELECT name, grant_id, opened, seen FROM {table} WHERE opened > {GAVE_WAY}
                 ORDER BY seen DESC, opened DESC"
            ),
            vec![],
        )?;
        rows.into_iter().map(read_session).collect()
    }

    /// Whether it counts.
    pub(super) fn has(&self, held: &Held) -> Result<bool> {
        let table = self.table(held.kind)?;
        let found = self.0.run(
            &format!("SELECT 1 FROM {table} WHERE name = ? AND opened > {GAVE_WAY}"),
            vec![held.name.as_str().into()],
        )?;
        Ok(!found.is_empty())
    }

    /// How many there are of a kind.
    pub(super) fn count(&self, kind: Kind) -> Result<i64> {
        let table = self.table(kind)?;
        let rows = self.0.run(
            &format!("SELECT count(*) FROM {table} WHERE opened > {GAVE_WAY}"),
            vec![],
        )?;
        let first = rows.into_iter().next();
        first.map_or(Ok(0), |row| Columns::of(row).integer())
    }

    /// What was last used before that second is not used any more.
    fn longest_ago(kind: Kind, now: Timestamp) -> i64 {
        let kept = (life(kind) + ROW_SLACK).as_secs();
        now.as_second()
            .saturating_sub(i64::try_from(kept).unwrap_or(i64::MAX))
    }

    pub(super) fn is_empty(&self) -> Result<bool> {
        for kind in Kind::ALL {
            let table = self.table(kind)?;
            let found = self
                .0
                .run(&format!("SELECT 1 FROM {table} LIMIT 1"), vec![])?;
            if !found.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The table of a kind, which is made when it is first asked for. It has no
    /// rowid, so that a change writes one row and not two. That of sessions gets
    /// the columns that it had not from the beginning.
    fn table(&self, kind: Kind) -> Result<&'static str> {
        let table = table_of(kind);
        let schema = format!(
            "CREATE TABLE IF NOT EXISTS {table} (
                name TEXT PRIMARY KEY,
                opened INTEGER NOT NULL,
                seen INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID"
        );
        self.0.run(&schema, Vec::<SqlStorageValue>::new())?;
        if kind == Kind::Session {
            let there = columns(&self.0, table)?;
            for column in ["grant_id", "record"] {
                if !there.iter().any(|name| name == column) {
                    let adds = format!("ALTER TABLE {table} ADD COLUMN {column} TEXT");
                    self.0.run(&adds, vec![])?;
                }
            }
        }
        Ok(table)
    }
}

/// The table of a kind.
fn table_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Session => "sessions",
        Kind::Handle => "handles",
        Kind::Task => "tasks",
    }
}

/// How long one of a kind lives without being used.
fn life(kind: Kind) -> Duration {
    match kind {
        Kind::Session => SESSION_IDLE_MAX,
        Kind::Handle => HANDLE_IDLE_MAX,
        Kind::Task => TASK_LIFE,
    }
}

/// What rows of names name.
fn named(kind: Kind, rows: Vec<Row>) -> Result<Vec<Held>> {
    rows.into_iter()
        .map(|row| {
            let name = Columns::of(row).text()?;
            Ok(Held { kind, name })
        })
        .collect()
}

fn read_session(row: Row) -> Result<SessionInfo> {
    let mut columns = Columns::of(row);
    Ok(SessionInfo {
        name: columns.text()?,
        grant: columns.text_or_null()?.map(GrantId::trusted),
        opened: columns.time()?,
        seen: columns.time()?,
    })
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
