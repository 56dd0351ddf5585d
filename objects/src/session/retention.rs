//! How much of its log a session keeps, as it is configured.

use std::str::FromStr;
use std::time::Duration;

use mcp::session::Retention;
use worker::Env;

/// The variables of the deployment, which were checked before.
/// Here, one that cannot be used counts as missing.
pub(super) fn of(env: &Env) -> Retention {
    let usual = Retention::default();
    Retention {
        events: number(env, "EVENTS_KEPT").unwrap_or(usual.events),
        bytes: number(env, "EVENT_BYTES_KEPT").unwrap_or(usual.bytes),
        age: number(env, "EVENTS_KEPT_SECONDS").map_or(usual.age, Duration::from_secs),
    }
}

fn number<T: FromStr>(env: &Env, variable: &str) -> Option<T> {
    let value = env.var(variable).ok()?.to_string();
    value.trim().parse().ok()
}
