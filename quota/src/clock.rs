//! Time as the ledger counts it: whole microseconds, never backwards.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a clock may be behind the latest time the ledger saw and still
/// mean "no time passed". It is longer than an event lives that read the
/// clock before others did. A clock that is further behind was set: the
/// ledger follows it and gains nothing for it, as waiting for the old time
/// to come again could take days.
pub const LEDGER_LAG_MAX: Duration = Duration::from_mins(10);

/// A moment, in microseconds since 1970. Exact for a Worker, whose clock
/// shows whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Micros(i64);

impl From<Timestamp> for Micros {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl Micros {
    /// The moment as a number, which grows as time does.
    pub(crate) fn number(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// The moment that much later.
    pub(crate) fn after(self, micros: u64) -> Self {
        Self(self.0.saturating_add_unsigned(micros))
    }

    /// The moment that much earlier.
    pub(crate) fn before(self, micros: u64) -> Self {
        Self(self.0.saturating_sub_unsigned(micros))
    }

    /// Ticks of so many microseconds that begin from `earlier` on, up to this
    /// moment; none if it is later.
    pub(crate) fn ticks_since(self, earlier: Self, tick: i64) -> u64 {
        let begun = self.0.div_euclid(tick);
        u64::try_from(begun.saturating_sub(earlier.0.div_euclid(tick))).unwrap_or(0)
    }

    /// The moment when so many more ticks have begun.
    pub(crate) fn after_ticks(self, ticks: u64, tick: i64) -> Self {
        if ticks == 0 {
            return self;
        }
        let begun = self.0.div_euclid(tick).saturating_add_unsigned(ticks);
        Self(begun.saturating_mul(tick))
    }

    /// Microseconds from `earlier` to this moment; none if it is later.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }
}

/// A duration in whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds as a duration of whole seconds, rounded up.
pub(crate) fn seconds_up(micros: u64) -> Duration {
    Duration::from_secs(micros.div_ceil(1_000_000))
}
