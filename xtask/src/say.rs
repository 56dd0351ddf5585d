//! What the person at the terminal reads: one line per thing done, with its time.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// A line about what is going on.
pub(crate) fn say(line: impl Display) {
    println!("{line}");
}

/// A clock for durations that are shown to a person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch(Instant);

impl Watch {
    /// Starts to measure.
    #[expect(
        clippy::disallowed_methods,
        reason = "shows a person how long something took; decides nothing"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A duration in the form `3.2 s` or `2 min 05 s`.
pub(crate) fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_shown_in_the_unit_a_person_counts_in() {
        for (milliseconds, expected) in [
            (40, "0.0 s"),
            (3_210, "3.2 s"),
            (60_000, "1 min 00 s"),
            (185_900, "3 min 05 s"),
        ] {
            assert_eq!(shown(Duration::from_millis(milliseconds)), expected);
        }
    }
}
