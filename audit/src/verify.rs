//! Whether the chain is whole: nothing altered, removed, added or put elsewhere.

use serde::Deserialize;

use crate::chain::{Link, RowHash};
use crate::database::Statement;

/// Most rows of a page that is verified.
pub const VERIFIED_ROWS_MAX: usize = 2_000;

/// What the chain's own row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The last row.
    pub head: Link,
    /// The last row that was removed as too old, from which the first that is there
    /// goes on.
    pub anchor: Link,
}

/// [`Ends`] as the table has them.
#[derive(Debug, Deserialize)]
pub struct ChainRow {
    head_seq: u64,
    head_hash: RowHash,
    anchor_seq: u64,
    anchor_hash: RowHash,
}

impl From<ChainRow> for Ends {
    fn from(row: ChainRow) -> Self {
        Self {
            head: Link {
                seq: row.head_seq,
                hash: row.head_hash,
            },
            anchor: Link {
                seq: row.anchor_seq,
                hash: row.anchor_hash,
            },
        }
    }
}

/// A row of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// Its number.
    pub seq: u64,
    /// The record.
    pub record: String,
    /// Its hash.
    pub hash: String,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A row is not there.
    #[error("row {0} is missing")]
    Missing(u64),
    /// A row is there that no chain has: its number comes twice, or too early.
    #[error("row {0} does not belong there")]
    Stray(u64),
    /// A row, its hash, or one before it that took its hash along, is not what it was.
    #[error("row {0} was altered")]
    Altered(u64),
    /// What the chain's own row says is not what the last row is.
    #[error("the chain ends at row {0}, and its own row says another end")]
    Head(u64),
    /// The end that was noted is not in the chain.
    #[error("row {0} is not the one that was noted")]
    Noted(u64),
    /// The end that was noted cannot be compared any more: it was removed as too old.
    #[error("row {0}, which was noted, was removed as too old")]
    NotedIsGone(u64),
}

/// Verifies a chain, row after row.
#[derive(Debug, Clone)]
pub struct Verifier {
    ends: Ends,
    at: Link,
    noted: Option<Link>,
}

impl Verifier {
    /// For a chain with these ends, which were read before its rows: rows that are
    /// added meanwhile are not looked at. `noted` is an end that the chain had earlier,
    /// as somebody noted it elsewhere: it shows that not all of the chain was made anew.
    pub fn new(ends: Ends, noted: Option<Link>) -> Result<Self, Break> {
        if let Some(noted) = noted {
            match noted.seq {
                seq if seq > ends.head.seq => return Err(Break::Missing(ends.head.seq + 1)),
                seq if seq < ends.anchor.seq => return Err(Break::NotedIsGone(seq)),
                seq if seq == ends.anchor.seq && noted != ends.anchor => {
                    return Err(Break::Noted(seq));
                }
                _ => {}
            }
        }
        if ends.anchor.seq > ends.head.seq {
            return Err(Break::Head(ends.anchor.seq));
        }
        Ok(Self {
            ends,
            at: ends.anchor,
            noted,
        })
    }

    /// What asks for the chain's own row.
    pub fn ends() -> Statement {
        Statement::new("SELECT head_seq, head_hash, anchor_seq, anchor_hash FROM audit_chain")
    }

    /// What asks for a row before the beginning: a chain has none there.
    pub fn strays() -> Statement {
        Statement::new(
            "SELECT seq, record, hash FROM audit
             WHERE seq <= (SELECT anchor_seq FROM audit_chain) LIMIT 1",
        )
    }

    /// What asks for the next rows; none when all were seen.
    pub fn next(&self) -> Option<Statement> {
        (self.at.seq < self.ends.head.seq).then(|| {
            Statement::new(
                "SELECT seq, record, hash FROM audit WHERE seq > CAST(?1 AS INTEGER)
                 AND seq <= CAST(?2 AS INTEGER) ORDER BY seq LIMIT CAST(?3 AS INTEGER)",
            )
            .with(self.at.seq)
            .with(self.ends.head.seq)
            .with(VERIFIED_ROWS_MAX)
        })
    }

    /// Looks at the rows that were asked for.
    pub fn see(&mut self, rows: &[Row]) -> Result<(), Break> {
        if rows.is_empty() && self.at.seq < self.ends.head.seq {
            return Err(Break::Missing(self.at.seq + 1));
        }
        for row in rows {
            let next = self.at.next(&row.record);
            match row.seq {
                seq if seq < next.seq => return Err(Break::Stray(seq)),
                seq if seq > next.seq => return Err(Break::Missing(next.seq)),
                _ => {}
            }
            if row.hash != next.hash.to_string() {
                return Err(Break::Altered(row.seq));
            }
            if self
                .noted
                .is_some_and(|noted| noted.seq == next.seq && noted != next)
            {
                return Err(Break::Noted(next.seq));
            }
            self.at = next;
        }
        Ok(())
    }

    /// The last row, once all were seen, and how many there are.
    pub fn finish(self) -> Result<(Link, u64), Break> {
        if self.at.seq < self.ends.head.seq {
            return Err(Break::Missing(self.at.seq + 1));
        }
        if self.at != self.ends.head {
            return Err(Break::Head(self.at.seq));
        }
        Ok((self.at, self.at.seq - self.ends.anchor.seq))
    }
}
