//! What providers gave for the user, a row for each: sealed, and when it was last
//! seen that the user stands there.
//!
//! A row is changed only as it was when somebody began to ask the provider: a login,
//! or the end of everything, may have come in between. Times are whole seconds since
//! 1970.

use jiff::Timestamp;
use worker::Result;

use super::query::{Columns, Query, columns};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS vault (
    provider TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    checked INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

/// What is kept of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The provider's id.
    pub(super) provider: String,
    /// What it gave.
    pub(super) sealed: String,
    /// When the user was last seen to stand there.
    pub(super) checked: Timestamp,
}

/// The table, behind whatever runs statements.
#[derive(Debug)]
pub(super) struct Vault<Q>(Q);

impl<Q: Query> Vault<Q> {
    pub(super) fn of(database: Q) -> Self {
        Self(database)
    }

    /// All there is.
    pub(super) fn rows(&self) -> Result<Vec<Row>> {
        if !self.is_there()? {
            return Ok(Vec::new());
        }
        let rows = self
            .0
            .run("SELECT provider, sealed, checked FROM vault", vec![])?;
        rows.into_iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                Ok(Row {
                    provider: columns.text()?,
                    sealed: columns.text()?,
                    checked: columns.time()?,
                })
            })
            .collect()
    }

    /// What is kept of a provider.
    pub(super) fn row(&self, provider: &str) -> Result<Option<Row>> {
        let rows = self.rows()?;
        Ok(rows.into_iter().find(|row| row.provider == provider))
    }

    /// Keeps what a login brought.
    pub(super) fn keep(&self, row: &Row) -> Result<()> {
        self.0.run(TABLE, vec![])?;
        self.0.run(
            "INSERT OR REPLACE INTO vault (provider, sealed, checked) VALUES (?, ?, ?)",
            vec![
                row.provider.as_str().into(),
                row.sealed.as_str().into(),
                row.checked.as_second().into(),
            ],
        )?;
        Ok(())
    }

    /// Keeps what a renewal brought, or that the user still stands there.
    pub(super) fn replace(&self, former: &Row, sealed: &str, now: Timestamp) -> Result<()> {
        self.0.run(
            "UPDATE vault SET sealed = ?, checked = ? WHERE provider = ? AND sealed = ?",
            vec![
                sealed.into(),
                now.as_second().into(),
                former.provider.as_str().into(),
                former.sealed.as_str().into(),
            ],
        )?;
        Ok(())
    }

    /// Whether a row is as it was.
    pub(super) fn holds(&self, row: &Row) -> Result<bool> {
        let now = self.row(&row.provider)?;
        Ok(now.is_some_and(|now| now.sealed == row.sealed))
    }

    /// Forgets all of it.
    pub(super) fn forget(&self) -> Result<()> {
        self.0.run("DROP TABLE IF EXISTS vault", vec![])?;
        Ok(())
    }

    /// The table is made when there is something for it.
    fn is_there(&self) -> Result<bool> {
        Ok(!columns(&self.0, "vault")?.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use oauth::grant::contract::NOW;
    use rusqlite::Connection;

    fn row(sealed: &str) -> Row {
        Row {
            provider: "acme".into(),
            sealed: sealed.into(),
            checked: NOW,
        }
    }

    #[test]
    fn a_row_changes_only_as_it_was_when_somebody_began_to_ask() {
        let database = Connection::open_in_memory().unwrap();
        let vault = Vault::of(&database);
        assert_eq!(vault.row("acme").unwrap(), None);
        vault.keep(&row("first")).unwrap();
        let later = NOW + SignedDuration::from_hours(1);
        vault.replace(&row("first"), "second", later).unwrap();
        let second = vault.row("acme").unwrap().unwrap();
        assert_eq!((second.sealed.as_str(), second.checked), ("second", later));
        // A login came in between.
        vault.keep(&row("login")).unwrap();
        vault.replace(&second, "third", later).unwrap();
        assert!(!vault.holds(&second).unwrap());
        assert!(vault.holds(&row("login")).unwrap());
        // And the end of everything.
        vault.forget().unwrap();
        assert!(!vault.holds(&row("login")).unwrap());
        assert_eq!(vault.rows().unwrap(), []);
    }
}
