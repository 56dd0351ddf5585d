//! The response fields that tell a client its limits
//! (draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4).

use std::fmt::Write;
use std::time::Duration;

use crate::{Family, Limit, Policy, Rate, Refused, Spent, Standing, Window};

/// The values of `RateLimit-Policy` and `RateLimit`: Lists of Structured
/// Fields (RFC 9651). The first has an Item for each limit of the family, the
/// second one for the limit that binds first.
///
/// A bucket has no window of its own. We say what is true of it: `q` is the
/// burst, `w` the seconds after which an empty bucket is full again, rounded
/// up; so `q` units in every `w` seconds are never too many. `r` is what is
/// left, and `t` the seconds until there may be more, within which no more
/// than `r` units get through. The unit is the draft's default, requests, of
/// which a heavy call counts for several; where it is the calls that run at
/// once, `qu` says so.
///
/// A limit is named after its family and itself; one that is alone, after its
/// family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimitFields {
    /// The value of `RateLimit`.
    pub limit: String,
    /// The value of `RateLimit-Policy`.
    pub policy: String,
}

impl RateLimitFields {
    /// The fields for an answer that leaves so much of this family.
    pub fn new(family: &Family, policy: Policy, standing: Standing) -> Self {
        let limit = standing.limit;
        let most = most(policy, limit).unwrap_or(standing.remaining);
        let remaining = standing.remaining.min(most);
        let reset = seconds(standing.reset);
        Self {
            limit: format!("{};r={remaining};t={reset}", name(family, policy, limit)),
            policy: list(family, policy),
        }
    }

    /// The fields of a policy that lets `quota` requests through in `window` seconds,
    /// when `remaining` are left for `reset` seconds.
    pub(crate) fn named(
        name: &str,
        (quota, window): (u32, u64),
        (remaining, reset): (u32, u64),
    ) -> Self {
        Self {
            limit: format!("\"{name}\";r={remaining};t={reset}"),
            policy: format!("\"{name}\";q={quota};w={window}"),
        }
    }

    /// The response fields: those of the draft, and on a refusal `Retry-After`, in
    /// seconds.
    pub fn of_response(
        self,
        retry_after_s: Option<u64>,
    ) -> impl Iterator<Item = (&'static str, String)> {
        [("ratelimit", self.limit), ("ratelimit-policy", self.policy)]
            .into_iter()
            .chain(retry_after_s.map(|wait| ("retry-after", wait.to_string())))
    }
}

impl From<&Spent> for RateLimitFields {
    fn from(spent: &Spent) -> Self {
        Self::new(&spent.family, spent.policy, spent.standing)
    }
}

impl From<&Refused> for RateLimitFields {
    fn from(refused: &Refused) -> Self {
        Self::new(&refused.family, refused.policy, refused.standing)
    }
}

/// The value of `RateLimit-Policy`.
fn list(family: &Family, policy: Policy) -> String {
    let mut list = String::new();
    for (window, rate) in policy.rates() {
        let comma = if list.is_empty() { "" } else { ", " };
        let name = name(family, policy, Limit::Rate(window));
        let (burst, fill) = (rate.burst(), fill_seconds(window, rate));
        // Writing into a string cannot fail.
        let _ = write!(list, "{comma}{name};q={burst};w={fill}");
    }
    if let Some(most) = policy.concurrent() {
        let name = name(family, policy, Limit::Concurrent);
        let _ = write!(list, ", {name};q={most};qu=\"concurrent-requests\"");
    }
    list
}

/// The name of a limit, as a String.
fn name(family: &Family, policy: Policy, limit: Limit) -> String {
    let limits = policy.rates().count() + usize::from(policy.concurrent().is_some());
    if limits == 1 {
        return format!("\"{family}\"");
    }
    format!("\"{family}.{}\"", limit.name())
}

/// The most that there can be of it.
fn most(policy: Policy, limit: Limit) -> Option<u32> {
    let most = match limit {
        Limit::Rate(window) => policy.rate(window)?.burst(),
        Limit::Concurrent => policy.concurrent()?,
    };
    Some(most.get())
}

/// After how many seconds an empty bucket is full.
fn fill_seconds(window: Window, rate: Rate) -> u64 {
    let (burst, amount) = (
        u64::from(rate.burst().get()),
        u64::from(rate.amount().get()),
    );
    (burst * window.length().as_secs()).div_ceil(amount)
}

fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(limit: Limit, remaining: u32) -> Standing {
        Standing {
            limit,
            remaining,
            reset: Duration::from_millis(4_001),
        }
    }

    fn fields(policy: Policy, standing: Standing) -> RateLimitFields {
        RateLimitFields::new(&Family::default(), policy, standing)
    }

    #[test]
    fn the_fields_say_what_the_bucket_does() {
        for (burst, per_minute, wanted) in [
            (60, 120, "\"calls\";q=60;w=30"),
            (10, 60, "\"calls\";q=10;w=10"),
            (1, 1_000_000, "\"calls\";q=1;w=1"),
            (10, 7, "\"calls\";q=10;w=86"),
            (1_000_000, 1, "\"calls\";q=1000000;w=60000000"),
        ] {
            let policy = Policy::new(burst, per_minute).unwrap();
            let fields = fields(policy, standing(Limit::Rate(Window::Minute), 0));
            assert_eq!(fields.policy, wanted);
            assert_eq!(fields.limit, "\"calls\";r=0;t=5");
        }
    }

    #[test]
    fn every_limit_is_listed_and_the_one_that_binds_is_told() {
        let rate = |amount, burst| Rate::new(amount, burst).unwrap();
        let policy = Policy::new(60, 120)
            .unwrap()
            .and(Window::Day, rate(1_000, 500))
            .and(Window::Second, rate(5, 10))
            .with_concurrent(4)
            .unwrap();
        let listed = "\"calls.per_second\";q=10;w=2, \"calls.per_minute\";q=60;w=30, \
            \"calls.per_day\";q=500;w=43200, \"calls.concurrent\";q=4;qu=\"concurrent-requests\"";
        for (limit, remaining, told) in [
            (Limit::Rate(Window::Day), 9, "\"calls.per_day\";r=9;t=5"),
            (
                Limit::Rate(Window::Second),
                99,
                "\"calls.per_second\";r=10;t=5",
            ),
            (Limit::Concurrent, 0, "\"calls.concurrent\";r=0;t=5"),
        ] {
            let fields = fields(policy, standing(limit, remaining));
            assert_eq!(fields.policy, listed);
            assert_eq!(fields.limit, told);
        }
    }

    #[test]
    fn no_more_is_said_to_be_left_than_the_burst() {
        let policy = Policy::new(5, 60).unwrap();
        let fields = fields(policy, standing(Limit::Rate(Window::Minute), 9));
        assert_eq!(fields.limit, "\"calls\";r=5;t=5");
    }
}
