//! The login sessions of the account: a row for each browser that is logged in.
//!
//! Their records are in KV, which can neither list them by user nor forget one
//! everywhere at once. So whether one stands is decided here, each time somebody
//! comes to a page with it.
//!
//! One that ended stays as a row, marked, for as long as its record could count: a
//! session that an earlier version began is entered when it is used, and must not
//! be entered a second time. Times are whole seconds since 1970.

use jiff::{SignedDuration, Timestamp};
use oauth::login::{SESSION_IDLE, SESSION_LIFE, SESSION_TOUCH, SeenFrom};
use platform::account::{LOGINS_MAX, LoginInfo, SignOut, Visit};
use worker::{Result, SqlStorageValue};

use super::query::{Columns, Query, Row, columns};

/// Most ended ones that are remembered, the newest.
const ENDED_MAX: usize = 100;

/// The key of a row that is no session's: all that began before it have ended, also
/// those that nobody entered. No hash is so short.
const ALL: &str = "*";

const TABLE: &str = "CREATE TABLE IF NOT EXISTS logins (
    key TEXT PRIMARY KEY,
    begun INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    browser TEXT NOT NULL,
    network TEXT NOT NULL,
    ended INTEGER
) STRICT, WITHOUT ROWID";

/// The table, behind whatever runs statements.
#[derive(Debug)]
pub(super) struct Logins<Q>(Q);

impl<Q: Query> Logins<Q> {
    pub(super) fn of(database: Q) -> Self {
        Self(database)
    }

    /// A login session begins, or is met for the first time.
    pub(super) fn enter(&self, visit: &Visit, now: Timestamp) -> Result<()> {
        self.0.run(TABLE, vec![])?;
        self.forget(now)?;
        self.0.run(
            "INSERT OR IGNORE INTO logins (key, begun, seen, browser, network, ended)
             VALUES (?, ?, ?, ?, ?, NULL)",
            vec![
                visit.key.as_str().into(),
                visit.begun.as_second().into(),
                now.as_second().into(),
                visit.from.browser.as_str().into(),
                visit.from.network.as_str().into(),
            ],
        )?;
        self.0.run(
            "UPDATE logins SET ended = ? WHERE ended IS NULL AND key <> ? AND key NOT IN
             (SELECT key FROM logins WHERE ended IS NULL AND key <> ?
              ORDER BY seen DESC, begun DESC LIMIT ?)",
            vec![
                now.as_second().into(),
                visit.key.as_str().into(),
                visit.key.as_str().into(),
                limit(LOGINS_MAX - 1),
            ],
        )?;
        Ok(())
    }

    /// Whether a login session stands; notes once an hour that it is used.
    pub(super) fn visit(&self, visit: &Visit, now: Timestamp) -> Result<bool> {
        let over = now >= after(visit.begun, SESSION_LIFE);
        match self.row(&visit.key)? {
            _ if over => Ok(false),
            None if visit.entered => Ok(false),
            None if self.all_ended_after(visit.begun)? => Ok(false),
            None => self.enter(visit, now).map(|()| true),
            Some((_, Some(_))) => Ok(false),
            Some((seen, None)) if now >= after(seen, SESSION_IDLE) => Ok(false),
            Some((seen, None)) if now >= after(seen, SESSION_TOUCH) => {
                self.touch(visit, now).map(|()| true)
            }
            Some(_) => Ok(true),
        }
    }

    /// Those that stand, the one that was used last first.
    pub(super) fn live(&self, now: Timestamp) -> Result<Vec<LoginInfo>> {
        if !self.is_there()? {
            return Ok(Vec::new());
        }
        let (born, seen) = bounds(now);
        let rows = self.0.run(
            "SELECT key, begun, seen, browser, network FROM logins
             WHERE ended IS NULL AND begun > ? AND seen > ? ORDER BY seen DESC, begun DESC",
            vec![born.into(), seen.into()],
        )?;
        rows.into_iter().map(read).collect()
    }

    /// Ends some; tells the keys of those that have just ended.
    pub(super) fn end(&self, which: &SignOut, now: Timestamp) -> Result<Vec<String>> {
        match which {
            SignOut::One(_) if !self.is_there()? => return Ok(Vec::new()),
            SignOut::One(_) => {}
            SignOut::Others(_) | SignOut::All => self.end_unknown(now)?,
        }
        let (which, key) = match which {
            SignOut::One(key) => ("key = ?", key.as_str()),
            SignOut::Others(key) => ("key <> ?", key.as_str()),
            SignOut::All => ("key <> ?", ALL),
        };
        let rows = self.0.run(
            &format!("UPDATE logins SET ended = ? WHERE ended IS NULL AND {which} RETURNING key"),
            vec![now.as_second().into(), key.into()],
        )?;
        rows.into_iter()
            .map(|row| Columns::of(row).text())
            .collect()
    }

    /// Forgets what cannot count any more, whoever comes with it.
    pub(super) fn forget(&self, now: Timestamp) -> Result<()> {
        if !self.is_there()? {
            return Ok(());
        }
        let (born, seen) = bounds(now);
        self.0.run(
            "DELETE FROM logins WHERE begun <= ? OR (ended IS NULL AND seen <= ?)",
            vec![born.into(), seen.into()],
        )?;
        self.0.run(
            "DELETE FROM logins WHERE ended IS NOT NULL AND key <> ? AND key NOT IN
             (SELECT key FROM logins WHERE ended IS NOT NULL AND key <> ?
              ORDER BY ended DESC LIMIT ?)",
            vec![ALL.into(), ALL.into(), limit(ENDED_MAX)],
        )?;
        Ok(())
    }

    /// Ends what an earlier version began and nobody has used since.
    fn end_unknown(&self, now: Timestamp) -> Result<()> {
        self.0.run(TABLE, vec![])?;
        let second = SqlStorageValue::Integer(now.as_second());
        self.0.run(
            "INSERT OR REPLACE INTO logins (key, begun, seen, browser, network, ended)
             VALUES (?, ?, ?, '', '', ?)",
            vec![ALL.into(), second.clone(), second.clone(), second],
        )?;
        Ok(())
    }

    fn all_ended_after(&self, begun: Timestamp) -> Result<bool> {
        if !self.is_there()? {
            return Ok(false);
        }
        let found = self.0.run(
            "SELECT 1 FROM logins WHERE key = ? AND begun >= ?",
            vec![ALL.into(), begun.as_second().into()],
        )?;
        Ok(!found.is_empty())
    }

    fn touch(&self, visit: &Visit, now: Timestamp) -> Result<()> {
        self.0.run(
            "UPDATE logins SET seen = ?, browser = ?, network = ? WHERE key = ?",
            vec![
                now.as_second().into(),
                visit.from.browser.as_str().into(),
                visit.from.network.as_str().into(),
                visit.key.as_str().into(),
            ],
        )?;
        Ok(())
    }

    /// When it was last used, and when it ended.
    fn row(&self, key: &str) -> Result<Option<(Timestamp, Option<i64>)>> {
        if !self.is_there()? {
            return Ok(None);
        }
        let rows = self.0.run(
            "SELECT seen, ended FROM logins WHERE key = ?",
            vec![key.into()],
        )?;
        let first = rows.into_iter().next().map(Columns::of);
        first
            .map(|mut columns| Ok((columns.time()?, columns.integer_or_null()?)))
            .transpose()
    }

    /// The table is made when there is something for it.
    fn is_there(&self) -> Result<bool> {
        Ok(!columns(&self.0, "logins")?.is_empty())
    }
}

fn read(row: Row) -> Result<LoginInfo> {
    let mut columns = Columns::of(row);
    Ok(LoginInfo {
        key: columns.text()?,
        begun: columns.time()?,
        seen: columns.time()?,
        from: SeenFrom {
            browser: columns.text()?,
            network: columns.text()?,
        },
    })
}

/// What began or was last used until then is over.
fn bounds(now: Timestamp) -> (i64, i64) {
    let before = |life: SignedDuration| now.as_second().saturating_sub(life.as_secs());
    (before(SESSION_LIFE), before(SESSION_IDLE))
}

fn after(time: Timestamp, life: SignedDuration) -> Timestamp {
    time.checked_add(life).unwrap_or(Timestamp::MAX)
}

fn limit(limit: usize) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(limit).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[path = "logins_tests.rs"]
mod tests;
