//! A policy document: what a user is allowed, as an operator writes it.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::policy::Unchecked as UncheckedPolicy;
use crate::{FAMILIES_MAX, Family, Policies, PoliciesError, Policy, PolicyError, Rate, Revision};

/// Longest document, in bytes: [`FAMILIES_MAX`] families with all they can have, written
/// with room between.
pub const DOCUMENT_BYTES_MAX: usize = 8_192;

/// The limits of all families.
///
/// In JSON: those of the default family as a [`Policy`] has them, and those of others by
/// their names: `{"per_minute":{"amount":120,"burst":60},"concurrent":8,
/// "families":{"images":{"per_day":{"amount":100}}}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document(BTreeMap<Family, Policy>);

/// Why a text is no policy document.
#[derive(Debug, thiserror::Error)]
pub enum BadDocument {
    /// It is too long.
    #[error("is longer than {DOCUMENT_BYTES_MAX} bytes")]
    TooLong,
    /// It cannot be read.
    #[error("is no policy document: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The default family's limits are none.
    #[error("has limits for all tools that are none: {0}")]
    Default(#[from] PolicyError),
    /// The default family is named.
    #[error("names the family calls, whose limits stand outside of families")]
    DefaultNamed,
    /// There are too many families.
    #[error(transparent)]
    Families(#[from] PoliciesError),
}

impl Document {
    /// Reads a document.
    pub fn read(text: &str) -> Result<Self, BadDocument> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(BadDocument::TooLong);
        }
        let written: Written = serde_json::from_str(text)?;
        let mut by_family = written.families;
        let default = Policy::try_from(UncheckedPolicy {
            per_second: written.per_second,
            per_minute: written.per_minute,
            per_day: written.per_day,
            concurrent: written.concurrent,
        })?;
        if by_family.insert(Family::default(), default).is_some() {
            return Err(BadDocument::DefaultNamed);
        }
        if by_family.len() > FAMILIES_MAX {
            return Err(PoliciesError::TooMany(by_family.len()).into());
        }
        Ok(Self(by_family))
    }

    /// One policy for all tools together.
    pub fn one(policy: Policy) -> Self {
        Self(BTreeMap::from([(Family::default(), policy)]))
    }

    /// What a user is allowed by it.
    pub fn policies(self, revision: Revision) -> Result<Policies, PoliciesError> {
        Policies::new(revision, self.0)
    }
}

/// In words: `120 per minute (up to 60 at once), 8 running; images: 100 per day`.
impl fmt::Display for Document {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = Family::default();
        let others = self.0.iter().filter(|(family, _)| **family != usual);
        if let Some(policy) = self.0.get(&usual) {
            limits(formatter, *policy)?;
        }
        for (family, policy) in others {
            write!(formatter, "; {family}: ")?;
            limits(formatter, *policy)?;
        }
        Ok(())
    }
}

fn limits(formatter: &mut fmt::Formatter<'_>, policy: Policy) -> fmt::Result {
    for (index, (window, rate)) in policy.rates().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        let span = window.name().trim_start_matches("per_");
        write!(formatter, "{comma}{} per {span}", rate.amount())?;
        if rate.burst() != rate.amount() {
            write!(formatter, " (up to {} at once)", rate.burst())?;
        }
    }
    match policy.concurrent() {
        Some(calls) => write!(formatter, ", {calls} running"),
        None => Ok(()),
    }
}

/// A document as it is written, before its bounds are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    per_second: Option<Rate>,
    per_minute: Option<Rate>,
    per_day: Option<Rate>,
    concurrent: Option<u32>,
    #[serde(default)]
    families: BTreeMap<Family, Policy>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(name: &str) -> Family {
        Family::try_from(name.to_owned()).unwrap()
    }

    #[test]
    fn a_document_has_the_limits_of_all_tools_and_of_families() {
        let text = r#"{"per_minute":{"amount":120,"burst":60},"concurrent":8,
            "families":{"images":{"per_day":{"amount":100}}}}"#;
        let policies = Document::read(text).unwrap().policies(Revision(3)).unwrap();
        let usual = Policy::new(60, 120).unwrap().with_concurrent(8).unwrap();
        assert_eq!(policies.of(&Family::default()), (Family::default(), usual));
        let images: Policy = serde_json::from_str(r#"{"per_day":{"amount":100}}"#).unwrap();
        assert_eq!(policies.of(&family("images")), (family("images"), images));
        assert_eq!(policies.revision(), Revision(3));
    }

    #[test]
    fn a_document_says_in_words_what_it_allows() {
        let text = r#"{"per_minute":{"amount":120,"burst":60},"per_day":{"amount":5000},
            "concurrent":8,"families":{"images":{"per_day":{"amount":100}}}}"#;
        assert_eq!(
            Document::read(text).unwrap().to_string(),
            "120 per minute (up to 60 at once), 5000 per day, 8 running; images: 100 per day"
        );
    }

    #[test]
    fn what_is_no_document_is_refused_with_its_reason() {
        let many: Vec<_> = (0..FAMILIES_MAX)
            .map(|number| format!(r#""f{number}":{{"per_day":{{"amount":1}}}}"#))
            .collect();
        let many = format!(
            r#"{{"per_day":{{"amount":1}},"families":{{{}}}}}"#,
            many.join(",")
        );
        let long = format!(
            r#"{{"per_day":{{"amount":1}}}}{}"#,
            " ".repeat(DOCUMENT_BYTES_MAX)
        );
        for (text, words) in [
            ("", "is no policy document"),
            ("[]", "is no policy document"),
            ("{}", "at least one of per_second"),
            (r#"{"concurrent":4}"#, "at least one of per_second"),
            (r#"{"per_minute":{"amount":0}}"#, "from 1 to"),
            (r#"{"per_minute":{"amount":1},"concurrent":0}"#, "from 1 to"),
            (r#"{"per_hour":{"amount":1}}"#, "per_hour"),
            (
                r#"{"per_minute":{"amount":1},"families":{"A":{"per_day":{"amount":1}}}}"#,
                "a family has",
            ),
            (
                r#"{"per_minute":{"amount":1},"families":{"a":{}}}"#,
                "at least one of",
            ),
            (
                r#"{"per_minute":{"amount":1},"families":{"calls":{"per_day":{"amount":1}}}}"#,
                "names the family calls",
            ),
            (&many, "but at most 16"),
            (&long, "is longer than"),
        ] {
            let refused = Document::read(text).unwrap_err().to_string();
            assert!(refused.contains(words), "{text}: {refused}");
        }
    }
}
