//! The variables that only the objects read, checked before the first of them is used:
//! a wrong one is told at once, and not when somebody meets it.

use std::cell::Cell;

use platform::config::within;
use platform::limits::{self, PER_USER_MAX};
use platform::variable::optional;
use worker::{Env, Error, Result};

/// What sessions keep for clients that come back, and what may be configured:
/// the whole log is listed whenever an object wakes, an event may take nearly
/// 2 MB, and nothing is kept longer than a month.
const KEPT: [(&str, u32, u32); 3] = [
    ("EVENTS_KEPT", 1, 10_000),
    ("EVENT_BYTES_KEPT", 65_536, 256 * 1024 * 1024),
    ("EVENTS_KEPT_SECONDS", 60, 30 * 24 * 60 * 60),
];

thread_local! {
    static CHECKED: Cell<bool> = const { Cell::new(false) };
}

/// Refuses a configuration that cannot be used; once in each isolate.
pub(crate) fn check(env: &Env) -> Result<()> {
    if CHECKED.get() {
        return Ok(());
    }
    read(env).map_err(Error::RustError)?;
    CHECKED.set(true);
    Ok(())
}

fn read(env: &Env) -> Result<(), String> {
    platform::quota::configured(env).map_err(|bad| format!("{} {}", bad.variable, bad.problem))?;
    for limit in limits::ALL {
        if limit
            .read(optional(env, limit.variable).as_deref())
            .is_none()
        {
            let variable = limit.variable;
            return Err(format!(
                "{variable} is not a number from 1 to {PER_USER_MAX}"
            ));
        }
    }
    for (variable, min, max) in KEPT {
        if let Some(text) = optional(env, variable) {
            within(variable, &text, min, max).map_err(|bad| bad.to_string())?;
        }
    }
    Ok(())
}
