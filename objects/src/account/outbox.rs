//! Records that the queue did not take: this account keeps them until it does.
//!
//! A batch is what was sent, as it is, so that it counts once however often it
//! comes.

use audit::{Batch, OUTBOX_BATCHES_MAX, outbox_wait};
use jiff::{SignedDuration, Timestamp};
use platform::{clock, json, records};
use worker::{Env, Request, Response, Result, State, console_error};

use super::query::{Columns, Query, broken, columns, time};
use super::sweep;

/// After so many in a row that the queue does not take, it is left alone.
const FAILURES_MAX: u32 = 3;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY,
    batch TEXT NOT NULL,
    tries INTEGER NOT NULL,
    due INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

/// `POST /records`: 507 if it keeps too many already.
pub(super) async fn keep(state: &State, mut request: Request) -> Result<Response> {
    let batch: Batch = json::asked(&mut request).await?;
    let outbox = Outbox::of(state.storage().sql());
    if !outbox.keep(&batch, clock::now())? {
        return Response::error("too many records wait here", 507);
    }
    sweep::later(state).await?;
    sweep::not_after(&state.storage(), outbox.due()?).await?;
    Response::empty()
}

/// Sends what is due. When the queue takes none of several, the rest wait, too.
pub(super) async fn deliver(state: &State, env: &Env) -> Result<()> {
    let outbox = Outbox::of(state.storage().sql());
    let mut failures = 0;
    for (batch, tries) in outbox.waiting(clock::now())? {
        match records::send(env, &batch).await {
            Ok(()) => {
                failures = 0;
                outbox.forget(&batch)?;
            }
            Err(error) => {
                failures += 1;
                console_error!("the queue of records, try {}: {error}", tries + 1);
                outbox.wait(&batch, tries + 1, clock::now())?;
            }
        }
        if failures == FAILURES_MAX {
            return outbox.wait_all(clock::now());
        }
    }
    Ok(())
}

/// The table, which is made when there is something for it.
#[derive(Debug)]
pub(super) struct Outbox<Q>(Q);

impl<Q: Query> Outbox<Q> {
    pub(super) fn of(database: Q) -> Self {
        Self(database)
    }

    /// Keeps a batch; one that it has already changes nothing. False if there are too
    /// many.
    fn keep(&self, batch: &Batch, now: Timestamp) -> Result<bool> {
        self.0.run(TABLE, vec![])?;
        let kept = self.0.run("SELECT COUNT(*) FROM outbox", vec![])?;
        let kept = kept.into_iter().next().map(Columns::of);
        let kept = kept.map_or(Ok(0), |mut columns| columns.integer())?;
        if usize::try_from(kept).unwrap_or(usize::MAX) >= OUTBOX_BATCHES_MAX {
            return Ok(false);
        }
        self.0.run(
            "INSERT OR IGNORE INTO outbox (id, batch, tries, due) VALUES (?, ?, 0, ?)",
            vec![
                batch.id.as_str().into(),
                batch.text().into(),
                after(now, 0).as_second().into(),
            ],
        )?;
        Ok(true)
    }

    /// The batches that are due, and how often each was tried.
    fn waiting(&self, now: Timestamp) -> Result<Vec<(Batch, u32)>> {
        if !self.is_made()? {
            return Ok(Vec::new());
        }
        let rows = self.0.run(
            "SELECT batch, tries FROM outbox WHERE due <= ? ORDER BY due, id",
            vec![now.as_second().into()],
        )?;
        let read = rows.into_iter().map(|row| {
            let mut columns = Columns::of(row);
            let batch = serde_json::from_str(&columns.text()?)?;
            let tries = u32::try_from(columns.integer()?).map_err(|_| broken("a count"))?;
            Ok((batch, tries))
        });
        read.collect()
    }

    /// When the next is due; none if none waits.
    pub(super) fn due(&self) -> Result<Option<Timestamp>> {
        if !self.is_made()? {
            return Ok(None);
        }
        let rows = self.0.run("SELECT MIN(due) FROM outbox", vec![])?;
        let first = rows.into_iter().next().map(Columns::of);
        let due = first.map_or(Ok(None), |mut columns| columns.integer_or_null())?;
        due.map(time).transpose()
    }

    /// A batch waits after a try that failed, of which there were so many.
    fn wait(&self, batch: &Batch, tries: u32, now: Timestamp) -> Result<()> {
        self.0.run(
            "UPDATE outbox SET tries = ?, due = ? WHERE id = ?",
            vec![
                i64::from(tries).into(),
                after(now, tries).as_second().into(),
                batch.id.as_str().into(),
            ],
        )?;
        Ok(())
    }

    /// None is tried before the one that was tried last.
    fn wait_all(&self, now: Timestamp) -> Result<()> {
        self.0.run(
            "UPDATE outbox SET due = (SELECT MAX(due) FROM outbox) WHERE due <= ?",
            vec![now.as_second().into()],
        )?;
        Ok(())
    }

    fn forget(&self, batch: &Batch) -> Result<()> {
        self.0.run(
            "DELETE FROM outbox WHERE id = ?",
            vec![batch.id.as_str().into()],
        )?;
        Ok(())
    }

    fn is_made(&self) -> Result<bool> {
        Ok(!columns(&self.0, "outbox")?.is_empty())
    }
}

fn after(now: Timestamp, tries: u32) -> Timestamp {
    let wait = SignedDuration::try_from(outbox_wait(tries)).unwrap_or(SignedDuration::ZERO);
    now.checked_add(wait).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit::BatchId;
    use oauth::grant::contract::NOW;
    use rusqlite::Connection;

    fn batch(number: u128) -> Batch {
        Batch {
            id: BatchId::new(number.to_be_bytes()),
            records: Vec::new(),
        }
    }

    fn seconds(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn an_account_without_records_has_no_table_for_them() {
        let database = Connection::open_in_memory().unwrap();
        let outbox = Outbox::of(&database);
        assert_eq!(outbox.due().unwrap(), None);
        assert_eq!(outbox.waiting(NOW).unwrap(), []);
        assert!(!outbox.is_made().unwrap());
    }

    #[test]
    fn a_batch_is_kept_once_until_it_is_delivered() {
        let database = Connection::open_in_memory().unwrap();
        let outbox = Outbox::of(&database);
        assert!(outbox.keep(&batch(1), NOW).unwrap());
        assert!(outbox.keep(&batch(1), seconds(1)).unwrap());
        assert_eq!(outbox.due().unwrap(), Some(seconds(5)));
        assert_eq!(outbox.waiting(seconds(4)).unwrap(), []);
        assert_eq!(outbox.waiting(seconds(5)).unwrap(), [(batch(1), 0)]);
        outbox.forget(&batch(1)).unwrap();
        assert_eq!(outbox.due().unwrap(), None);
    }

    #[test]
    fn after_a_try_that_failed_a_batch_waits_longer_and_the_others_may_wait_with_it() {
        let database = Connection::open_in_memory().unwrap();
        let outbox = Outbox::of(&database);
        outbox.keep(&batch(1), NOW).unwrap();
        outbox.keep(&batch(2), NOW).unwrap();
        outbox.wait(&batch(1), 1, seconds(5)).unwrap();
        assert_eq!(outbox.waiting(seconds(5)).unwrap(), [(batch(2), 0)]);
        outbox.wait_all(seconds(5)).unwrap();
        assert_eq!(outbox.waiting(seconds(14)).unwrap(), []);
        let due = outbox.waiting(seconds(15)).unwrap();
        assert_eq!(due, [(batch(1), 1), (batch(2), 0)]);
    }

    #[test]
    fn no_more_batches_are_kept_than_the_limit() {
        let database = Connection::open_in_memory().unwrap();
        let outbox = Outbox::of(&database);
        for number in 0..OUTBOX_BATCHES_MAX as u128 {
            assert!(outbox.keep(&batch(number), NOW).unwrap());
        }
        assert!(!outbox.keep(&batch(1_000), NOW).unwrap());
        outbox.forget(&batch(0)).unwrap();
        assert!(outbox.keep(&batch(1_000), NOW).unwrap());
    }
}
