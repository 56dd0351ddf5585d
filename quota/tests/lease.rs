//! What a holder spends without asking, and when it asks.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use quota::{
    LEASE_LIFE, LEASE_SLACK, Lease, LeaseHolder, LeaseNumber, Policy, Spend, Spent, Unused,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn lease(number: u64, calls: u32) -> Lease {
    Lease {
        number: LeaseNumber::from(number),
        calls,
        remaining: 30,
        reset: Duration::from_secs(4),
        policy: Policy::new(60, 15).unwrap(),
    }
}

fn unused(number: u64, calls: u32) -> Unused {
    Unused {
        number: LeaseNumber::from(number),
        calls,
    }
}

fn spent(outcome: Spend) -> Option<Spent> {
    match outcome {
        Spend::Spent(spent) => Some(spent),
        Spend::NeedLease { .. } => None,
    }
}

#[test]
fn a_holder_without_a_lease_asks_for_one_call() {
    let spend = LeaseHolder::default().spend(START);
    assert_eq!(
        spend,
        Spend::NeedLease {
            want: 1,
            unused: None
        }
    );
}

#[test]
fn a_lease_is_spent_to_its_last_call_and_no_further() {
    let mut holder = LeaseHolder::default();
    assert_eq!(holder.adopt(lease(1, 3), START).spent.remaining, 32);
    assert_eq!(
        spent(holder.spend(START)).map(|spent| spent.remaining),
        Some(31)
    );
    assert_eq!(
        spent(holder.spend(START)).map(|spent| spent.remaining),
        Some(30)
    );
    let over = holder.spend(START);
    assert_eq!(
        over,
        Spend::NeedLease {
            want: 2,
            unused: Some(unused(1, 0))
        }
    );
}

#[test]
fn a_lease_is_over_after_its_life_and_gives_back_the_rest() {
    let mut holder = LeaseHolder::default();
    holder.adopt(lease(1, 5), START);
    let last = START + LEASE_LIFE - SignedDuration::from_micros(1);
    assert!(spent(holder.spend(last)).is_some());
    let over = holder.spend(START + LEASE_LIFE);
    assert_eq!(
        over,
        Spend::NeedLease {
            want: 1,
            unused: Some(unused(1, 3))
        }
    );
}

#[test]
fn what_was_asked_to_be_given_back_is_not_spent_as_well() {
    let mut holder = LeaseHolder::default();
    holder.adopt(lease(1, 5), START);
    holder.spend(START + LEASE_LIFE);
    assert_eq!(
        holder.spend(START),
        Spend::NeedLease {
            want: 1,
            unused: None
        }
    );
}

#[test]
fn a_busy_holder_asks_for_twice_as_many_up_to_the_largest_lease() {
    let mut holder = LeaseHolder::default();
    let mut wants = Vec::new();
    for number in 0..7 {
        let Spend::NeedLease { want, .. } = holder.spend(START) else {
            panic!("it holds nothing")
        };
        wants.push(want);
        holder.adopt(lease(number, want), START);
        for _ in 1..want {
            assert!(spent(holder.spend(START)).is_some());
        }
    }
    assert_eq!(wants, [1, 2, 4, 8, 16, 16, 16]);
}

#[test]
fn a_holder_that_fell_quiet_asks_for_one_call_again() {
    let mut holder = LeaseHolder::default();
    holder.adopt(lease(1, 1), START);
    let spend = holder.spend(START + LEASE_LIFE);
    assert_eq!(
        spend,
        Spend::NeedLease {
            want: 1,
            unused: Some(unused(1, 0))
        }
    );
}

#[test]
fn a_clock_that_steps_back_makes_no_lease_live_longer() {
    let mut holder = LeaseHolder::default();
    holder.adopt(lease(1, 99), START);
    let second = SignedDuration::from_secs(1);
    let spends = (0..20).filter(|_| {
        // The clock goes forward by a second and back again, for ever.
        spent(holder.spend(START + second)).is_some() && spent(holder.spend(START)).is_some()
    });
    assert_eq!(spends.count(), 9);
}

#[test]
fn a_clock_that_is_set_back_ends_the_lease() {
    let mut holder = LeaseHolder::default();
    holder.adopt(lease(1, 9), START);
    let back = START - LEASE_SLACK;
    assert!(spent(holder.spend(back)).is_some());
    let far = back - LEASE_SLACK - SignedDuration::from_micros(1);
    assert_eq!(
        holder.spend(far),
        Spend::NeedLease {
            want: 1,
            unused: Some(unused(1, 7))
        }
    );
}

#[test]
fn of_two_leases_asked_for_at_once_the_smaller_is_surplus() {
    let mut holder = LeaseHolder::default();
    assert_eq!(holder.adopt(lease(1, 4), START).surplus, None);
    assert_eq!(holder.adopt(lease(2, 2), START).surplus, Some(unused(2, 1)));
    assert_eq!(holder.adopt(lease(3, 9), START).surplus, Some(unused(1, 3)));
    assert_eq!(holder.give_up(), Some(unused(3, 8)));
    assert_eq!(holder.give_up(), None);
}

#[test]
fn the_time_to_the_next_call_runs_down_while_the_lease_lives() {
    let mut holder = LeaseHolder::default();
    holder.adopt(lease(1, 9), START);
    let reset = |ms| {
        let mut holder = holder.clone();
        spent(holder.spend(START + SignedDuration::from_millis(ms)))
            .unwrap()
            .reset
            .as_secs()
    };
    assert_eq!([0, 1, 3_000, 3_500, 9_000].map(reset), [4, 4, 1, 1, 0]);
}
