//! The policy of whoever has none of their own, as the variables say it.

use quota::{Document, Policy};
use worker::Env;

use crate::variable::optional;

/// A policy document.
const POLICY: &str = "QUOTA_POLICY";
/// The short form: one bucket for all tools.
const BURST: &str = "QUOTA_BURST";
const PER_MINUTE: &str = "QUOTA_PER_MINUTE";

/// A variable that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadQuota {
    /// The variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// The policy of this deployment.
pub fn configured(env: &Env) -> Result<Document, BadQuota> {
    let said = |variable| optional(env, variable);
    read(said(POLICY), said(BURST), said(PER_MINUTE))
}

/// One of the two forms: two of them could contradict each other.
fn read(
    document: Option<String>,
    burst: Option<String>,
    per_minute: Option<String>,
) -> Result<Document, BadQuota> {
    let bad = |variable, problem: String| BadQuota { variable, problem };
    match (document, burst, per_minute) {
        (Some(text), None, None) => {
            Document::read(&text).map_err(|error| bad(POLICY, error.to_string()))
        }
        (Some(_), burst, _) => {
            let other = if burst.is_some() { BURST } else { PER_MINUTE };
            let problem = format!("says what {POLICY} says already: leave out one of them");
            Err(bad(other, problem))
        }
        (None, Some(burst), Some(per_minute)) => {
            let number = |variable, text: &str| {
                let read = text.trim().parse::<u32>();
                read.map_err(|_| bad(variable, "is not a number".to_owned()))
            };
            let policy = Policy::new(number(BURST, &burst)?, number(PER_MINUTE, &per_minute)?);
            let policy = policy.map_err(|error| {
                let variable = match error {
                    quota::PolicyError::Burst(_) => BURST,
                    quota::PolicyError::Amount(_)
                    | quota::PolicyError::Concurrent(_)
                    | quota::PolicyError::NoRate => PER_MINUTE,
                };
                bad(variable, format!("cannot be used: {error}"))
            });
            policy.map(Document::one)
        }
        (None, None, None) => Err(bad(POLICY, "is missing".to_owned())),
        (None, None, Some(_)) => Err(bad(BURST, "is missing".to_owned())),
        (None, Some(_), None) => Err(bad(PER_MINUTE, "is missing".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(document: &str, burst: &str, per_minute: &str) -> Result<Document, &'static str> {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        read(said(document), said(burst), said(per_minute)).map_err(|bad| bad.variable)
    }

    #[test]
    fn a_policy_is_a_document_or_two_numbers_and_never_both() {
        let document = r#"{"per_minute":{"amount":120,"burst":60}}"#;
        let long = said(document, "", "").unwrap();
        assert_eq!(said("", "60", " 120 ").unwrap(), long);
        for (document, burst, per_minute, variable) in [
            (document, "60", "", BURST),
            (document, "", "120", PER_MINUTE),
            (document, "60", "120", BURST),
            ("{}", "", "", POLICY),
            ("", "", "", POLICY),
            ("", "60", "", PER_MINUTE),
            ("", "", "120", BURST),
            ("", "0", "120", BURST),
            ("", "60", "1000001", PER_MINUTE),
            ("", "many", "120", BURST),
        ] {
            let refused = said(document, burst, per_minute).unwrap_err();
            assert_eq!(refused, variable, "{document} {burst} {per_minute}");
        }
    }
}
