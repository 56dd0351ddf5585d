//! The spans of time that rates are said for.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The span of time that a rate is said for. A policy has at most one rate for
/// each, so it is the name of a bucket, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Window {
    /// A second.
    #[serde(rename = "per_second")]
    Second,
    /// A minute.
    #[serde(rename = "per_minute")]
    Minute,
    /// 24 hours, from any moment on.
    #[serde(rename = "per_day")]
    Day,
}

impl Window {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Day];

    /// The name of its bucket.
    pub fn name(self) -> &'static str {
        match self {
            Self::Second => "per_second",
            Self::Minute => "per_minute",
            Self::Day => "per_day",
        }
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_mins(1),
            Self::Day => Duration::from_hours(24),
        }
    }

    /// Microseconds between two gains of a bucket. A day's is longer, or the
    /// parts of its largest burst would not stay below 2^53.
    pub(crate) fn tick(self) -> i64 {
        match self {
            Self::Second | Self::Minute => 1,
            Self::Day => 1_000,
        }
    }

    /// The parts that a unit consists of. One part is what a rate of one unit in
    /// the window gains in a tick; so all sums are exact.
    pub(crate) fn unit_parts(self) -> u64 {
        match self {
            Self::Second => 1_000_000,
            Self::Minute => 60_000_000,
            Self::Day => 86_400_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_one_gains_one_unit_in_its_window() {
        for window in Window::ALL {
            let ticks = window.length().as_micros() / u128::try_from(window.tick()).unwrap();
            assert_eq!(ticks, u128::from(window.unit_parts()), "{window:?}");
        }
    }
}
