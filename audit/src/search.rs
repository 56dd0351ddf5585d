//! Finding records, the newest first, a page at a time.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

use crate::database::{Database, Statement};
use crate::{Kind, Outcome, Record, RowHash, Word};

/// Most records of a page.
pub const PAGE_RECORDS_MAX: usize = 500;

/// What is looked for; everything, unless a member says less.
#[derive(Debug, Clone, Default)]
pub struct Search<'a> {
    /// Of this account.
    pub account: Option<&'a str>,
    /// Of this name: a tool, a prompt, what an admin did.
    pub name: Option<&'a str>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// After what a page before ended with.
    pub after: Option<Cursor>,
    /// At most so many, and [`PAGE_RECORDS_MAX`].
    pub count: usize,
}

/// Where a page ended: the time of its last record, and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    at: i64,
    seq: u64,
}

/// A text that is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this cursor is not ours")]
pub struct BadCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.at.to_be_bytes(), self.seq.to_be_bytes()].concat();
        formatter.write_str(&BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl std::str::FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let (at, seq) = bytes.split_first_chunk().ok_or(BadCursor)?;
        let seq = <[u8; 8]>::try_from(seq).map_err(|_| BadCursor)?;
        Ok(Self {
            at: i64::from_be_bytes(*at),
            seq: u64::from_be_bytes(seq),
        })
    }
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The number of its row in the chain.
    pub seq: u64,
    /// The hash of its row.
    pub hash: RowHash,
    /// The record as it is stored and hashed: JSON.
    pub text: String,
    /// The record; none if the text is none, which only a change by other hands or a
    /// newer version brings.
    pub record: Option<Record>,
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The newest first.
    pub found: Vec<Found>,
    /// Where the next page begins; none if this is the last.
    pub next: Option<Cursor>,
}

#[derive(Debug, Deserialize)]
struct Row {
    seq: u64,
    at: i64,
    record: String,
    hash: RowHash,
}

/// Finds a page of records.
pub async fn search<D: Database>(database: &D, search: &Search<'_>) -> Result<Page, D::Error> {
    let count = search.count.clamp(1, PAGE_RECORDS_MAX);
    let mut rows: Vec<Row> = database.rows(&question(search, count)).await?;
    let more = rows.len() > count;
    rows.truncate(count);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| Cursor {
        at: row.at,
        seq: row.seq,
    });
    let found = rows.into_iter().map(|row| Found {
        seq: row.seq,
        hash: row.hash,
        record: serde_json::from_str(&row.record).ok(),
        text: row.record,
    });
    Ok(Page {
        found: found.collect(),
        next,
    })
}

/// Asks for one more than the page has, to know whether there is a next.
fn question(search: &Search<'_>, count: usize) -> Statement {
    let mut statement = Statement::new("").with(count + 1);
    let mut only = Vec::new();
    // What is longer than a word is stored as a word.
    let texts = [
        (
            "account",
            search.account.map(|text| Word::from(text).to_string()),
        ),
        ("name", search.name.map(|text| Word::from(text).to_string())),
        ("kind", search.kind.map(|kind| kind.name().to_owned())),
        (
            "outcome",
            search.outcome.map(|outcome| outcome.name().to_owned()),
        ),
    ];
    for (column, text) in texts {
        if let Some(text) = text {
            statement = statement.with(text);
            only.push(format!("{column} = ?{}", statement.values.len()));
        }
    }
    for (compared, time) in [("at >=", search.from), ("at <", search.until)] {
        if let Some(time) = time {
            statement = statement.with(time.as_millisecond());
            let value = statement.values.len();
            only.push(format!("{compared} CAST(?{value} AS INTEGER)"));
        }
    }
    if let Some(Cursor { at, seq }) = search.after {
        statement = statement.with(at).with(seq);
        let value = statement.values.len();
        only.push(format!(
            "(at, seq) < (CAST(?{} AS INTEGER), CAST(?{value} AS INTEGER))",
            value - 1
        ));
    }
    let only = if only.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", only.join(" AND "))
    };
    statement.sql = format!(
        "SELECT seq, at, record, hash FROM audit {only}
         ORDER BY at DESC, seq DESC LIMIT CAST(?1 AS INTEGER)"
    );
    statement
}
