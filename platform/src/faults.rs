//! What fails as often as a variable says, in thousandths: before it does anything, or
//! after it has done it, so that nobody can tell.

use worker::{Env, Error, Result};

use crate::{random, variable};

/// Requests to the queue of records and to their database.
pub const RECORDS: &str = "RECORDS_FAULTS";
/// Requests to accounts' objects, and theirs to what they end.
pub const ACCOUNTS: &str = "ACCOUNTS_FAULTS";

/// Fails before anything was done.
pub fn before(env: &Env, what: &str) -> Result<()> {
    strike(env, what, "before anything was done")
}

/// Fails although everything was done.
pub fn after(env: &Env, what: &str) -> Result<()> {
    strike(env, what, "although everything was done")
}

fn strike(env: &Env, what: &str, when: &str) -> Result<()> {
    let rate = variable::optional(env, what);
    let rate: u16 = rate.and_then(|rate| rate.parse().ok()).unwrap_or(0);
    let drawn = u16::from_be_bytes(random::bytes()?) % 1_000;
    if drawn < rate {
        return Err(Error::RustError(format!("a fault of the test, {when}")));
    }
    Ok(())
}
