//! Forgetting: what is old goes, at the beginning of the chain alone.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::database::{Database, Statement};
use crate::usage::hour;

/// Most rows that one step takes away, so that no transaction of D1 takes long.
pub const RETENTION_ROWS_MAX: u64 = 2_000;
/// How long the arrival of a batch is remembered, in days. A queue keeps a message for
/// at most 14 (Cloudflare, "Queues: Limits", read 2026-11), so none comes again later.
pub const ARRIVALS_DAYS: u32 = 30;

/// For how long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Records, in days; one may stay longer behind another that is younger.
    pub audit_days: u32,
    /// Usage, in days.
    pub usage_days: u32,
}

#[derive(Debug, Deserialize)]
struct Cut {
    anchor_seq: u64,
    cut: u64,
}

/// Forgets what is old, at most [`RETENTION_ROWS_MAX`] records of it; returns whether
/// there may be more. What is left of the chain can still be verified: in the step that
/// removes rows, the anchor becomes the last of them.
pub async fn forget<D: Database>(
    database: &D,
    retention: Retention,
    now: Timestamp,
) -> Result<bool, D::Error> {
    let horizon = before(now, retention.audit_days).as_millisecond();
    let cuts: Vec<Cut> = database.rows(&ask(horizon)).await?;
    let mut statements = vec![
        Statement::new("DELETE FROM usage WHERE hour < CAST(?1 AS INTEGER)")
            .with(hour(before(now, retention.usage_days))),
        Statement::new("DELETE FROM audit_batches WHERE arrived < CAST(?1 AS INTEGER)")
            .with(before(now, ARRIVALS_DAYS).as_millisecond()),
    ];
    let mut is_more = false;
    if let Some(Cut { anchor_seq, cut }) = cuts.into_iter().next()
        && cut > anchor_seq
    {
        is_more = cut - anchor_seq == RETENTION_ROWS_MAX;
        statements.extend(remove(cut));
    }
    database.batch(&statements).await?;
    Ok(is_more)
}

/// The last of the oldest rows that are all too old.
fn ask(horizon: i64) -> Statement {
    Statement::new(
        "SELECT anchor_seq, COALESCE(
             (SELECT seq - 1 FROM audit WHERE seq > anchor_seq
              AND seq <= anchor_seq + CAST(?2 AS INTEGER) AND at >= CAST(?1 AS INTEGER)
              ORDER BY seq LIMIT 1),
             MIN(anchor_seq + CAST(?2 AS INTEGER), head_seq)
         ) AS cut FROM audit_chain",
    )
    .with(horizon)
    .with(RETENTION_ROWS_MAX)
}

/// Moves the anchor to a row, and removes it with all before it. Fails if the row is
/// not there, unless somebody else has removed it in this way.
fn remove(cut: u64) -> [Statement; 2] {
    let anchor = "UPDATE audit_chain SET anchor_seq = CAST(?1 AS INTEGER),
        anchor_hash = (SELECT hash FROM audit WHERE seq = CAST(?1 AS INTEGER))
        WHERE anchor_seq < CAST(?1 AS INTEGER)";
    let rows = "DELETE FROM audit WHERE seq <= CAST(?1 AS INTEGER)";
    [anchor, rows].map(|sql| Statement::new(sql).with(cut))
}

fn before(now: Timestamp, days: u32) -> Timestamp {
    let days = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_sub(days).unwrap_or(Timestamp::MIN)
}
