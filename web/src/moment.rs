//! Times as people say them, beside what a machine reads.

use jiff::{SignedDuration, Timestamp};

/// A time: in words, and exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    words: String,
    exact: Timestamp,
}

/// Units from the largest, with their seconds. A month is the twelfth part of 365
/// days: what is said in months is said to within one.
const UNITS: [(&str, i64); 5] = [
    ("year", 365 * 24 * 3_600),
    ("month", 365 * 2 * 3_600),
    ("day", 24 * 3_600),
    ("hour", 3_600),
    ("minute", 60),
];

impl Moment {
    /// `3 hours ago`. What is yet to come, by a clock that differs, is `just now`.
    pub fn past(then: Timestamp, now: Timestamp) -> Self {
        Self {
            words: ago(now.duration_since(then)),
            exact: then,
        }
    }

    /// The last use of something, of which a note may be `coarse` old before it is
    /// made again: what was noted within that time may be in use right now.
    pub fn noted(then: Timestamp, coarse: SignedDuration, now: Timestamp) -> Self {
        let past = Self::past(then, now);
        if now.duration_since(then) >= coarse {
            return past;
        }
        let words = match coarse.as_hours() {
            1 => "within the last hour".to_owned(),
            hours => format!("within the last {hours} hours"),
        };
        Self { words, ..past }
    }

    /// One that may be to come, as the machine reads it.
    pub fn exact(then: Timestamp) -> Self {
        Self {
            words: then.to_string(),
            exact: then,
        }
    }

    /// What a person reads.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The value of `datetime` (HTML, "valid global date and time string").
    pub fn machine(&self) -> String {
        self.exact.to_string()
    }

    /// The element with both. It says nothing that anybody else chose, and needs no
    /// escaping.
    pub(crate) fn element(&self) -> String {
        let (machine, words) = (self.machine(), self.words());
        format!("<time datetime=\"{machine}\">{words}</time>")
    }
}

fn ago(passed: SignedDuration) -> String {
    let seconds = passed.as_secs();
    for (unit, length) in UNITS {
        match seconds / length {
            ..1 => {}
            1 => return format!("1 {unit} ago"),
            many => return format!("{many} {unit}s ago"),
        }
    }
    "just now".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn before(seconds: i64) -> Timestamp {
        NOW - SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_time_is_said_in_the_largest_unit_that_fits() {
        for (seconds, words) in [
            (-5, "just now"),
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3 * 3_600, "3 hours ago"),
            (24 * 3_600, "1 day ago"),
            (29 * 24 * 3_600, "29 days ago"),
            (31 * 24 * 3_600, "1 month ago"),
            (364 * 24 * 3_600, "11 months ago"),
            (2 * 365 * 24 * 3_600, "2 years ago"),
        ] {
            assert_eq!(Moment::past(before(seconds), NOW).words(), words);
        }
        assert_eq!(Moment::past(NOW, NOW).machine(), "2027-01-15T08:00:00Z");
    }

    #[test]
    fn what_was_noted_coarsely_is_not_said_more_finely() {
        let six = SignedDuration::from_hours(6);
        let said = |seconds| Moment::noted(before(seconds), six, NOW).words;
        assert_eq!(said(0), "within the last 6 hours");
        assert_eq!(said(6 * 3_600 - 1), "within the last 6 hours");
        assert_eq!(said(6 * 3_600), "6 hours ago");
        let hour = Moment::noted(NOW, SignedDuration::from_hours(1), NOW);
        assert_eq!(hour.words(), "within the last hour");
    }
}
