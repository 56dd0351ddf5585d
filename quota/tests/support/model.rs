//! The judge: a model that knows nothing of leases, only the true times of calls
//! and the sums that a policy permits.

use proptest::prelude::*;
use quota::{Policy, Rate, Window};

/// A call that was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    /// When, in milliseconds of true time.
    pub(crate) at_ms: i64,
    /// What it weighed.
    pub(crate) units: u32,
    /// The revision it was admitted under.
    pub(crate) revision: u64,
}

/// A bucket as anybody would write it down. Its parts: as many to a unit as the
/// window has milliseconds, and the amount of the rate a millisecond.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    window_ms: i64,
    full: i64,
    amount: i64,
    level: i64,
    at_ms: i64,
}

impl Bucket {
    /// A full one.
    pub(crate) fn full(window: Window, rate: Rate, at_ms: i64) -> Self {
        let window_ms = i64::try_from(window.length().as_millis()).unwrap();
        let full = i64::from(rate.burst().get()) * window_ms;
        Self {
            window_ms,
            full,
            amount: rate.amount().get().into(),
            level: full,
            at_ms,
        }
    }

    /// All of a policy.
    pub(crate) fn all(policy: Policy, at_ms: i64) -> Vec<Self> {
        let rates = policy.rates();
        let full = |(window, rate)| Self::full(window, rate, at_ms);
        rates.map(full).collect()
    }

    /// Time passes; none for a moment that is past.
    pub(crate) fn pass(&mut self, at_ms: i64) {
        let passed = (at_ms - self.at_ms).max(0);
        self.level = self.full.min(self.level + passed * self.amount);
        self.at_ms += passed;
    }

    /// Whether so many units are there.
    pub(crate) fn has(&self, units: u32) -> bool {
        self.level >= i64::from(units) * self.window_ms
    }

    /// Takes them, whether they are there or not.
    pub(crate) fn take(&mut self, units: u32) {
        self.level -= i64::from(units) * self.window_ms;
    }
}

/// In each span of time from then on, each bucket permits the units that were spent.
pub(crate) fn judge(made: &[Made], policy: Policy, from_ms: i64) -> Result<(), TestCaseError> {
    let mut buckets = Bucket::all(policy, from_ms);
    for call in made {
        for bucket in &mut buckets {
            bucket.pass(call.at_ms);
            prop_assert!(
                bucket.has(call.units),
                "{call:?} is too many for {bucket:?}"
            );
            bucket.take(call.units);
        }
    }
    Ok(())
}

/// The policy that has the larger numbers of both, of windows that both have.
pub(crate) fn widest(one: Policy, other: Policy) -> Policy {
    let both = one.rates().filter_map(|(window, rate)| {
        let also = other.rate(window)?;
        let amount = rate.amount().max(also.amount()).get();
        let burst = rate.burst().max(also.burst()).get();
        Some((window, Rate::new(amount, burst).unwrap()))
    });
    let and = |policy: Policy, (window, rate)| policy.and(window, rate);
    both.fold(one, and)
}

/// Any policy of these windows, without a bound on calls at once.
pub(crate) fn policy_of(windows: Vec<Window>) -> impl Strategy<Value = Policy> {
    let rate = |amount: std::ops::Range<u32>| (amount, prop_oneof![1..12_u32, 1..200_u32]);
    let slow = rate(1..60);
    let rates = (
        rate(1..30),
        prop_oneof![slow, rate(60..6_000)],
        rate(1..5_000),
    );
    rates.prop_map(move |(second, minute, day)| {
        let rate = |window| {
            let (amount, burst) = match window {
                Window::Second => second,
                Window::Minute => minute,
                Window::Day => day,
            };
            Rate::new(amount, burst).unwrap()
        };
        let mut windows = windows.iter().copied();
        let first = windows.next().unwrap();
        let policy = Policy::of(first, rate(first));
        windows.fold(policy, |policy, window| policy.and(window, rate(window)))
    })
}

/// Any windows, at least one.
pub(crate) fn windows() -> impl Strategy<Value = Vec<Window>> {
    proptest::sample::subsequence(Window::ALL.to_vec(), 1..=3)
}

/// Any policy.
pub(crate) fn policy() -> impl Strategy<Value = Policy> {
    windows().prop_flat_map(policy_of)
}
