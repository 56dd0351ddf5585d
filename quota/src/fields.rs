//! The response fields that tell a client its limits
//! (draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4).

use std::time::Duration;

use crate::{Policy, Spent};

/// The name of a user's policy in both fields.
pub const POLICY_NAME: &str = "calls";

/// The values of `RateLimit-Policy` and `RateLimit`: Lists of Structured
/// Fields with one Item each (RFC 9651).
///
/// A bucket has no window of its own. We say what is true of it: `q` is the
/// burst, `w` the seconds after which an empty bucket is full again, rounded
/// up; so `q` calls in every `w` seconds are never too many. `r` is what is
/// left, and `t` the seconds until there may be more, within which no more
/// than `r` calls get through. The unit is the draft's default, requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimitFields {
    /// The value of `RateLimit`.
    pub limit: String,
    /// The value of `RateLimit-Policy`.
    pub policy: String,
}

impl RateLimitFields {
    /// The fields for an answer that leaves `remaining` calls.
    pub fn new(policy: Policy, remaining: u32, reset: Duration) -> Self {
        let burst = policy.burst().get();
        let window = (u64::from(burst) * 60).div_ceil(policy.per_minute().get().into());
        let reset = reset.as_secs() + u64::from(reset.subsec_nanos() > 0);
        Self::named(POLICY_NAME, (burst, window), (remaining.min(burst), reset))
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
        &self,
        retry_after_s: Option<u64>,
    ) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("ratelimit", self.limit.clone()),
            ("ratelimit-policy", self.policy.clone()),
        ]
        .into_iter()
        .chain(retry_after_s.map(|wait| ("retry-after", wait.to_string())))
    }
}

impl From<Spent> for RateLimitFields {
    fn from(spent: Spent) -> Self {
        Self::new(spent.policy, spent.remaining, spent.reset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let fields = RateLimitFields::new(policy, 0, Duration::from_millis(4_001));
            assert_eq!(fields.policy, wanted);
            assert_eq!(fields.limit, "\"calls\";r=0;t=5");
        }
    }

    #[test]
    fn no_more_is_said_to_be_left_than_the_burst() {
        let policy = Policy::new(5, 60).unwrap();
        let fields = RateLimitFields::new(policy, 9, Duration::ZERO);
        assert_eq!(fields.limit, "\"calls\";r=5;t=0");
    }
}
