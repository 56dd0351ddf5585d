//! Who did what, and how much of it.
//!
//! The way of a [`Record`], from where something happens to the database:
//!
//! 1. Who serves a call, a login, an admin notes a record ([`Gathering`]), and goes on
//!    without waiting for it.
//! 2. What was noted is packed into [`Batch`]es, which a queue carries; each may
//!    arrive more than once, and late.
//! 3. [`append`] makes of each batch, once, rows of a chain and numbers of the usage.
//! 4. [`search`] and [`usage`] find them; [`forget`] removes what is old; a
//!    [`Verifier`] says whether anything else was removed or altered.
//!
//! # What holds
//!
//! *Once*: however often and by however many writers batches are appended, and wherever
//! the database fails, a record has one row, and counts once.
//!
//! *Chained*: a row that is altered, removed, added or put elsewhere is found, also if
//! it is the newest. Who can write into the database can make the whole chain anew;
//! that is found by who noted an end of it elsewhere.
//!
//! This crate reads no clock, draws no randomness and talks to nobody: the SQL is here,
//! and runs wherever a [`Database`] is.

mod append;
mod arguments;
mod batch;
mod canonical;
mod chain;
mod database;
mod digest;
mod export;
mod gathering;
mod outbox;
mod record;
mod refusals;
mod retention;
mod search;
mod usage;
mod verify;
mod word;
mod written;

pub use append::{APPEND_TRIES_MAX, AppendError, Audited, append};
pub use arguments::{Arguments, SHOWN_MAX, SHOWN_VALUE_BYTES_MAX, Undigested};
pub use batch::{BATCH_BYTES_MAX, BATCH_RECORDS_MAX, BadBatchId, Batch, BatchId};
pub use chain::{BadHash, Link, RowHash};
pub use database::{Database, Statement, Value};
pub use export::{csv, json_lines};
pub use gathering::{
    GATHERED_BATCHES_MAX, GATHERED_RECORDS_MAX, GATHERING_TIME, Gathering, SENDING_MAX,
};
pub use outbox::{OUTBOX_BATCHES_MAX, outbox_wait};
pub use record::{Actor, Cost, Kind, Outcome, RECORD_BYTES_MAX, Record};
pub use refusals::{REFUSALS_EVERY, REFUSALS_MAX, Refusals};
pub use retention::{ARRIVALS_DAYS, RETENTION_ROWS_MAX, Retention, forget};
pub use search::{BadCursor, Cursor, Found, PAGE_RECORDS_MAX, Page, Search, search};
pub use usage::{By, Every, Sums, USAGE_LINES_MAX, UsageLine, UsageQuery, usage};
pub use verify::{Break, ChainRow, Ends, Row, VERIFIED_ROWS_MAX, Verifier};
pub use word::{WORD_BYTES_MAX, Word};
pub use written::Written;
