//! The rows of the quota: the ledger, and the policy as it was read last.

use jiff::Timestamp;
use quota::{Ledger, Revision};
use worker::{Error, Result};

use crate::account::query::{Columns, Query, broken, columns};

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS quota (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ledger TEXT NOT NULL
) STRICT";

const POLICY: &str = "CREATE TABLE IF NOT EXISTS policy (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    account TEXT NOT NULL,
    document TEXT,
    revision INTEGER NOT NULL,
    read INTEGER NOT NULL
) STRICT";

/// What D1 said of the user's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// The account, which does not know its own name otherwise.
    pub(super) account: String,
    /// The document; none if the configuration's counts.
    pub(super) document: Option<String>,
    /// How often it changed.
    pub(super) revision: Revision,
    /// When it was read last.
    pub(super) read: Timestamp,
}

/// The ledger, if there is one.
pub(crate) fn load(database: &impl Query) -> Result<Option<Ledger>> {
    database.run(LEDGER, vec![])?;
    let rows = database.run("SELECT ledger FROM quota", vec![])?;
    let text = rows.into_iter().next().map(|row| Columns::of(row).text());
    text.transpose()?
        .map(|text| serde_json::from_str(&text).map_err(Error::from))
        .transpose()
}

/// Stores the ledger.
pub(crate) fn save(database: &impl Query, ledger: &Ledger) -> Result<()> {
    database.run(
        "INSERT OR REPLACE INTO quota (id, ledger) VALUES (1, ?)",
        vec![serde_json::to_string(ledger)?.into()],
    )?;
    Ok(())
}

/// The policy, if it was read.
pub(super) fn policy(database: &impl Query) -> Result<Option<Kept>> {
    if columns(database, "policy")?.is_empty() {
        return Ok(None);
    }
    let rows = database.run(
        "SELECT account, document, revision, read FROM policy",
        vec![],
    )?;
    let read = |row| {
        let mut columns = Columns::of(row);
        let account = columns.text()?;
        let document = columns.text_or_null()?;
        let revision = u64::try_from(columns.integer()?).map_err(|_| broken("a revision"))?;
        Ok(Kept {
            account,
            document,
            revision: Revision(revision),
            read: columns.time()?,
        })
    };
    rows.into_iter().next().map(read).transpose()
}

/// Stores what D1 says now; what holds by then. The revision counts changes of the
/// document, the first one as well.
pub(super) fn save_policy(
    database: &impl Query,
    account: &str,
    document: Option<String>,
    read: Timestamp,
) -> Result<Kept> {
    database.run(POLICY, vec![])?;
    let before = policy(database)?;
    let revision = match before {
        Some(before) if before.document == document => before.revision,
        Some(before) => Revision(before.revision.0.saturating_add(1)),
        None => Revision(1),
    };
    let stored = i64::try_from(revision.0).map_err(|_| broken("a revision"))?;
    database.run(
        "INSERT OR REPLACE INTO policy (id, account, document, revision, read) VALUES (1, ?, ?, ?, ?)",
        vec![
            account.into(),
            document.clone().into(),
            stored.into(),
            read.as_second().into(),
        ],
    )?;
    Ok(Kept {
        account: account.to_owned(),
        document,
        revision,
        read,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    #[test]
    fn a_revision_counts_changes_of_the_document_and_nothing_else() {
        let database = Connection::open_in_memory().unwrap();
        assert_eq!(policy(&database).unwrap(), None);
        for (document, revision) in [
            (None, 1),
            (None, 1),
            (Some("a"), 2),
            (Some("a"), 2),
            (Some("b"), 3),
            (None, 4),
        ] {
            let document = document.map(str::to_owned);
            let kept = save_policy(&database, "a", document.clone(), NOW).unwrap();
            assert_eq!(
                (&kept.document, kept.revision),
                (&document, Revision(revision))
            );
            assert_eq!(policy(&database).unwrap(), Some(kept));
        }
    }
}
