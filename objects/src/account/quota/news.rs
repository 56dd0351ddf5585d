//! Which sessions may hold a lease or a permit of the account, to be told of a change of
//! policy.
//!
//! It is in memory only: of those that asked before the object was made anew, each goes
//! by the policy before until its lease is over.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use quota::{LEASE_LIFE, LEASE_SLACK, PERMIT_LIFE};

/// Longest that what a session was given can be of use to it.
const HOLDS_MAX: Duration =
    Duration::from_secs(PERMIT_LIFE.as_secs() + LEASE_LIFE.as_secs() + LEASE_SLACK.as_secs());
/// From how many on they are looked through for some that hold nothing any more.
const MANY: usize = 256;

/// Sessions by the names of their objects, and when each asked last.
#[derive(Debug, Default)]
pub(super) struct Holders(HashMap<String, Timestamp>);

impl Holders {
    /// A session was given something.
    pub(super) fn note(&mut self, session: String, now: Timestamp) {
        if self.0.len() >= MANY {
            self.forget(now);
        }
        self.0.insert(session, now);
    }

    /// Who may hold something now.
    pub(super) fn names(&mut self, now: Timestamp) -> Vec<String> {
        self.forget(now);
        self.0.keys().cloned().collect()
    }

    fn forget(&mut self, now: Timestamp) {
        let most = SignedDuration::try_from(HOLDS_MAX).unwrap_or(SignedDuration::MAX);
        self.0.retain(|_, at| now.duration_since(*at) < most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_hold_nothing_any_more_is_not_told() {
        let (mut holders, begun) = (Holders::default(), Timestamp::constant(1_800_000_000, 0));
        let later = begun + SignedDuration::from_secs(41);
        holders.note("one".into(), begun);
        holders.note("two".into(), later);
        assert_eq!(holders.names(later).len(), 2);
        assert_eq!(
            holders.names(begun + SignedDuration::from_secs(42)),
            ["two"]
        );
    }
}
