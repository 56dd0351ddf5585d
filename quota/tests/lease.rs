//! What a holder spends without asking, and when it asks.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use quota::{
    Adopted, Family, LEASE_BRISK, LEASE_CALLS_MAX, LEASE_CALLS_USUAL, LEASE_IDLE_MAX, LEASE_LIFE,
    LEASE_MINOR_SHARE, LEASE_SLACK, Lease, LeaseHolder, LeaseNumber, Limit, NEWS_AGE_MAX, Policy,
    Revision, Spend, Spent, Standing, Unused, Weight, Window,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// The news that every caller has, where nothing else is said.
const NEWS: Option<Revision> = Some(Revision(1));

fn lease(number: u64, units: u32) -> Lease {
    Lease {
        number: LeaseNumber::from(number),
        revision: Revision(1),
        units,
        standing: Standing {
            limit: Limit::Rate(Window::Minute),
            remaining: 30,
            reset: Duration::from_secs(4),
        },
        family: Family::default(),
        policy: Policy::new(60, 15).unwrap(),
    }
}

fn unused(number: u64, units: u32) -> Unused {
    Unused {
        number: LeaseNumber::from(number),
        units,
    }
}

fn need(want: u32, unused: Option<Unused>) -> Spend {
    Spend::NeedLease {
        want,
        unused,
        slot: None,
    }
}

fn weight(units: u32) -> Weight {
    Weight::try_from(units).unwrap()
}

/// Of holders whose calls all weigh one unit.
trait Plain {
    fn spend1(&mut self, now: Timestamp) -> Spend;
    fn adopt1(&mut self, lease: Lease, asked: Timestamp) -> Adopted;
}

impl Plain for LeaseHolder {
    fn spend1(&mut self, now: Timestamp) -> Spend {
        self.spend(now, Weight::ONE, NEWS)
    }

    fn adopt1(&mut self, lease: Lease, asked: Timestamp) -> Adopted {
        self.adopt(lease, asked, Weight::ONE)
    }
}

fn spent(outcome: Spend) -> Option<Spent> {
    match outcome {
        Spend::Spent(spent) => Some(spent),
        Spend::NeedLease { .. } | Spend::Refused(_) => None,
    }
}

#[test]
fn a_holder_without_a_lease_asks_for_one_call() {
    let spend = LeaseHolder::default().spend1(START);
    assert_eq!(spend, need(1, None));
}

#[test]
fn a_lease_is_spent_to_its_last_call_and_no_further() {
    let mut holder = LeaseHolder::default();
    assert_eq!(
        holder.adopt1(lease(1, 3), START).spent.standing.remaining,
        32
    );
    assert_eq!(
        spent(holder.spend1(START)).map(|spent| spent.standing.remaining),
        Some(31)
    );
    assert_eq!(
        spent(holder.spend1(START)).map(|spent| spent.standing.remaining),
        Some(30)
    );
    let over = holder.spend1(START);
    assert_eq!(over, need(6, Some(unused(1, 0))));
}

#[test]
fn a_lease_is_over_after_its_life_and_gives_back_the_rest() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 5), START);
    let last = START + LEASE_LIFE - SignedDuration::from_micros(1);
    assert!(spent(holder.spend1(last)).is_some());
    let over = holder.spend1(START + LEASE_LIFE);
    assert_eq!(over, need(2, Some(unused(1, 3))));
}

#[test]
fn what_was_asked_to_be_given_back_is_not_spent_as_well() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 5), START);
    holder.spend1(START + LEASE_LIFE);
    assert_eq!(holder.spend1(START), need(1, None));
}

/// What a holder asks for that spends each of so many leases to its end, for so long,
/// while so many units are left.
fn wants(leases: u64, takes: Duration, remaining: u32) -> Vec<u32> {
    let mut holder = LeaseHolder::default();
    let mut now = START;
    let want = |number| {
        let Spend::NeedLease { want, .. } = holder.spend1(now) else {
            panic!("it holds nothing")
        };
        let mut lease = lease(number, want);
        lease.standing.remaining = remaining;
        holder.adopt1(lease, now);
        now += takes;
        for _ in 1..want {
            assert!(spent(holder.spend1(now)).is_some());
        }
        want
    };
    (0..leases).map(want).collect()
}

#[test]
fn a_busy_holder_asks_for_twice_as_many_up_to_the_usual_lease() {
    let few = LEASE_MINOR_SHARE * LEASE_CALLS_USUAL;
    let wants = wants(7, LEASE_BRISK, few);
    assert_eq!(wants, [1, 2, 4, 8, 16, 32, 32]);
    assert_eq!(wants.last(), Some(&LEASE_CALLS_USUAL));
}

#[test]
fn a_busy_holder_may_have_what_nobody_misses() {
    for (remaining, most) in [(LEASE_MINOR_SHARE * 100, 100), (u32::MAX, LEASE_CALLS_MAX)] {
        let wants = wants(10, LEASE_BRISK, remaining);
        assert_eq!(wants.last(), Some(&most), "of {remaining}");
    }
}

#[test]
fn a_brisk_holder_asks_for_twice_as_many_up_to_the_largest_lease() {
    let brisk = LEASE_BRISK.checked_sub(Duration::from_micros(1)).unwrap();
    let wants = wants(10, brisk, 0);
    assert_eq!(wants, [1, 2, 4, 8, 16, 32, 64, 128, 256, 256]);
    assert_eq!(wants.last(), Some(&LEASE_CALLS_MAX));
}

#[test]
fn a_holder_that_is_no_longer_brisk_keeps_its_pace_and_then_asks_for_what_it_spent() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(2, 64), START);
    for _ in 1..64 {
        assert!(spent(holder.spend1(START)).is_some());
    }
    let slow = holder.spend1(START + LEASE_BRISK);
    assert_eq!(slow, need(64, Some(unused(2, 0))));
    holder.adopt1(lease(3, 64), START);
    assert!(spent(holder.spend1(START)).is_some());
    let over = holder.spend1(START + LEASE_LIFE);
    assert_eq!(over, need(2, Some(unused(3, 62))));
}

#[test]
fn a_holder_that_fell_quiet_asks_for_one_call_again() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 1), START);
    let spend = holder.spend1(START + LEASE_LIFE);
    assert_eq!(spend, need(1, Some(unused(1, 0))));
}

#[test]
fn a_clock_that_steps_back_makes_no_lease_live_longer() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 99), START);
    let second = SignedDuration::from_secs(1);
    let spends = (0..20).filter(|_| {
        // The clock goes forward by a second and back again, for ever.
        spent(holder.spend1(START + second)).is_some() && spent(holder.spend1(START)).is_some()
    });
    assert_eq!(spends.count(), 9);
}

#[test]
fn a_clock_that_is_set_back_ends_the_lease() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 9), START);
    let back = START - LEASE_SLACK;
    assert!(spent(holder.spend1(back)).is_some());
    let far = back - LEASE_SLACK - SignedDuration::from_micros(1);
    assert_eq!(holder.spend1(far), need(2, Some(unused(1, 7))));
}

#[test]
fn of_two_leases_asked_for_at_once_the_smaller_is_surplus() {
    let mut holder = LeaseHolder::default();
    assert_eq!(holder.adopt1(lease(1, 4), START).surplus, None);
    assert_eq!(
        holder.adopt1(lease(2, 2), START).surplus,
        Some(unused(2, 1))
    );
    assert_eq!(
        holder.adopt1(lease(3, 9), START).surplus,
        Some(unused(1, 3))
    );
    assert_eq!(holder.give_up(), Some(unused(3, 8)));
    assert_eq!(holder.give_up(), None);
}

#[test]
fn the_time_to_the_next_call_runs_down_while_the_lease_lives() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 9), START);
    let reset = |ms| {
        let mut holder = holder.clone();
        spent(holder.spend1(START + SignedDuration::from_millis(ms)))
            .unwrap()
            .standing
            .reset
            .as_secs()
    };
    assert_eq!([0, 1, 3_000, 3_500, 9_000].map(reset), [4, 4, 1, 1, 0]);
}

#[test]
fn who_does_not_use_up_a_lease_asks_for_as_much_as_it_spent() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 32), START);
    for _ in 1..7 {
        holder.spend1(START);
    }
    assert_eq!(
        holder.spend1(START + LEASE_LIFE),
        need(7, Some(unused(1, 25)))
    );
}

#[test]
fn a_heavy_call_takes_its_weight_or_asks_for_it() {
    let mut holder = LeaseHolder::default();
    assert_eq!(holder.spend(START, weight(5), NEWS), need(5, None));
    let adopted = holder.adopt(lease(1, 20), START, weight(5));
    assert_eq!(adopted.spent.standing.remaining, 30 + 15);
    let left = |spend| spent(spend).map(|spent| spent.standing.remaining);
    assert_eq!(left(holder.spend(START, weight(12), NEWS)), Some(33));
    assert_eq!(left(holder.spend1(START)), Some(32));
    // Two units are not enough, and are given back.
    let short = holder.spend(START, weight(5), NEWS);
    assert_eq!(short, need(40, Some(unused(1, 2))));
}

#[test]
fn a_lease_of_an_earlier_revision_is_over_as_soon_as_that_is_known() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 9), START);
    assert!(spent(holder.spend(START, Weight::ONE, Some(Revision(0)))).is_some());
    let over = holder.spend(START, Weight::ONE, Some(Revision(2)));
    assert_eq!(over, need(2, Some(unused(1, 7))));
}

#[test]
fn who_has_no_news_spends_from_a_lease_only_as_long_as_none_is_needed() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 9), START);
    let last = START + NEWS_AGE_MAX - SignedDuration::from_micros(1);
    assert!(spent(holder.spend(last, Weight::ONE, None)).is_some());
    // Whoever has news can go on with it.
    assert!(spent(holder.clone().spend1(START + NEWS_AGE_MAX)).is_some());
    let over = holder.spend(START + NEWS_AGE_MAX, Weight::ONE, None);
    assert_eq!(over, need(2, Some(unused(1, 7))));
}

#[test]
fn a_newer_lease_takes_the_place_of_one_of_an_earlier_revision() {
    let mut holder = LeaseHolder::default();
    holder.adopt1(lease(1, 9), START);
    let newer = Lease {
        revision: Revision(2),
        ..lease(2, 2)
    };
    assert_eq!(holder.adopt1(newer, START).surplus, Some(unused(1, 8)));
}

#[test]
fn a_call_that_was_not_made_is_refunded_to_its_lease_and_to_no_other() {
    let mut holder = LeaseHolder::default();
    let first = holder.adopt(lease(1, 9), START, weight(3)).spent;
    holder.refund(&first);
    assert_eq!(holder.give_up(), Some(unused(1, 9)));
    holder.refund(&first);
    holder.adopt1(lease(2, 9), START);
    holder.refund(&first);
    assert_eq!(holder.give_up(), Some(unused(2, 8)));
}

#[test]
fn a_lease_that_lies_idle_is_given_up() {
    let mut holder = LeaseHolder::default();
    assert_eq!(holder.give_up_idle(START), None);
    holder.adopt1(lease(1, 9), START);
    let second = SignedDuration::from_secs(1);
    assert!(spent(holder.spend1(START + second)).is_some());
    assert_eq!(holder.give_up_idle(START + LEASE_IDLE_MAX), None);
    let idle = holder.give_up_idle(START + second + LEASE_IDLE_MAX);
    assert_eq!(idle, Some(unused(1, 7)));
}
