//! What the ledger grants, refuses and takes back.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use quota::{
    Ask, LEASE_CALLS_MAX, LEASE_LIFE, LEASE_SLACK, LEASES_MAX, LEDGER_LAG_MAX, Lease, Ledger,
    Policies, Policy, Refused, Revision, Unused,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn at_ms(ms: i64) -> Timestamp {
    START + SignedDuration::from_millis(ms)
}

fn policy(burst: u32, per_minute: u32) -> Policy {
    Policy::new(burst, per_minute).unwrap()
}

fn of(policy: Policy) -> Policies {
    Policies::one(Revision(0), policy)
}

fn take(ledger: &mut Ledger, policy: Policy, now: Timestamp, want: u32) -> Result<Lease, Refused> {
    ledger.take(&of(policy), now, &Ask { want, ..Ask::one() })
}

fn wait_s(refused: &Refused) -> u64 {
    refused.retry_after.unwrap().as_secs()
}

fn take_singly(ledger: &mut Ledger, policy: Policy, now: Timestamp) -> u32 {
    let mut taken = 0;
    while take(ledger, policy, now, 1).is_ok() {
        taken += 1;
    }
    taken
}

fn unused(lease: &Lease, units: u32) -> Unused {
    Unused {
        number: lease.number,
        units,
    }
}

#[test]
fn a_new_ledger_holds_the_burst_and_not_one_call_more() {
    let policy = policy(7, 60);
    let mut ledger = Ledger::new(START);
    assert_eq!(take_singly(&mut ledger, policy, START), 7);
}

#[test]
fn calls_come_back_at_the_rate_and_stop_at_the_burst() {
    let policy = policy(7, 60);
    for (ms, wanted) in [(999, 0), (1_000, 1), (2_999, 2), (7_000, 7), (3_600_000, 7)] {
        let mut ledger = Ledger::new(START);
        take_singly(&mut ledger, policy, START);
        assert_eq!(
            take_singly(&mut ledger, policy, at_ms(ms)),
            wanted,
            "after {ms} ms"
        );
    }
}

#[test]
fn no_part_of_a_call_is_lost_however_often_the_ledger_is_asked() {
    let policy = policy(10, 7);
    let mut ledger = Ledger::new(START);
    take_singly(&mut ledger, policy, START);
    let taken: u32 = (1..=60_000)
        .step_by(17)
        .chain([60_000])
        .map(|ms| take_singly(&mut ledger, policy, at_ms(ms)))
        .sum();
    assert_eq!(taken, 7);
}

#[test]
fn a_lease_is_a_quarter_of_what_is_left_and_has_a_largest_size() {
    for (burst, want, wanted) in [
        (1, 16, 1),
        (7, 16, 1),
        (8, 16, 2),
        (40, 16, 10),
        (1_000, 16, 16),
        (1_025, u32::MAX, LEASE_CALLS_MAX),
        (100, 32, 25),
        (1_000, 3, 3),
        (1_000, 0, 1),
    ] {
        let policy = policy(burst, 60);
        let lease = take(&mut Ledger::new(START), policy, START, want).unwrap();
        assert_eq!(lease.units, wanted, "{want} of {burst}");
        assert_eq!(lease.standing.remaining, burst - wanted);
    }
}

#[test]
fn who_is_refused_is_told_the_whole_second_at_which_a_call_is_left() {
    for (per_minute, ms, wanted) in [
        (60, 0, 1),
        (60, 999, 1),
        (61, 0, 1),
        (59, 0, 2),
        (7, 0, 9),
        (7, 8_000, 1),
        (1, 500, 60),
    ] {
        let policy = policy(3, per_minute);
        let mut ledger = Ledger::new(START);
        take_singly(&mut ledger, policy, START);
        let refused = take(&mut ledger, policy, at_ms(ms), 1).unwrap_err();
        assert_eq!(wait_s(&refused), wanted);
        assert_eq!(refused.standing.reset, Duration::from_secs(wanted));
        let later = at_ms(ms) + SignedDuration::from_secs(wanted.cast_signed());
        assert!(
            take(&mut ledger, policy, later, 1).is_ok(),
            "{per_minute} a minute at {ms} ms"
        );
    }
}

#[test]
fn unused_calls_can_be_taken_again() {
    let policy = policy(40, 60);
    let mut ledger = Ledger::new(START);
    let lease = take(&mut ledger, policy, START, 16).unwrap();
    assert_eq!(ledger.give_back(&of(policy), START, unused(&lease, 9)), 9);
    assert_eq!(take_singly(&mut ledger, policy, START), 39);
}

#[test]
fn a_lease_gives_back_once_and_no_more_than_it_was() {
    let policy = policy(40, 60);
    let mut ledger = Ledger::new(START);
    let lease = take(&mut ledger, policy, START, 16).unwrap();
    assert_eq!(
        ledger.give_back(&of(policy), START, unused(&lease, u32::MAX)),
        9
    );
    assert_eq!(ledger.give_back(&of(policy), START, unused(&lease, 9)), 0);
}

#[test]
fn giving_back_never_fills_the_ledger_above_the_burst() {
    let policy = policy(40, 600);
    let mut ledger = Ledger::new(START);
    let lease = take(&mut ledger, policy, START, 16).unwrap();
    ledger.give_back(&of(policy), at_ms(9_000), unused(&lease, 9));
    assert_eq!(take_singly(&mut ledger, policy, at_ms(9_000)), 40);
}

/// Otherwise a holder could spend its lease at the moment the refilled ledger
/// hands out a whole burst.
#[test]
fn calls_that_are_out_leave_no_room_for_new_ones() {
    let policy = policy(40, 600);
    let mut ledger = Ledger::new(START);
    let lease = take(&mut ledger, policy, START, 16).unwrap();
    assert_eq!(lease.units, 10);
    assert_eq!(take_singly(&mut ledger, policy, at_ms(9_000)), 40 - 9);
}

#[test]
fn a_lease_that_is_over_counts_as_spent_and_gives_back_nothing() {
    let policy = policy(40, 600);
    let mut ledger = Ledger::new(START);
    let lease = take(&mut ledger, policy, START, 16).unwrap();
    let over = START + LEASE_LIFE + LEASE_SLACK;
    assert_eq!(ledger.give_back(&of(policy), over, unused(&lease, 9)), 0);
    assert_eq!(
        take_singly(&mut ledger, policy, over + SignedDuration::from_secs(1)),
        40
    );
}

/// A holder's clock may have been set back unnoticed meanwhile.
#[test]
fn a_lease_is_out_for_its_life_and_the_slack() {
    let policy = policy(40, 600);
    let mut ledger = Ledger::new(START);
    take(&mut ledger, policy, START, 16).unwrap();
    let last = START + LEASE_LIFE + LEASE_SLACK - SignedDuration::from_micros(1);
    assert_eq!(take_singly(&mut ledger, policy, last), 40 - 9);
}

#[test]
fn a_full_ledger_has_no_reset_and_another_says_when_the_next_call_comes() {
    let policy = policy(40, 30);
    let mut ledger = Ledger::new(START);
    assert_eq!(
        take(&mut ledger, policy, START, 1).unwrap().standing.reset,
        Duration::from_secs(2)
    );
    assert_eq!(
        take(&mut ledger, policy, at_ms(1_500), 1)
            .unwrap()
            .standing
            .reset,
        Duration::from_secs(1)
    );
}

#[test]
fn a_clock_that_is_a_little_behind_brings_nothing_and_costs_nothing() {
    let policy = policy(5, 60);
    let mut ledger = Ledger::new(START);
    take_singly(&mut ledger, policy, START);
    let admitted = [3_000, -5_000, 3_000, 0, 2_999, 3_000]
        .map(|ms| take(&mut ledger, policy, at_ms(ms), 1).is_ok());
    assert_eq!(admitted, [true, true, true, false, false, false]);
}

#[test]
fn a_refusal_by_a_late_clock_still_names_the_right_wait() {
    let policy = policy(5, 60);
    let mut ledger = Ledger::new(START);
    take_singly(&mut ledger, policy, START);
    let refused = take(&mut ledger, policy, at_ms(-30_000), 1).unwrap_err();
    assert_eq!(wait_s(&refused), 31);
    assert!(take(&mut ledger, policy, at_ms(1_000), 1).is_ok());
}

#[test]
fn a_clock_that_was_set_back_far_locks_nobody_out() {
    let policy = policy(5, 60);
    let mut ledger = Ledger::new(START);
    take_singly(&mut ledger, policy, START);
    let back = START - LEDGER_LAG_MAX - SignedDuration::from_hours(24);
    assert_eq!(wait_s(&take(&mut ledger, policy, back, 1).unwrap_err()), 1);
    assert!(take(&mut ledger, policy, back + SignedDuration::from_secs(1), 1).is_ok());
}

#[test]
fn a_smaller_burst_holds_at_once_and_a_larger_one_has_to_fill() {
    let (wide, narrow) = (policy(20, 60), policy(4, 60));
    let mut ledger = Ledger::new(START);
    take(&mut ledger, wide, START, 1).unwrap();
    assert_eq!(take_singly(&mut ledger, narrow, START), 4);
    let mut ledger = Ledger::new(START);
    take(&mut ledger, narrow, START, 1).unwrap();
    assert_eq!(take_singly(&mut ledger, wide, START), 3);
    assert_eq!(take_singly(&mut ledger, wide, at_ms(20_000)), 20);
}

#[test]
fn a_new_rate_does_not_speak_for_the_time_before_it() {
    let (slow, fast) = (policy(20, 6), policy(20, 600));
    let mut ledger = Ledger::new(START);
    take_singly(&mut ledger, slow, START);
    assert_eq!(take_singly(&mut ledger, fast, at_ms(10_000)), 1);
    assert_eq!(take_singly(&mut ledger, fast, at_ms(11_000)), 10);
}

#[test]
fn the_leases_a_ledger_remembers_are_bounded() {
    let policy = policy(1_000_000, 1);
    let mut ledger = Ledger::new(START);
    let mut first = None;
    for _ in 0..LEASES_MAX * 3 {
        let lease = take(&mut ledger, policy, START, 16).unwrap();
        first.get_or_insert(lease);
    }
    let stored = serde_json::to_string(&ledger).unwrap();
    assert!(stored.len() < 100 * LEASES_MAX, "{} bytes", stored.len());
    assert_eq!(
        ledger.give_back(&of(policy), START, unused(&first.unwrap(), 15)),
        0
    );
}

#[test]
fn a_ledger_survives_being_stored() {
    let policy = policy(1_000_000, 1_000_000);
    let mut ledger = Ledger::new(START);
    take(&mut ledger, policy, START, 16).unwrap();
    let stored = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&stored).unwrap(), ledger);
    // Numbers in a store may be IEEE 754 doubles, exact up to 2^53.
    let number = |word: &str| word.parse::<u64>().unwrap_or(0);
    let words = stored.split(|char: char| !char.is_ascii_digit());
    assert!(words.map(number).all(|number| number < 1 << 53), "{stored}");
}

#[test]
fn no_time_makes_the_ledger_panic() {
    let policy = policy(1_000_000, 1_000_000);
    let mut ledger = Ledger::new(Timestamp::MIN);
    for now in [
        Timestamp::MAX,
        Timestamp::MIN,
        Timestamp::UNIX_EPOCH,
        Timestamp::MAX,
    ] {
        let lease = take(&mut ledger, policy, now, 16).unwrap();
        ledger.give_back(&of(policy), now, unused(&lease, 1));
    }
}

#[test]
fn a_ledger_is_full_when_every_call_is_back_and_none_is_out() {
    let policy = policy(8, 60);
    let mut ledger = Ledger::new(START);
    assert!(ledger.is_full(&of(policy), START));
    take(&mut ledger, policy, START, 1).unwrap();
    assert!(!ledger.is_full(&of(policy), at_ms(999)));
    assert!(ledger.is_full(&of(policy), at_ms(1_000)));
    // What is out may still be spent, though the rest of the bucket is full.
    let lease = take(&mut ledger, policy, at_ms(1_000), 2).unwrap();
    assert_eq!(lease.units, 2);
    let over = LEASE_LIFE + LEASE_SLACK;
    let over_ms = 1_000 + i64::try_from(over.as_millis()).unwrap();
    assert!(!ledger.is_full(&of(policy), at_ms(over_ms - 1)));
    assert!(ledger.is_full(&of(policy), at_ms(over_ms + 2_000)));
    // A larger burst than when it was last touched is not there yet.
    let larger = Policy::new(80, 60).unwrap();
    assert!(!ledger.is_full(&of(larger), at_ms(over_ms + 2_000)));
}

#[test]
fn a_lease_of_a_ledger_that_was_forgotten_gives_nothing_back_to_the_next() {
    let policy = policy(40, 60);
    let old = take(&mut Ledger::new(START), policy, START, 8).unwrap();
    let later = at_ms(86_400_000);
    let mut ledger = Ledger::new(later);
    let new = take(&mut ledger, policy, later, 8).unwrap();
    assert_eq!(ledger.give_back(&of(policy), later, unused(&old, 7)), 0);
    assert_eq!(ledger.give_back(&of(policy), later, unused(&new, 7)), 7);
}
