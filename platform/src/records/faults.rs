//! A queue and a database that fail as often as the variable `RECORDS_FAULTS` says, in
//! thousandths: before they do anything, or after they have done it.

use worker::{Env, Error, Result};

use crate::{random, variable};

/// Fails before anything was done.
pub fn before(env: &Env) -> Result<()> {
    strike(env, "before anything was done")
}

/// Fails although everything was done.
pub fn after(env: &Env) -> Result<()> {
    strike(env, "although everything was done")
}

fn strike(env: &Env, when: &str) -> Result<()> {
    let rate = variable::optional(env, "RECORDS_FAULTS");
    let rate: u16 = rate.and_then(|rate| rate.parse().ok()).unwrap_or(0);
    let drawn = u16::from_be_bytes(random::bytes()?) % 1_000;
    if drawn < rate {
        return Err(Error::RustError(format!("a fault of the test, {when}")));
    }
    Ok(())
}
