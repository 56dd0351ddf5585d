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
            words: span(now.duration_since(then))
                .map_or_else(|| "just now".to_owned(), |span| format!("{span} ago")),
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

    /// `in 3 hours`, a begun minute counted as one, so that what was just promised for
    /// a day is `in 1 day`. What is over is `just now`.
    pub fn coming(then: Timestamp, now: Timestamp) -> Self {
        let words = span(then.duration_since(now) + SignedDuration::from_secs(59));
        Self {
            words: words.map_or_else(|| "just now".to_owned(), |span| format!("in {span}")),
            exact: then,
        }
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

/// A span in its largest unit; none if it is shorter than the smallest.
fn span(between: SignedDuration) -> Option<String> {
    let seconds = between.as_secs();
    UNITS
        .into_iter()
        .find_map(|(unit, length)| match seconds / length {
            ..1 => None,
            1 => Some(format!("1 {unit}")),
            many => Some(format!("{many} {unit}s")),
        })
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

    #[test]
    fn what_is_to_come_is_told_in_its_largest_unit() {
        let coming = |seconds: i64| Moment::coming(before(-seconds), NOW).words().to_owned();
        assert_eq!(coming(90 * 24 * 3_600), "in 2 months");
        assert_eq!(coming(24 * 3_600), "in 1 day");
        assert_eq!(coming(24 * 3_600 - 30), "in 1 day");
        assert_eq!(coming(1), "in 1 minute");
        assert_eq!(coming(0), "just now");
        assert_eq!(coming(-3_600), "just now");
    }
}
