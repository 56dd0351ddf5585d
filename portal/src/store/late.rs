//! KV at its worst, where the variable `KV_LATE_SECONDS` asks for it: what was
//! written is seen so much later, and until then what was there before, or
//! nothing. Cloudflare promises no more ("How KV works", consistency: changes
//! may take 60 seconds or more to be seen, and a miss is remembered, too).

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use platform::clock;
use worker::Env;

/// Most writes of a key that are remembered; more are a test without an end.
const WRITES_MAX: usize = 100;

/// When it was written, and what: `None` is a deletion.
type Write = (Timestamp, Option<String>);

thread_local! {
    static WRITES: RefCell<HashMap<String, Vec<Write>>> = RefCell::default();
}

/// Remembers a write.
pub(super) fn note(key: &str, value: Option<&str>) {
    WRITES.with_borrow_mut(|writes| {
        let of_key = writes.entry(key.to_owned()).or_default();
        of_key.push((clock::now(), value.map(str::to_owned)));
        let over = of_key.len().saturating_sub(WRITES_MAX);
        of_key.drain(..over);
    });
}

/// What KV shows for a key that really has that value.
pub(super) fn seen(env: &Env, key: &str, value: Option<String>) -> Option<String> {
    let late = env
        .var("KV_LATE_SECONDS")
        .map(|seconds| seconds.to_string());
    let Some(late) = late.ok().and_then(|seconds| seconds.parse().ok()) else {
        return value;
    };
    let by = clock::now().saturating_sub(SignedDuration::from_secs(late));
    let by = by.unwrap_or(Timestamp::MIN);
    WRITES.with_borrow(|writes| {
        let of_key = writes.get(key)?;
        let visible = of_key.iter().rev().find(|(at, _)| *at <= by);
        visible.and_then(|(_, value)| value.clone())
    })
}
