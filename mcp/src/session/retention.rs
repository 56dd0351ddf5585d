//! How much of its log a session keeps for clients that come back.

use std::time::Duration;

use crate::limits::{EVENT_BYTES_KEPT_MAX, EVENTS_KEPT_AGE, EVENTS_KEPT_MAX};

/// What is beyond any of these is forgotten, oldest first; the newest event stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Most events.
    pub events: u64,
    /// Most bytes of events.
    pub bytes: u64,
    /// How long an event is kept.
    pub age: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            events: EVENTS_KEPT_MAX,
            bytes: EVENT_BYTES_KEPT_MAX,
            age: EVENTS_KEPT_AGE,
        }
    }
}
