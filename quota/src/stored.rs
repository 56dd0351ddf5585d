//! A ledger as it is stored, by this version and by those before.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::book::Book;
use crate::bucket::Bucket;
use crate::clock::Micros;
use crate::out::Out;
use crate::{BURST_MAX, Family, Ledger, PolicyError, Rate};

/// Both forms in one: the books of families; or one bucket by the minute, which was
/// all that a ledger had once, and is the default family's now. Its parts are the
/// same.
#[derive(Deserialize)]
pub(crate) struct Stored {
    next: u64,
    books: Option<BTreeMap<Family, Book>>,
    parts: Option<u64>,
    at: Option<Micros>,
    per_minute: Option<u32>,
    #[serde(default)]
    out: Vec<Out>,
}

/// A row is no ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadRow {
    /// It has neither form. Taken for an empty one it would forgive what was spent.
    #[error("a stored ledger has neither books nor a bucket")]
    Neither,
    /// Its rate is out of bounds.
    #[error(transparent)]
    Rate(#[from] PolicyError),
}

impl TryFrom<Stored> for Ledger {
    type Error = BadRow;

    fn try_from(stored: Stored) -> Result<Self, BadRow> {
        let books = match stored {
            Stored {
                books: Some(books), ..
            } => books,
            Stored {
                parts: Some(parts),
                at: Some(at),
                per_minute: Some(per_minute),
                out,
                ..
            } => {
                // The burst was not stored: the policy says it when the book is opened.
                let bucket = Bucket::stored(parts, Rate::new(per_minute, BURST_MAX)?);
                let book = Book::of_one_bucket(at, bucket, out);
                BTreeMap::from([(Family::default(), book)])
            }
            Stored { .. } => return Err(BadRow::Neither),
        };
        let next = stored.next;
        Ok(Self { next, books })
    }
}
