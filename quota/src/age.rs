//! How old something is by the clock of whoever holds it.

use std::time::Duration;

use crate::LEASE_SLACK;
use crate::clock::{Micros, micros};

/// The time that passed since a moment; or more, but not less, as long as the
/// clock was set back by [`LEASE_SLACK`] at most. A larger step back is noticed,
/// and then nothing is known any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Age {
    /// The clock as it was read last.
    seen: Micros,
    passed: u64,
    clock_lost: bool,
}

impl Age {
    /// The age of what began then.
    pub(crate) fn from(began: Micros) -> Self {
        Self {
            seen: began,
            passed: 0,
            clock_lost: false,
        }
    }

    /// Notes what the clock says. A step back counts as no time.
    pub(crate) fn look_at(&mut self, now: Micros) {
        self.passed = self.passed.saturating_add(now.since(self.seen));
        self.clock_lost |= self.seen.since(now) > micros(LEASE_SLACK);
        self.seen = now;
    }

    /// Microseconds that passed.
    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    /// Whether it is surely younger than that.
    pub(crate) fn is_below(&self, life: Duration) -> bool {
        !self.clock_lost && self.passed < micros(life)
    }
}
