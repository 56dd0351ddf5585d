//! Batches become rows of the chain and numbers of the usage, each once.
//!
//! Several writers may do this at once, and each batch may come more than once. A
//! writer reads where the chain ends and which of its batches have arrived, and does
//! the rest in one transaction, which fails if the end has moved or a batch has
//! arrived meanwhile; then it begins anew. So it does after any failure, also one of
//! which nobody can tell whether the transaction took place.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Deserialize;

use crate::database::{Database, Statement};
use crate::usage::Tally;
use crate::{Batch, Link, RowHash};

/// How often a writer begins anew before it leaves the batches to be delivered again.
pub const APPEND_TRIES_MAX: u32 = 5;

/// What of the records is kept; all of them count as usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// Every record.
    Everything,
    /// All but calls.
    NoCalls,
}

/// Why batches were not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError<E> {
    /// The row that says where the chain ends is not there, or says no such thing.
    #[error("the chain's own row is missing or broken")]
    Chain,
    /// The database, at the last try.
    #[error("the database: {0}")]
    Database(#[source] E),
}

/// What is known before a transaction.
#[derive(Debug, Deserialize)]
struct State {
    head_seq: u64,
    head_hash: RowHash,
    /// The names of those of the batches that have arrived, as a JSON list.
    arrived: String,
}

/// Appends batches; returns how many records were new. A batch that arrived before
/// changes nothing.
pub async fn append<D: Database>(
    database: &D,
    batches: &[Batch],
    audited: Audited,
    now: Timestamp,
) -> Result<usize, AppendError<D::Error>> {
    let mut tries = 0;
    loop {
        tries += 1;
        let failed = match attempt(database, batches, audited, now).await {
            Err(AppendError::Database(error)) => error,
            done => return done,
        };
        if tries >= APPEND_TRIES_MAX {
            return Err(AppendError::Database(failed));
        }
    }
}

async fn attempt<D: Database>(
    database: &D,
    batches: &[Batch],
    audited: Audited,
    now: Timestamp,
) -> Result<usize, AppendError<D::Error>> {
    let states = database.rows(&ask(batches)).await;
    let states: Vec<State> = states.map_err(AppendError::Database)?;
    let state = states.into_iter().next().ok_or(AppendError::Chain)?;
    let arrived: BTreeSet<String> =
        serde_json::from_str(&state.arrived).map_err(|_| AppendError::Chain)?;
    let mut seen = arrived;
    let new: Vec<&Batch> = batches
        .iter()
        .filter(|batch| seen.insert(batch.id.to_string()))
        .collect();
    if new.is_empty() {
        return Ok(0);
    }
    let head = Link {
        seq: state.head_seq,
        hash: state.head_hash,
    };
    let statements = transaction(head, &new, audited, now);
    let done = database.batch(&statements).await;
    done.map_err(AppendError::Database)?;
    Ok(new.iter().map(|batch| batch.records.len()).sum())
}

/// Where the chain ends, and which batches have arrived.
fn ask(batches: &[Batch]) -> Statement {
    Statement::new(
        "SELECT head_seq, head_hash, (
             SELECT json_group_array(id) FROM audit_batches
             WHERE id IN (SELECT value FROM json_each(?1))
         ) AS arrived FROM audit_chain",
    )
    .with(ids(batches.iter()))
}

/// All that batches change, which have not arrived before.
fn transaction(head: Link, batches: &[&Batch], audited: Audited, now: Timestamp) -> Vec<Statement> {
    let mut end = head;
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    for batch in batches {
        let mut inserted = Vec::new();
        for written in &batch.records {
            tally.add(written.record());
            if audited == Audited::Everything || !written.record().kind.is_call() {
                let text = written.text();
                end = end.next(text);
                inserted.push((end.seq, text, end.hash));
            }
        }
        if !inserted.is_empty() {
            let inserted = serde_json::to_string(&inserted).unwrap_or_default();
            // A record's text has no character that JSON would change but quotes and
            // backslashes, so it is stored as it was hashed.
            rows.push(
                Statement::new(
                    "INSERT INTO audit (seq, record, hash)
                     SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1)",
                )
                .with(inserted),
            );
        }
    }
    let arrived = Statement::new(
        "INSERT INTO audit_batches (id, arrived)
         SELECT value, CAST(?2 AS INTEGER) FROM json_each(?1)",
    )
    .with(ids(batches.iter().copied()))
    .with(now.as_millisecond());
    let mut statements = vec![arrived];
    if end != head {
        statements.push(move_head(head, end));
    }
    statements.append(&mut rows);
    statements.extend(tally.statements());
    statements
}

/// Fails if the chain does not end at `head`: a column that may not be null would be.
fn move_head(head: Link, end: Link) -> Statement {
    Statement::new(
        "UPDATE audit_chain SET head_hash = ?4, head_seq = CASE
         WHEN head_seq = CAST(?1 AS INTEGER) AND head_hash = ?2 THEN CAST(?3 AS INTEGER) END",
    )
    .with(head.seq)
    .with(head.hash.to_string())
    .with(end.seq)
    .with(end.hash.to_string())
}

fn ids<'a>(batches: impl Iterator<Item = &'a Batch>) -> String {
    let ids: Vec<&str> = batches.map(|batch| batch.id.as_str()).collect();
    serde_json::to_string(&ids).unwrap_or_default()
}
