//! The page of usage: how many calls there were, by time and by what made them.

use askama::Template;

use crate::{AdminFrame, Shown, document::document};

/// Shows usage as a chart, and all that the chart shows as a table.
///
/// What is looked at is chosen by a form that is sent with `GET` to
/// [`UsagePage::action`]: `span`, and beyond one's own `user`, `tool` and `client`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "usage.html")]
pub struct UsagePage {
    /// What stands around it for admins; for everybody else a way back.
    pub frame: AdminFrame,
    /// Where the form goes: a path of our own.
    pub action: &'static str,
    /// Whether everybody's usage can be seen.
    pub everybody: bool,
    /// The spans of time to choose from.
    pub spans: Vec<Choice>,
    /// What was typed to narrow it down: name, label, value.
    pub filters: Vec<Filter>,
    /// All of it together.
    pub sums: UsageSums,
    /// How long a step of time is, in seconds.
    pub step_s: u32,
    /// The steps of time, the oldest first; one without calls is there, too.
    pub steps: Vec<UsageStep>,
    /// What made the calls, the most used first.
    pub shares: Vec<UsageShares>,
    /// Where the same is as CSV.
    pub csv: String,
}

/// One of several things to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A field that narrows something down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its name in the form.
    pub name: &'static str,
    /// What it says.
    pub label: &'static str,
    /// What was typed.
    pub value: String,
}

/// How much was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageSums {
    /// Calls that were answered, well or not.
    pub calls: u64,
    /// Those of them that failed.
    pub errors: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Rows that were written for them.
    pub rows: u64,
    /// The time they took together, in microseconds.
    pub micros: u64,
}

/// A step of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageStep {
    /// When it begins, in seconds since 1970.
    pub begins: i64,
    /// The same in words.
    pub words: String,
    /// What was used in it.
    pub sums: UsageSums,
}

/// Which of one kind made how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageShares {
    /// What they are.
    pub heading: &'static str,
    /// Each, the most used first.
    pub rows: Vec<UsageShare>,
    /// How many more there are that are not shown.
    pub more: usize,
}

/// What one made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageShare {
    /// What it is called.
    pub name: Shown,
    /// Where only this is shown: a path of our own with a query.
    pub href: String,
    /// How much.
    pub sums: UsageSums,
    /// Its part of the most used one, in percent.
    pub percent: u8,
}

impl UsageSums {
    /// A number with commas.
    fn grouped(count: u64) -> String {
        let digits = count.to_string();
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    /// The time of one call on average.
    fn mean(&self) -> String {
        match self.micros.checked_div(self.calls) {
            None => "–".to_owned(),
            Some(micros @ 0..10_000) => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
            Some(micros @ 10_000..1_000_000) => format!("{} ms", micros / 1_000),
            Some(micros) => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
        }
    }
}

impl UsagePage {
    /// The page as an HTML document, to be served under
    /// [`CONTENT_SECURITY_POLICY_OF_CHARTS`](crate::CONTENT_SECURITY_POLICY_OF_CHARTS).
    pub fn render(&self) -> String {
        document(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(UsageSums::grouped(count), text);
        }
    }

    #[test]
    fn the_mean_time_has_the_unit_that_fits() {
        let mean = |calls, micros| {
            UsageSums {
                calls,
                micros,
                ..UsageSums::default()
            }
            .mean()
        };
        assert_eq!(mean(0, 5), "–");
        assert_eq!(mean(2, 3_100), "1.5 ms");
        assert_eq!(mean(1, 42_999), "42 ms");
        assert_eq!(mean(1, 2_340_000), "2.3 s");
    }
}
