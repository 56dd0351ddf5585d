//! The tables of grants and codes: one function for each need of
//! [`GrantStore`], the SQL in full.
//!
//! Times are whole seconds since 1970. Tables have no rowid, so that a change
//! writes one row and not two.

use jiff::Timestamp;
use oauth::grant::{CODES_MAX, Code, GRANTS_MAX, Grant, GrantId, GrantStore, Previous};
use oauth::pkce::Challenge;
use oauth::secret::SecretHash;
use serde::{Deserialize, Serialize};
use worker::{Error, Result, SqlStorageValue};

use super::query::{Columns, Query, Row, broken, columns, time};

const CODES: &str = "CREATE TABLE IF NOT EXISTS codes (
    hash TEXT PRIMARY KEY,
    terms TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    expires INTEGER NOT NULL,
    redeemed TEXT,
    forgotten INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

const GRANTS: &str = "CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY,
    terms TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    current TEXT NOT NULL,
    previous TEXT
) STRICT, WITHOUT ROWID";

/// The tables, behind whatever runs statements.
#[derive(Debug)]
pub(super) struct GrantRows<Q>(Q);

/// The column `previous`, as JSON.
#[derive(Serialize, Deserialize)]
struct Replaced {
    hash: SecretHash,
    at: i64,
    salt: String,
}

/// When a grant ends, if it is there. This is asked for all the time, so that the table is
/// made neither for it nor looked for first.
pub(super) fn ends(database: &impl Query, id: &GrantId) -> Result<Option<Timestamp>> {
    let select = "SELECT expires FROM grants WHERE id = ?";
    match database.run(select, vec![id.as_str().into()]) {
        Ok(rows) => {
            let ends = rows.into_iter().next().map(|row| Columns::of(row).time());
            ends.transpose()
        }
        Err(_) if columns(database, "grants")?.is_empty() => Ok(None),
        Err(error) => Err(error),
    }
}

impl<Q: Query> GrantRows<Q> {
    /// Opens the tables, making those that are missing.
    pub(super) fn open(database: Q) -> Result<Self> {
        database.run(CODES, vec![])?;
        database.run(GRANTS, vec![])?;
        Ok(Self(database))
    }

    /// The grants that stand, those that were used last first.
    pub(super) fn standing(&self, now: Timestamp) -> Result<Vec<Grant>> {
        let rows = self.0.run(
            "SELECT id, terms, created, used, expires, generation, current, previous
             FROM grants WHERE expires > ? ORDER BY used DESC, created DESC LIMIT ?",
            vec![now.as_second().into(), limit(GRANTS_MAX)],
        )?;
        rows.into_iter()
            .map(|row| {
                let mut columns = Columns::of(row);
                let id = GrantId::trusted(columns.text()?);
                read_grant(&id, columns)
            })
            .collect()
    }

    /// Ends every grant, and forgets every code; tells which grants ended.
    pub(super) fn end_all(&mut self) -> Result<Vec<GrantId>> {
        self.0.run("DELETE FROM codes", vec![])?;
        let rows = self.0.run("DELETE FROM grants RETURNING id", vec![])?;
        rows.into_iter()
            .map(|row| Ok(GrantId::trusted(Columns::of(row).text()?)))
            .collect()
    }

    fn count(&self, statement: &str) -> Result<usize> {
        let rows = self.0.run(statement, vec![])?;
        let count = rows.into_iter().next().map(Columns::of);
        let count = count.map_or(Ok(0), |mut columns| columns.integer())?;
        usize::try_from(count).map_err(|_| broken("a count"))
    }
}

impl<Q: Query> GrantStore for GrantRows<Q> {
    type Error = Error;

    fn keep_code(&mut self, code: &Code) -> Result<()> {
        self.0.run(
            "INSERT INTO codes (hash, terms, redirect_uri, challenge, expires, redeemed, forgotten)
             VALUES (?, ?, ?, ?, ?, NULL, ?)",
            vec![
                code.hash.as_str().into(),
                serde_json::to_string(&code.terms)?.into(),
                code.redirect_uri.as_str().into(),
                code.challenge.as_str().into(),
                code.expires.as_second().into(),
                code.expires.as_second().into(),
            ],
        )?;
        if self.count("SELECT COUNT(*) FROM codes")? > CODES_MAX {
            self.0.run(
                "DELETE FROM codes WHERE hash NOT IN
                 (SELECT hash FROM codes ORDER BY expires DESC LIMIT ?)",
                vec![limit(CODES_MAX)],
            )?;
        }
        Ok(())
    }

    fn code(&self, hash: &SecretHash) -> Result<Option<Code>> {
        let rows = self.0.run(
            "SELECT terms, redirect_uri, challenge, expires, redeemed FROM codes WHERE hash = ?",
            vec![hash.as_str().into()],
        )?;
        let found = rows.into_iter().next();
        found.map(|row| read_code(hash, row)).transpose()
    }

    fn spend_code(&mut self, hash: &SecretHash, grant: &GrantId, until: Timestamp) -> Result<()> {
        self.0.run(
            "UPDATE codes SET redeemed = ?, forgotten = ? WHERE hash = ?",
            vec![
                grant.as_str().into(),
                until.as_second().into(),
                hash.as_str().into(),
            ],
        )?;
        Ok(())
    }

    fn keep_grant(&mut self, grant: &Grant) -> Result<()> {
        let previous = grant.previous.as_ref().map(|previous| {
            serde_json::to_string(&Replaced {
                hash: previous.hash.clone(),
                at: previous.replaced.as_second(),
                salt: previous.salt.clone(),
            })
        });
        self.0.run(
            "INSERT OR REPLACE INTO grants
             (id, terms, created, used, expires, generation, current, previous)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            vec![
                grant.id.as_str().into(),
                serde_json::to_string(&grant.terms)?.into(),
                grant.created.as_second().into(),
                grant.used.as_second().into(),
                grant.expires.as_second().into(),
                i64::from(grant.generation).into(),
                grant.current.as_str().into(),
                previous.transpose()?.into(),
            ],
        )?;
        if self.count("SELECT COUNT(*) FROM grants")? > GRANTS_MAX {
            self.0.run(
                "DELETE FROM grants WHERE id NOT IN
                 (SELECT id FROM grants ORDER BY used DESC LIMIT ?)",
                vec![limit(GRANTS_MAX)],
            )?;
        }
        Ok(())
    }

    fn grant(&self, id: &GrantId) -> Result<Option<Grant>> {
        let rows = self.0.run(
            "SELECT terms, created, used, expires, generation, current, previous
             FROM grants WHERE id = ?",
            vec![id.as_str().into()],
        )?;
        rows.into_iter()
            .next()
            .map(|row| read_grant(id, Columns::of(row)))
            .transpose()
    }

    fn direct_grant(&self, client_id: &str, now: Timestamp) -> Result<Option<Grant>> {
        let rows = self.0.run(
            "SELECT id FROM grants WHERE generation = 0 AND expires > ?
             AND json_extract(terms, '$.client_id') = ? LIMIT 1",
            vec![now.as_second().into(), client_id.into()],
        )?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        self.grant(&GrantId::trusted(Columns::of(row).text()?))
    }

    fn end_grant(&mut self, id: &GrantId) -> Result<()> {
        self.0
            .run("DELETE FROM grants WHERE id = ?", vec![id.as_str().into()])?;
        Ok(())
    }

    fn forget_expired(&mut self, now: Timestamp) -> Result<()> {
        let now = now.as_second();
        self.0
            .run("DELETE FROM codes WHERE forgotten <= ?", vec![now.into()])?;
        self.0
            .run("DELETE FROM grants WHERE expires <= ?", vec![now.into()])?;
        Ok(())
    }

    fn is_empty(&self) -> Result<bool> {
        let codes = self.count("SELECT COUNT(*) FROM codes")?;
        Ok(codes == 0 && self.count("SELECT COUNT(*) FROM grants")? == 0)
    }
}

fn read_code(hash: &SecretHash, row: Row) -> Result<Code> {
    let mut columns = Columns::of(row);
    Ok(Code {
        hash: hash.clone(),
        terms: serde_json::from_str(&columns.text()?)?,
        redirect_uri: columns.text()?,
        challenge: Challenge::trusted(columns.text()?),
        expires: columns.time()?,
        redeemed: columns.text_or_null()?.map(GrantId::trusted),
    })
}

fn read_grant(id: &GrantId, mut columns: Columns) -> Result<Grant> {
    Ok(Grant {
        id: id.clone(),
        terms: serde_json::from_str(&columns.text()?)?,
        created: columns.time()?,
        used: columns.time()?,
        expires: columns.time()?,
        generation: u32::try_from(columns.integer()?).map_err(|_| broken("a generation"))?,
        current: SecretHash::stored(columns.text()?),
        previous: columns
            .text_or_null()?
            .as_deref()
            .map(read_previous)
            .transpose()?,
    })
}

fn read_previous(text: &str) -> Result<Previous> {
    let Replaced { hash, at, salt } = serde_json::from_str(text)?;
    Ok(Previous {
        hash,
        replaced: time(at)?,
        salt,
    })
}

fn limit(limit: usize) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(limit).unwrap_or(i64::MAX))
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
