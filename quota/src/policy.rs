//! What a user is allowed in one family of tools, as configuration says it.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::rate::bounded;
use crate::{AMOUNT_MAX, BURST_MAX, Rate, Window};

/// Most calls at once that a policy may allow: the ledger stores each of them.
pub const CONCURRENT_MAX: u32 = 256;

/// The buckets of one family. A call has to fit into every one of them.
///
/// In JSON: `{"per_second":{"amount":5},"per_day":{"amount":1000,"burst":200},
/// "concurrent":4}`, each of them optional, but for one rate at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Policy {
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_minute: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_day: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrent: Option<NonZeroU32>,
}

/// Why numbers are no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The burst is out of bounds.
    #[error("the burst is {0} units, but has to be from 1 to {BURST_MAX}")]
    Burst(u32),
    /// The rate is out of bounds.
    #[error("the rate is {0} units a window, but has to be from 1 to {AMOUNT_MAX}")]
    Amount(u32),
    /// The number of calls at once is out of bounds.
    #[error("{0} calls may run at once, but it has to be from 1 to {CONCURRENT_MAX}")]
    Concurrent(u32),
    /// There is no rate.
    #[error("a policy has at least one of per_second, per_minute and per_day")]
    NoRate,
}

impl Policy {
    /// The policy of one bucket: `burst` units at once and `per_minute` units a
    /// minute in the long run.
    pub fn new(burst: u32, per_minute: u32) -> Result<Self, PolicyError> {
        Ok(Self::of(Window::Minute, Rate::new(per_minute, burst)?))
    }

    /// The policy of one bucket.
    pub fn of(window: Window, rate: Rate) -> Self {
        let none = Self {
            per_second: None,
            per_minute: None,
            per_day: None,
            concurrent: None,
        };
        none.and(window, rate)
    }

    /// The same with one more bucket, or another instead of the one of that window.
    #[must_use]
    pub fn and(self, window: Window, rate: Rate) -> Self {
        let rate = Some(rate);
        match window {
            Window::Second => Self {
                per_second: rate,
                ..self
            },
            Window::Minute => Self {
                per_minute: rate,
                ..self
            },
            Window::Day => Self {
                per_day: rate,
                ..self
            },
        }
    }

    /// The same with a bound on the calls that run at once.
    pub fn with_concurrent(self, calls: u32) -> Result<Self, PolicyError> {
        let bounded = bounded(calls, CONCURRENT_MAX).ok_or(PolicyError::Concurrent(calls))?;
        Ok(Self {
            concurrent: Some(bounded),
            ..self
        })
    }

    /// The rate of a window, if there is one.
    pub fn rate(self, window: Window) -> Option<Rate> {
        match window {
            Window::Second => self.per_second,
            Window::Minute => self.per_minute,
            Window::Day => self.per_day,
        }
    }

    /// All rates, that of the shortest window first; there is at least one.
    pub fn rates(self) -> impl Iterator<Item = (Window, Rate)> {
        let rate = move |window| self.rate(window).map(|rate| (window, rate));
        Window::ALL.into_iter().filter_map(rate)
    }

    /// Most calls that run at once; none if nothing bounds them.
    pub fn concurrent(self) -> Option<NonZeroU32> {
        self.concurrent
    }
}

/// A policy as it is written, before its bounds are checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unchecked {
    pub(crate) per_second: Option<Rate>,
    pub(crate) per_minute: Option<Rate>,
    pub(crate) per_day: Option<Rate>,
    pub(crate) concurrent: Option<u32>,
}

impl TryFrom<Unchecked> for Policy {
    type Error = PolicyError;

    fn try_from(unchecked: Unchecked) -> Result<Self, PolicyError> {
        let policy = Self {
            per_second: unchecked.per_second,
            per_minute: unchecked.per_minute,
            per_day: unchecked.per_day,
            concurrent: None,
        };
        if policy.rates().next().is_none() {
            return Err(PolicyError::NoRate);
        }
        match unchecked.concurrent {
            Some(calls) => policy.with_concurrent(calls),
            None => Ok(policy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_outside_its_bounds_is_refused_with_its_reason() {
        let over = BURST_MAX + 1;
        assert_eq!(Policy::new(0, 1), Err(PolicyError::Burst(0)));
        assert_eq!(Policy::new(over, 1), Err(PolicyError::Burst(over)));
        assert_eq!(Policy::new(1, 0), Err(PolicyError::Amount(0)));
        assert_eq!(Policy::new(1, over), Err(PolicyError::Amount(over)));
        let policy = Policy::new(BURST_MAX, AMOUNT_MAX).unwrap();
        for calls in [0, CONCURRENT_MAX + 1] {
            let wanted = Err(PolicyError::Concurrent(calls));
            assert_eq!(policy.with_concurrent(calls), wanted);
        }
        assert_eq!(
            PolicyError::Burst(0).to_string(),
            "the burst is 0 units, but has to be from 1 to 1000000"
        );
    }

    #[test]
    fn a_policy_is_read_as_it_is_written() {
        let text = r#"{"per_second":{"amount":5},"per_day":{"amount":9,"burst":2},"concurrent":4}"#;
        let policy = Policy::of(Window::Second, Rate::new(5, 5).unwrap())
            .and(Window::Day, Rate::new(9, 2).unwrap())
            .with_concurrent(4)
            .unwrap();
        let read = |text: &str| serde_json::from_str::<Policy>(text);
        assert_eq!(read(text).unwrap(), policy);
        let written = serde_json::to_string(&policy).unwrap();
        assert_eq!(read(&written).unwrap(), policy);
    }

    #[test]
    fn what_is_no_policy_is_not_read_as_one() {
        for text in [
            "{}",
            r#"{"concurrent":4}"#,
            r#"{"per_minute":{"amount":0}}"#,
            r#"{"per_minute":{"amount":1,"burst":0}}"#,
            r#"{"per_minute":{"amount":1,"bursts":1}}"#,
            r#"{"per_minute":{"amount":1},"concurrent":0}"#,
            r#"{"per_minute":{"amount":1},"per_hour":{"amount":1}}"#,
            r#"{"per_minute":{"amount":1.5}}"#,
            r#"{"per_minute":{"amount":-1}}"#,
        ] {
            assert!(serde_json::from_str::<Policy>(text).is_err(), "{text}");
        }
    }
}
