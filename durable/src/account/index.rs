//! The index of what an account holds: a row for each session, handle and task
//! that it pays for. How many there may be, and which one gives way to a new one.
//!
//! Times are whole seconds since 1970.

use std::time::Duration;

use jiff::Timestamp;
use mcp::limits::{HANDLE_IDLE_MAX, SESSION_IDLE_MAX, TASK_LIFE};
use serde::{Deserialize, Serialize};
use worker::{Result, SqlStorageValue};

use super::query::{Columns, Query};

/// How much longer than the life of its object a row is kept, if the object did
/// not say that it ended: the account learns of its use a few hours late.
const ROW_SLACK: Duration = Duration::from_hours(24);

/// Most sessions that are ended by one sweep.
const ENDED_AT_ONCE_MAX: i64 = 500;

/// What an account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// A session.
    Session,
    /// The state handle of a stateless client.
    Handle,
    /// A task.
    Task,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Session, Self::Handle, Self::Task];

    fn table(self) -> &'static str {
        match self {
            Self::Session => "sessions",
            Self::Handle => "handles",
            Self::Task => "tasks",
        }
    }

    /// How long one lives without being used.
    fn life(self) -> Duration {
        match self {
            Self::Session => SESSION_IDLE_MAX,
            Self::Handle => HANDLE_IDLE_MAX,
            Self::Task => TASK_LIFE,
        }
    }
}

/// One thing that an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    /// What it is.
    pub(crate) kind: Kind,
    /// The name of its object.
    pub(crate) name: String,
}

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
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let rows = self.0.run(
            &format!(
                "DELETE FROM {table} WHERE name IN (
                     SELECT name FROM {table} WHERE name <> ? ORDER BY seen, opened
                     LIMIT max(0, (SELECT count(*) FROM {table}) - ?)
                 ) RETURNING name"
            ),
            vec![held.name.as_str().into(), max.into()],
        )?;
        rows.into_iter()
            .map(|row| Columns::of(row).text())
            .collect()
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
            &format!("UPDATE {table} SET seen = ? WHERE name = ?"),
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
    /// though nobody was told so.
    pub(super) fn forget_gone(&self, now: Timestamp) -> Result<()> {
        for kind in [Kind::Handle, Kind::Task] {
            let table = self.table(kind)?;
            self.0.run(
                &format!("DELETE FROM {table} WHERE max(opened, seen) < ?"),
                vec![Self::longest_ago(kind, now).into()],
            )?;
        }
        Ok(())
    }

    /// Sessions that nobody uses any more, some of them if there are many.
    pub(super) fn unused_sessions(&self, now: Timestamp) -> Result<Vec<Held>> {
        let (kind, table) = (Kind::Session, self.table(Kind::Session)?);
        let rows = self.0.run(
            &format!("SELECT name FROM {table} WHERE max(opened, seen) < ? LIMIT ?"),
            vec![
                Self::longest_ago(kind, now).into(),
                ENDED_AT_ONCE_MAX.into(),
            ],
        )?;
        rows.into_iter()
            .map(|row| {
                let name = Columns::of(row).text()?;
                Ok(Held { kind, name })
            })
            .collect()
    }

    /// What was last used before that second is not used any more.
    fn longest_ago(kind: Kind, now: Timestamp) -> i64 {
        let kept = (kind.life() + ROW_SLACK).as_secs();
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
    /// rowid, so that a change writes one row and not two.
    fn table(&self, kind: Kind) -> Result<&'static str> {
        let table = kind.table();
        let schema = format!(
            "CREATE TABLE IF NOT EXISTS {table} (
                name TEXT PRIMARY KEY,
                opened INTEGER NOT NULL,
                seen INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID"
        );
        self.0.run(&schema, Vec::<SqlStorageValue>::new())?;
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn held(kind: Kind, name: &str) -> Held {
        Held {
            kind,
            name: name.to_owned(),
        }
    }

    fn index() -> Index<Connection> {
        Index::of(Connection::open_in_memory().unwrap())
    }

    #[test]
    fn of_each_kind_what_was_not_used_for_longest_gives_way() {
        for kind in Kind::ALL {
            let index = index();
            let add = |name: &str, second| index.add(&held(kind, name), at(second), 2).unwrap();
            assert!(add("a", 0).is_empty() && add("b", 1).is_empty());
            index.note_use(&held(kind, "a"), at(2)).unwrap();
            assert_eq!(add("c", 3), ["b"]);
            assert_eq!(add("d", 4), ["a"]);
            index.remove(&held(kind, "c")).unwrap();
            assert!(add("e", 5).is_empty(), "what is gone does not count");
            assert_eq!(add("f", 5), ["d"], "nothing gives way to itself");
        }
    }

    #[test]
    fn kinds_do_not_take_each_others_places() {
        let index = index();
        for kind in Kind::ALL {
            assert!(index.add(&held(kind, "a"), at(0), 1).unwrap().is_empty());
        }
        index.remove(&held(Kind::Handle, "a")).unwrap();
        for (kind, given_way) in [(Kind::Handle, &[][..]), (Kind::Task, &["a"])] {
            assert_eq!(index.add(&held(kind, "b"), at(1), 1).unwrap(), given_way);
        }
    }

    #[test]
    fn a_task_that_ended_gives_way_before_an_older_one_that_runs() {
        let index = index();
        let add = |name: &str, second| index.add(&held(Kind::Task, name), at(second), 2).unwrap();
        add("runs", 0);
        add("ended", 1);
        index.note_end(&held(Kind::Task, "ended")).unwrap();
        assert_eq!(add("new", 2), ["ended"]);
        assert_eq!(add("newer", 3), ["runs"]);
    }

    #[test]
    fn what_gave_way_does_not_come_back_by_being_used() {
        let index = index();
        index.add(&held(Kind::Handle, "a"), at(0), 1).unwrap();
        index.add(&held(Kind::Handle, "b"), at(1), 1).unwrap();
        index.note_use(&held(Kind::Handle, "a"), at(2)).unwrap();
        index.remove(&held(Kind::Handle, "b")).unwrap();
        assert!(index.is_empty().unwrap());
    }

    #[test]
    fn a_row_whose_object_must_be_gone_is_forgotten_and_no_other() {
        for kind in [Kind::Handle, Kind::Task] {
            let index = aged(kind);
            index.forget_gone(at(0)).unwrap();
            assert_eq!(index.add(&held(kind, "new"), at(1), 1).unwrap().len(), 2);
            index.forget_gone(at(0)).unwrap();
            assert!(!index.is_empty().unwrap());
        }
    }

    #[test]
    fn sessions_that_nobody_uses_any_more_are_found_and_not_forgotten_before_they_ended() {
        let index = aged(Kind::Session);
        for _ in 0..2 {
            index.forget_gone(at(0)).unwrap();
            let unused = index.unused_sessions(at(0)).unwrap();
            assert_eq!(unused, [held(Kind::Session, "old")]);
        }
        index.remove(&held(Kind::Session, "old")).unwrap();
        assert_eq!(index.unused_sessions(at(0)).unwrap(), []);
    }

    /// One that is just too old, one that is just not, and one that was used.
    fn aged(kind: Kind) -> Index<Connection> {
        let index = index();
        let kept = i64::try_from((kind.life() + ROW_SLACK).as_secs()).unwrap();
        index.add(&held(kind, "old"), at(-kept - 1), 9).unwrap();
        index.add(&held(kind, "ended"), at(-kept), 9).unwrap();
        index.note_end(&held(kind, "ended")).unwrap();
        index.add(&held(kind, "used"), at(-2 * kept), 9).unwrap();
        index.note_use(&held(kind, "used"), at(0)).unwrap();
        index
    }
}
