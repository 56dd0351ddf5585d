//! Several buckets at once, weights, and families.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use quota::{
    Ask, BOOKS_MAX, Family, Ledger, Limit, Policies, Policy, Rate, Refused, Revision, Unused,
    Weight, Window,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn at_ms(ms: i64) -> Timestamp {
    START + SignedDuration::from_millis(ms)
}

fn family(name: &str) -> Family {
    Family::try_from(name.to_owned()).unwrap()
}

fn rate(amount: u32, burst: u32) -> Rate {
    Rate::new(amount, burst).unwrap()
}

fn one(policy: Policy) -> Policies {
    Policies::one(Revision(0), policy)
}

fn of_weight(units: u32) -> Ask {
    Ask {
        weight: Weight::try_from(units).unwrap(),
        ..Ask::one()
    }
}

/// Ten a second, fifty a minute, sixty a day.
fn three() -> Policy {
    Policy::of(Window::Second, rate(10, 10))
        .and(Window::Minute, rate(50, 50))
        .and(Window::Day, rate(60, 60))
}

fn take_all(ledger: &mut Ledger, policies: &Policies, now: Timestamp) -> (u32, Refused) {
    let mut taken = 0;
    loop {
        assert!(taken < 1_000, "it has no end");
        match ledger.take(policies, now, &Ask::one()) {
            Ok(lease) => taken += lease.units,
            Err(refused) => return (taken, refused),
        }
    }
}

#[test]
fn a_call_has_to_fit_into_every_bucket() {
    let policies = one(three());
    let mut ledger = Ledger::new(START);
    let mut taken = Vec::new();
    for second in 0..8 {
        let (units, refused) = take_all(&mut ledger, &policies, at_ms(second * 1_000));
        taken.push((units, refused.standing.limit));
    }
    // The minute gains 50 in 60 s: five while the burst is spent, then one in 1.2 s.
    let (second, minute, day) = (Window::Second, Window::Minute, Window::Day);
    let wanted = [10, 10, 10, 10, 10, 4, 1, 0];
    assert_eq!(taken.iter().map(|it| it.0).collect::<Vec<_>>(), wanted);
    assert_eq!(taken[0].1, Limit::Rate(second));
    assert_eq!(taken[6].1, Limit::Rate(minute));
    let (rest, refused) = take_all(&mut ledger, &policies, at_ms(60_000));
    assert_eq!((rest, refused.standing.limit), (5, Limit::Rate(day)));
    // A day's unit comes back after 24 minutes, of which one has passed.
    let wait = refused.retry_after.unwrap();
    assert_eq!(wait, Duration::from_mins(23));
    let then = at_ms(60_000) + wait;
    let early = then - SignedDuration::from_millis(1);
    assert!(ledger.clone().take(&policies, early, &Ask::one()).is_err());
    assert!(ledger.take(&policies, then, &Ask::one()).is_ok());
}

#[test]
fn a_lease_is_bounded_by_the_bucket_that_has_least_and_tells_of_it() {
    let policy = Policy::of(Window::Second, rate(40, 40)).and(Window::Minute, rate(30, 24));
    let mut ledger = Ledger::new(START);
    let ask = Ask {
        want: 16,
        ..Ask::one()
    };
    let lease = ledger.take(&one(policy), START, &ask).unwrap();
    assert_eq!(lease.units, 6);
    assert_eq!(lease.standing.limit, Limit::Rate(Window::Minute));
    assert_eq!(lease.standing.remaining, 18);
    assert_eq!(lease.standing.reset, Duration::from_secs(2));
}

#[test]
fn unused_units_come_back_to_every_bucket() {
    let policies = one(three());
    let mut ledger = Ledger::new(START);
    let ask = Ask {
        want: 2,
        ..Ask::one()
    };
    let lease = ledger.take(&policies, START, &ask).unwrap();
    assert_eq!(lease.units, 2);
    let (number, units) = (lease.number, 1);
    ledger.give_back(&policies, START, Unused { number, units });
    let mut fresh = Ledger::new(START);
    fresh.take(&policies, START, &Ask::one()).unwrap();
    for ms in [0, 1_000, 5_000, 60_000] {
        let (left, wanted) = (&mut ledger.clone(), &mut fresh.clone());
        let left = take_all(left, &policies, at_ms(ms));
        assert_eq!(left, take_all(wanted, &policies, at_ms(ms)), "{ms} ms");
    }
}

#[test]
fn a_heavy_call_takes_its_weight_and_waits_for_all_of_it() {
    let policies = one(Policy::new(10, 60).unwrap());
    let mut ledger = Ledger::new(START);
    assert_eq!(
        ledger.take(&policies, START, &of_weight(7)).unwrap().units,
        7
    );
    let refused = ledger.take(&policies, START, &of_weight(5)).unwrap_err();
    assert_eq!(refused.standing.remaining, 3);
    assert_eq!(refused.retry_after, Some(Duration::from_secs(2)));
    // What is too little for it is enough for a light one.
    let light = ledger.clone().take(&policies, START, &of_weight(3));
    assert!(light.is_ok());
    let early = ledger.clone().take(&policies, at_ms(1_999), &of_weight(5));
    assert!(early.is_err());
    assert!(ledger.take(&policies, at_ms(2_000), &of_weight(5)).is_ok());
}

#[test]
fn a_call_heavier_than_a_bucket_is_never_told_to_wait() {
    let policies = one(three());
    let mut ledger = Ledger::new(START);
    let refused = ledger.take(&policies, START, &of_weight(11)).unwrap_err();
    assert_eq!(refused.retry_after, None);
    assert_eq!(refused.standing.limit, Limit::Rate(Window::Second));
    assert!(ledger.take(&policies, START, &of_weight(10)).is_ok());
}

#[test]
fn a_lease_for_heavy_calls_is_larger() {
    let policies = one(Policy::new(100_000, 60).unwrap());
    let ask = Ask {
        want: u32::MAX,
        ..of_weight(7)
    };
    let lease = Ledger::new(START).take(&policies, START, &ask).unwrap();
    assert_eq!(lease.units, 7 * quota::LEASE_CALLS_MAX);
}

#[test]
fn families_take_nothing_from_each_other() {
    let by_family = BTreeMap::from([
        (Family::default(), Policy::new(5, 60).unwrap()),
        (family("images"), Policy::new(2, 6).unwrap()),
    ]);
    let policies = Policies::new(Revision(0), by_family).unwrap();
    let mut ledger = Ledger::new(START);
    let image = Ask {
        family: family("images"),
        ..Ask::one()
    };
    let images = (0..9).filter(|_| ledger.take(&policies, START, &image).is_ok());
    assert_eq!(images.count(), 2);
    assert_eq!(take_all(&mut ledger, &policies, START).0, 5);
    let refused = ledger.take(&policies, START, &image).unwrap_err();
    assert_eq!(refused.family, family("images"));
    assert_eq!(refused.retry_after, Some(Duration::from_secs(10)));
}

/// Otherwise a made-up family would be a bucket of its own.
#[test]
fn a_family_without_a_policy_shares_the_default_one() {
    let policies = one(Policy::new(5, 60).unwrap());
    let mut ledger = Ledger::new(START);
    let taken = (0..9).filter(|number| {
        let family = family(&number.to_string());
        let ask = Ask {
            family,
            ..Ask::one()
        };
        ledger.take(&policies, START, &ask).is_ok()
    });
    assert_eq!(taken.count(), 5);
}

#[test]
fn a_family_that_lost_its_policy_and_gets_it_back_owes_what_it_owed() {
    let with = |name: &str| {
        let slow = Policy::of(Window::Day, rate(5, 5));
        let by_family = [(Family::default(), three()), (family(name), slow)];
        Policies::new(Revision(0), BTreeMap::from(by_family)).unwrap()
    };
    let ask = |name: &str| Ask {
        family: family(name),
        ..Ask::one()
    };
    let mut ledger = Ledger::new(START);
    for _ in 0..5 {
        ledger.take(&with("a"), START, &ask("a")).unwrap();
    }
    ledger.take(&with("b"), START, &ask("b")).unwrap();
    assert!(ledger.take(&with("a"), START, &ask("a")).is_err());
    assert!(!ledger.is_full(&one(three()), at_ms(86_399_000)));
    assert!(ledger.is_full(&one(three()), at_ms(86_400_000)));
}

#[test]
fn the_families_a_ledger_remembers_are_bounded() {
    let mut ledger = Ledger::new(START);
    for number in 0..3 * BOOKS_MAX {
        let name = family(&number.to_string());
        let slow = Policy::of(Window::Day, rate(5, 5));
        let by_family = [(Family::default(), three()), (name.clone(), slow)];
        let policies = Policies::new(Revision(0), BTreeMap::from(by_family)).unwrap();
        let ask = Ask {
            family: name,
            ..Ask::one()
        };
        ledger.take(&policies, START, &ask).unwrap();
    }
    let stored = serde_json::to_string(&ledger).unwrap();
    assert_eq!(stored.matches("per_day").count(), BOOKS_MAX);
}

#[test]
fn a_bucket_that_is_new_to_the_policy_begins_full_but_for_what_is_out() {
    let before = Policy::new(100, 60).unwrap();
    let after = before.and(Window::Day, rate(20, 20));
    let mut ledger = Ledger::new(START);
    let ask = Ask {
        want: 9,
        ..Ask::one()
    };
    let lease = ledger.take(&one(before), START, &ask).unwrap();
    assert_eq!(take_all(&mut ledger.clone(), &one(after), START).0, 20 - 8);
    let (number, units) = (lease.number, 8);
    ledger.give_back(&one(after), START, Unused { number, units });
    assert_eq!(take_all(&mut ledger, &one(after), START).0, 20);
}

#[test]
fn a_day_loses_no_part_however_often_the_ledger_is_asked() {
    let policies = one(Policy::of(Window::Day, rate(7, 3)));
    let mut ledger = Ledger::new(START);
    assert_eq!(take_all(&mut ledger, &policies, START).0, 3);
    let times = (1..=86_400_000).step_by(86_423).chain([86_400_000]);
    let taken = times.map(|ms| take_all(&mut ledger, &policies, at_ms(ms)).0);
    assert_eq!(taken.sum::<u32>(), 7);
}

/// Checklist SEC-12. The row of a user who had spent 21 of 60 calls, 7 of them on a
/// lease that is out, as version 0.1 wrote it.
#[test]
fn a_ledger_of_the_version_before_is_the_default_familys() {
    let row = r#"{"parts":2340000000,"at":1800000000000000,"per_minute":120,
        "next":1799999990000002,"out":[
        {"number":1799999990000001,"calls":7,"until":1800000009500000},
        {"number":null,"calls":2,"until":1800000009600000}]}"#;
    let policies = one(Policy::new(60, 120).unwrap());
    let mut ledger: Ledger = serde_json::from_str(row).unwrap();
    assert!(!ledger.is_full(&policies, START));
    assert_eq!(take_all(&mut ledger.clone(), &policies, START).0, 39);
    // What is out can be given back, and leaves no room until then.
    let late = at_ms(9_499);
    assert_eq!(take_all(&mut ledger.clone(), &policies, late).0, 60 - 9);
    let number = 1_799_999_990_000_001.into();
    let given = ledger.give_back(&policies, START, Unused { number, units: 9 });
    assert_eq!(given, 7);
    assert_eq!(take_all(&mut ledger.clone(), &policies, START).0, 46);
    let lease = ledger.take(&policies, START, &Ask::one()).unwrap();
    assert_eq!(lease.number, 1_799_999_990_000_002.into());
    // What is stored now is read again, and not as an old one.
    let stored = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&stored).unwrap(), ledger);
}

#[test]
fn a_row_that_is_no_ledger_is_not_taken_for_an_empty_one() {
    for row in [
        "{}",
        r#"{"next":1}"#,
        r#"{"next":1,"at":1,"per_minute":1,"out":[]}"#,
        r#"{"next":1,"parts":1,"at":1,"per_minute":0,"out":[]}"#,
        r#"{"next":1,"books":{"Bad name":{"at":1,"buckets":{},"out":[]}}}"#,
        r#"{"next":1,"books":{"calls":{"at":1,"buckets":{"per_hour":{}},"out":[]}}}"#,
    ] {
        assert!(serde_json::from_str::<Ledger>(row).is_err(), "{row}");
    }
}

#[test]
fn numbers_of_a_stored_ledger_are_exact_in_any_store() {
    let largest = rate(1_000_000, 1_000_000);
    let policy = Policy::of(Window::Second, largest)
        .and(Window::Minute, largest)
        .and(Window::Day, largest)
        .with_concurrent(3)
        .unwrap();
    let mut ledger = Ledger::new(START);
    ledger.take(&one(policy), START, &Ask::one()).unwrap();
    ledger
        .permit(&one(policy), START, &Family::default(), &"one".into())
        .unwrap();
    let stored = serde_json::to_string(&ledger).unwrap();
    assert_eq!(serde_json::from_str::<Ledger>(&stored).unwrap(), ledger);
    // They may be IEEE 754 doubles, exact up to 2^53.
    let number = |word: &str| word.parse::<u64>().unwrap_or(0);
    let words = stored.split(|char: char| !char.is_ascii_digit());
    assert!(words.map(number).all(|number| number < 1 << 53), "{stored}");
}
