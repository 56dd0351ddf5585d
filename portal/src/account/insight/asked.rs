//! What is asked of the two pages, in the query of their addresses.

use ::audit::{Kind, Outcome};
use jiff::{SignedDuration, Timestamp};
use oauth::form::Parameters;
use web::Choice;

use crate::page::with_query;

/// Longest text that is searched for, in bytes: that of a word of a record.
const TEXT_BYTES_MAX: usize = ::audit::WORD_BYTES_MAX;

/// How far back to look: what is sent, what it says, and hours.
const SPANS: [(&str, &str, i64); 4] = [
    ("day", "Last 24 hours", 24),
    ("week", "Last 7 days", 7 * 24),
    ("month", "Last 30 days", 30 * 24),
    ("year", "Last year", 365 * 24),
];

/// What is asked. What cannot be read is as if it had not been sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// How far back, one of the spans; empty for the first.
    pub(super) span: String,
    /// A user: the id of an account, or what they are called.
    pub(super) user: String,
    /// The name of a tool, or of what was done.
    pub(super) name: String,
    /// The id of a client.
    pub(super) client: String,
    /// A sort of happening.
    pub(super) kind: Option<Kind>,
    /// What came of it.
    pub(super) outcome: Option<Outcome>,
    /// After what a page before ended with.
    pub(super) after: String,
    /// As which file, instead of a page.
    pub(super) file: bool,
}

impl Asked {
    /// Reads the query.
    pub(super) fn read(query: Option<&str>) -> Self {
        let Ok(sent) = Parameters::parse(query.unwrap_or_default()) else {
            return Self::default();
        };
        let text = |name| {
            let text = sent.get(name).unwrap_or_default().trim();
            if text.len() > TEXT_BYTES_MAX {
                String::new()
            } else {
                text.to_owned()
            }
        };
        Self {
            span: text("span"),
            user: text("user"),
            name: text("name"),
            client: text("client"),
            kind: Kind::named(&text("kind")),
            outcome: Outcome::named(&text("outcome")),
            after: text("after"),
            file: !text("as").is_empty(),
        }
    }

    /// From when on.
    pub(super) fn from(&self, now: Timestamp) -> Timestamp {
        let hours = SignedDuration::from_hours(self.hours());
        now.checked_sub(hours).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How far back, in hours.
    pub(super) fn hours(&self) -> i64 {
        let found = SPANS.iter().find(|(value, ..)| *value == self.span);
        found.map_or(24, |(.., hours)| *hours)
    }

    /// The spans to choose from.
    pub(super) fn spans(&self) -> Vec<Choice> {
        let hours = self.hours();
        let choice = |(value, label, of): (&'static str, &'static str, i64)| Choice {
            value,
            label,
            chosen: of == hours,
        };
        SPANS.map(choice).to_vec()
    }

    /// Where it is asked.
    pub(super) fn at(&self, path: &str) -> String {
        let parameters = [
            ("span", self.span.as_str()),
            ("user", &self.user),
            ("name", &self.name),
            ("client", &self.client),
            ("kind", self.kind.map_or("", Kind::name)),
            ("outcome", self.outcome.map_or("", Outcome::name)),
            ("after", &self.after),
            ("as", if self.file { "file" } else { "" }),
        ];
        with_query(path, &parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_can_be_asked_again() {
        for query in [
            "",
            "span=week&user=Ada+Lovelace&name=notes_add&client=c",
            "kind=tool&outcome=refused&after=AAA",
            "as=file",
        ] {
            let asked = Asked::read(Some(query));
            assert_eq!(asked.at("/a"), format!("/a?{query}").trim_end_matches('?'));
        }
    }

    #[test]
    fn what_cannot_be_read_is_as_if_it_had_not_been_sent() {
        let long = format!("user={}", "x".repeat(TEXT_BYTES_MAX + 1));
        for query in [long.as_str(), "kind=nonsense&outcome=1", "user=a&user=b"] {
            let asked = Asked::read(Some(query));
            assert_eq!(asked.at("/a"), "/a", "{query}");
            assert_eq!(asked.hours(), 24);
        }
    }
}
