//! The table of API keys: a row for each, also for those that have ended, as long
//! as they are remembered.
//!
//! It is made when there is a first key. Times are whole seconds since 1970.

use jiff::Timestamp;
use oauth::api_key::{ApiKey, ENDED_KEYS_MAX, ENDED_REMEMBERED, revoke};
use oauth::grant::GrantId;
use worker::Result;

use super::query::{Columns, Query, Row, columns};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY,
    ends INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT, WITHOUT ROWID";

/// The table, behind whatever runs statements.
#[derive(Debug)]
pub(super) struct ApiKeyRows<Q>(Q);

impl<Q: Query> ApiKeyRows<Q> {
    pub(super) fn of(database: Q) -> Self {
        Self(database)
    }

    /// All there are, those that end last first.
    pub(super) fn all(&self) -> Result<Vec<ApiKey>> {
        if !self.is_there()? {
            return Ok(Vec::new());
        }
        let rows = self
            .0
            .run("SELECT record FROM api_keys ORDER BY ends DESC", vec![])?;
        rows.into_iter().map(read).collect()
    }

    /// One of them.
    pub(super) fn one(&self, id: &GrantId) -> Result<Option<ApiKey>> {
        if !self.is_there()? {
            return Ok(None);
        }
        let rows = self.0.run(
            "SELECT record FROM api_keys WHERE id = ?",
            vec![id.as_str().into()],
        )?;
        rows.into_iter().next().map(read).transpose()
    }

    /// Keeps a key, new or changed, and forgets the oldest that have ended.
    pub(super) fn keep(&self, key: &ApiKey, now: Timestamp) -> Result<()> {
        self.0.run(TABLE, vec![])?;
        self.0.run(
            "INSERT OR REPLACE INTO api_keys (id, ends, record) VALUES (?, ?, ?)",
            vec![
                key.info.id.as_str().into(),
                key.info.ends().as_second().into(),
                serde_json::to_string(key)?.into(),
            ],
        )?;
        let (now, max) = (
            now.as_second(),
            i64::try_from(ENDED_KEYS_MAX).unwrap_or(i64::MAX),
        );
        self.0.run(
            "DELETE FROM api_keys WHERE ends <= ? AND id NOT IN
             (SELECT id FROM api_keys WHERE ends <= ? ORDER BY ends DESC LIMIT ?)",
            vec![now.into(), now.into(), max.into()],
        )?;
        Ok(())
    }

    /// Ends every key; tells which.
    pub(super) fn end_all(&self, now: Timestamp) -> Result<Vec<GrantId>> {
        let mut ended = Vec::new();
        for key in self.all()? {
            if let Some(key) = revoke(Some(key), now) {
                self.keep(&key, now)?;
                ended.push(key.info.id);
            }
        }
        Ok(ended)
    }

    /// Whether there is such a key, and it has not ended.
    pub(super) fn stands(&self, id: &GrantId, now: Timestamp) -> Result<bool> {
        Ok(self.one(id)?.is_some_and(|key| key.info.stands(now)))
    }

    /// Whether any stands.
    pub(super) fn any_stands(&self, now: Timestamp) -> Result<bool> {
        self.has("SELECT 1 FROM api_keys WHERE ends > ? LIMIT 1", now)
    }

    /// Forgets those that ended long ago.
    pub(super) fn forget(&self, now: Timestamp) -> Result<()> {
        let long_ago = now.checked_sub(ENDED_REMEMBERED).unwrap_or(Timestamp::MIN);
        self.has("DELETE FROM api_keys WHERE ends <= ?", long_ago)
            .map(drop)
    }

    /// Whether none is left, ended or not.
    pub(super) fn is_empty(&self) -> Result<bool> {
        let any = "SELECT 1 FROM api_keys WHERE ends > ? LIMIT 1";
        Ok(!self.has(any, Timestamp::MIN)?)
    }

    /// Runs a statement about a time; whether there were rows.
    fn has(&self, statement: &str, time: Timestamp) -> Result<bool> {
        if !self.is_there()? {
            return Ok(false);
        }
        let rows = self.0.run(statement, vec![time.as_second().into()])?;
        Ok(!rows.is_empty())
    }

    fn is_there(&self) -> Result<bool> {
        Ok(!columns(&self.0, "api_keys")?.is_empty())
    }
}

fn read(row: Row) -> Result<ApiKey> {
    Ok(serde_json::from_str(&Columns::of(row).text()?)?)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use jiff::SignedDuration;
    use oauth::api_key::{Making, make};
    use oauth::grant::contract::{NOW, terms};
    use rusqlite::Connection;

    /// A key that is good for a day.
    pub(in crate::account) fn key(byte: u8) -> ApiKey {
        let asked = Making {
            name: byte.to_string(),
            scopes: terms().scopes,
            life_s: 24 * 3_600,
            identity: terms().identity,
            form: byte.to_string(),
        };
        make(&[], NOW, ([byte; 9], [byte; 32]), asked).unwrap().0
    }

    fn hours(hours: i64) -> Timestamp {
        NOW + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_key_is_kept_and_stands_until_it_ends() {
        let database = Connection::open_in_memory().unwrap();
        let rows = ApiKeyRows::of(&database);
        let id = key(1).info.id;
        assert!(!rows.stands(&id, NOW).unwrap() && rows.is_empty().unwrap());
        rows.keep(&key(1), NOW).unwrap();
        assert_eq!(rows.one(&id).unwrap(), Some(key(1)));
        assert_eq!(rows.one(&key(2).info.id).unwrap(), None);
        assert!(rows.stands(&id, hours(23)).unwrap() && rows.any_stands(hours(23)).unwrap());
        assert!(!rows.stands(&id, hours(24)).unwrap() && !rows.any_stands(hours(24)).unwrap());
    }

    /// Nobody who has no key pays for the table.
    #[test]
    fn asking_makes_no_table() {
        let database = Connection::open_in_memory().unwrap();
        let rows = ApiKeyRows::of(&database);
        rows.forget(NOW).unwrap();
        assert_eq!(rows.all().unwrap(), []);
        assert_eq!(rows.end_all(NOW).unwrap(), []);
        assert!(columns(&&database, "api_keys").unwrap().is_empty());
    }

    #[test]
    fn what_ended_is_remembered_for_a_month_and_never_too_much_of_it() {
        let database = Connection::open_in_memory().unwrap();
        let rows = ApiKeyRows::of(&database);
        for byte in 0..60 {
            rows.keep(&key(byte), NOW).unwrap();
        }
        assert_eq!(rows.end_all(NOW).unwrap().len(), 60);
        assert_eq!(rows.end_all(NOW).unwrap(), []);
        rows.keep(&key(99), NOW).unwrap();
        let all = rows.all().unwrap();
        assert_eq!(all.len(), ENDED_KEYS_MAX + 1);
        assert_eq!(all[0], key(99), "the one that stands comes first");
        rows.forget(hours(30 * 24)).unwrap();
        assert_eq!(rows.all().unwrap(), [key(99)]);
        rows.forget(hours(31 * 24)).unwrap();
        assert!(rows.is_empty().unwrap());
    }
}
