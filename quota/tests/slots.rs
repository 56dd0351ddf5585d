//! Who is refused and comes back as told gets through, whoever else asks meanwhile.

#![expect(
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use quota::{
    Ask, Family, LeaseHolder, Ledger, Mark, Policies, Policy, Rate, Revision, SLOT_AHEAD_MAX,
    SLOT_GRACE, Spend, Weight, Window,
};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);
const NEWS: Option<Revision> = Some(Revision(0));

fn at_ms(ms: i64) -> Timestamp {
    START + SignedDuration::from_millis(ms)
}

fn ms(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}

fn policies(policy: Policy) -> Policies {
    Policies::one(Revision(0), policy)
}

/// Everything that one holder does for a call that comes at this moment.
fn call(
    (ledger, policies): (&mut Ledger, &Policies),
    holder: &mut LeaseHolder,
    weight: Weight,
    now: Timestamp,
) -> Result<(), Option<i64>> {
    let (want, unused, slot) = match holder.spend(now, weight, NEWS) {
        Spend::Spent(_) => return Ok(()),
        Spend::Refused(refused) => return Err(refused.retry_after.map(ms)),
        Spend::NeedLease { want, unused, slot } => (want, unused, slot),
    };
    if let Some(unused) = unused {
        ledger.give_back(policies, now, unused);
    }
    let family = Family::default();
    let ask = Ask {
        family,
        weight,
        want,
    };
    match ledger.take_or_keep(policies, now, &ask, slot) {
        Ok(lease) => {
            holder.adopt(lease, now, weight);
            Ok(())
        }
        Err(refused) => {
            holder.refused(&refused, weight, now);
            Err(refused.retry_after.map(ms))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Callers come when they like; each that is refused comes back after the time it was
    /// told: up to a second later if it has its holder for itself, as a client has that
    /// waits in its session. The bucket is large enough for what is gained meanwhile:
    /// nobody can promise what would flow over. Where callers share a holder, one may be
    /// served from the lease of another, and what was kept for it lies there until it
    /// lapses.
    #[test]
    fn who_comes_back_as_told_gets_through(
        per_second in 1..40_u32,
        more in 0..50_u32,
        callers in vec((0..20_000_i64, 0..8_usize, 0..1_000_i64), 1..300),
        is_shared: bool,
    ) {
        let burst = per_second * if is_shared { 10 } else { 3 } + more;
        let policy = Policy::of(Window::Second, Rate::new(per_second, burst).unwrap());
        let (mut ledger, policies) = (Ledger::new(START), policies(policy));
        let mut holders = vec![LeaseHolder::default(); callers.len().max(8)];
        let mut comes: BinaryHeap<_> = callers
            .into_iter()
            .enumerate()
            .map(|(own, (at, shared, late))| {
                let (holder, late) = if is_shared { (shared, 0) } else { (own, late) };
                Reverse((at, true, holder, late))
            })
            .collect();
        while let Some(Reverse((now, is_first, holder, late))) = comes.pop() {
            let (world, it) = ((&mut ledger, &policies), &mut holders[holder]);
            let Err(wait) = call(world, it, Weight::ONE, at_ms(now)) else { continue };
            let wait = wait.unwrap();
            prop_assert!(is_first, "refused again at {now} ms, for {wait} ms");
            // Further ahead nothing is kept.
            if wait <= ms(SLOT_AHEAD_MAX) {
                comes.push(Reverse((now + wait + late, false, holder, 0)));
            }
        }
    }
}

fn one(ledger: &mut Ledger, policies: &Policies, at: i64) -> Result<(), quota::Refused> {
    let taken = ledger.take_or_keep(policies, at_ms(at), &Ask::one(), None);
    taken.map(|_| ())
}

#[test]
fn a_slot_is_for_nobody_else_until_nobody_comes_for_it() {
    let policies = policies(Policy::new(1, 60).unwrap());
    let mut ledger = Ledger::new(START);
    one(&mut ledger, &policies, 0).unwrap();
    let first = one(&mut ledger, &policies, 0).unwrap_err();
    let second = one(&mut ledger, &policies, 0).unwrap_err();
    let waits = [&first, &second].map(|it| it.retry_after.unwrap().as_secs());
    assert_eq!(waits, [1, 2]);
    assert_eq!(second.standing.remaining, 0);
    let at = at_ms(1_500);
    let other = ledger.take(&policies, at, &Ask::one());
    assert!(other.is_err(), "it is there, but not for others");
    let early = ledger.take_slot(&policies, at, &Ask::one(), second.slot);
    assert!(early.is_err(), "its time has not come");
    let mine = ledger.take_slot(&policies, at, &Ask::one(), first.slot);
    assert!(mine.is_ok());
    let again = ledger.take_slot(&policies, at_ms(2_000), &Ask::one(), first.slot);
    assert!(again.is_err(), "a slot is good for once");
    let lapsed = 2_000 + ms(SLOT_GRACE);
    assert!(ledger.take(&policies, at_ms(lapsed), &Ask::one()).is_ok());
}

#[test]
fn what_would_be_too_far_ahead_is_not_kept_and_not_asked_for_again_at_once() {
    let policies = policies(Policy::new(1, 1).unwrap());
    let (mut ledger, mut holder) = (Ledger::new(START), LeaseHolder::default());
    one(&mut ledger, &policies, 0).unwrap();
    assert!(one(&mut ledger, &policies, 0).unwrap_err().slot.is_some());
    let refused = one(&mut ledger, &policies, 0).unwrap_err();
    assert_eq!(
        (refused.slot, ms(refused.retry_after.unwrap())),
        (None, 120_000)
    );
    holder.refused(&refused, Weight::ONE, at_ms(0));
    let Spend::Refused(again) = holder.spend(at_ms(900), Weight::ONE, NEWS) else {
        panic!("asks again");
    };
    assert_eq!(ms(again.retry_after.unwrap()), 120_000);
    let later = holder.spend(at_ms(1_000), Weight::ONE, NEWS);
    assert!(matches!(later, Spend::NeedLease { slot: None, .. }));
}

#[test]
fn a_caller_does_not_get_what_is_kept_for_another_mark() {
    let policies = policies(Policy::new(1, 60).unwrap());
    let (mut ledger, mut holder) = (Ledger::new(START), LeaseHolder::default());
    one(&mut ledger, &policies, 0).unwrap();
    let refused = one(&mut ledger, &policies, 0).unwrap_err();
    let (mine, other) = (Mark(1), Mark(2));
    holder.refused_as(mine, &refused, Weight::ONE, at_ms(0));
    for (mark, at, slot) in [
        (mine, 999, None),
        (other, 1_000, None),
        (mine, 1_000, refused.slot),
        (mine, 1_000, None),
    ] {
        let Spend::NeedLease { slot: due, .. } =
            holder.spend_as(mark, at_ms(at), Weight::ONE, NEWS)
        else {
            panic!("has no lease");
        };
        assert_eq!(due, slot, "{mark:?} at {at} ms");
    }
}

#[test]
fn another_policy_keeps_none_of_the_promises_before() {
    let before = policies(Policy::new(1, 60).unwrap());
    let mut ledger = Ledger::new(START);
    one(&mut ledger, &before, 0).unwrap();
    one(&mut ledger, &before, 0).unwrap_err();
    let after = policies(Policy::new(1, 120).unwrap());
    let taken = |ledger: &mut Ledger, at| ledger.take(&after, at_ms(at), &Ask::one());
    assert!(taken(&mut ledger, 600).is_err());
    assert!(taken(&mut ledger, 1_100).is_ok());
}
