//! The promise: over any number of holders a user never gets one unit more
//! than the policy allows, and who waits as told gets through.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

#[path = "support/model.rs"]
mod model;
#[path = "support/world.rs"]
mod world;

use jiff::SignedDuration;
use proptest::collection::vec;
use proptest::prelude::*;
use quota::{
    Ask, LEASE_SLACK, Ledger, NEWS_AGE_MAX, Policies, Policy, Revision, SLOT_AHEAD_MAX, SLOT_GRACE,
    Weight,
};

use model::{Bucket, Made, judge, policy, policy_of, widest, windows};
use world::{Event, START, World, event, family};

fn ms(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Checklist SEC-12.
    #[test]
    fn no_span_of_time_holds_a_call_more_than_the_policy_allows(
        policy in policy(),
        events in vec(event(), 1..120),
    ) {
        let mut world = World::new(policy);
        for event in &events {
            world.happen(event, &[policy; 3]);
        }
        for made in &world.made {
            judge(made, policy, 0)?;
        }
    }

    #[test]
    fn no_change_of_policy_brings_more_than_the_widest_allows(
        policies in windows().prop_flat_map(|windows| [
            policy_of(windows.clone()), policy_of(windows.clone()), policy_of(windows),
        ]),
        events in vec(event(), 1..120),
    ) {
        let mut world = World::new(policies[0]);
        for event in &events {
            world.happen(event, &policies);
        }
        let widest = widest(widest(policies[0], policies[1]), policies[2]);
        for made in &world.made {
            judge(made, widest, 0)?;
        }
    }

    /// A second after a change nobody spends under the policy before, and the new one
    /// bounds each span of time, whatever is out on leases. Without news the time
    /// counts by the holder's clock, which may be set back unnoticed.
    #[test]
    fn a_change_of_policy_works_within_a_second(
        policies in [policy(), policy(), policy()],
        events in vec(event(), 1..120),
        all_have_news: bool,
    ) {
        let mut world = World::new(policies[0]);
        let grace_ms = ms(NEWS_AGE_MAX) + if all_have_news { 0 } else { ms(LEASE_SLACK) };
        for event in &events {
            let mut event = event.clone();
            if let Event::Call { news_ms, .. } = &mut event && all_have_news {
                news_ms.get_or_insert(1_000);
            }
            world.happen(&event, &policies);
        }
        let ends = world.history.iter().skip(1).map(|it| it.0).chain([i64::MAX]);
        for (index, (&(begun_ms, policy), end_ms)) in world.history.iter().zip(ends).enumerate() {
            let from_ms = if index == 0 { 0 } else { begun_ms + grace_ms };
            for made in &world.made {
                let within = |made: &&Made| (from_ms..end_ms).contains(&made.at_ms);
                let made: Vec<Made> = made.iter().filter(within).copied().collect();
                for made in &made {
                    let least = world.revision_at(made.at_ms - grace_ms);
                    prop_assert!(Revision(made.revision) >= least, "{made:?} after {least:?}");
                }
                judge(&made, policy, from_ms)?;
            }
        }
    }

    #[test]
    fn who_is_refused_and_waits_as_told_gets_through_if_alone(
        policies in [policy(), policy(), policy()],
        events in vec(event(), 1..60),
        back_ms in 0..1_200_000_i64,
        weight in 1..9_u32,
    ) {
        let mut world = World::new(policies[0]);
        for event in &events {
            world.happen(event, &policies);
        }
        world.ledger_lag_ms += back_ms;
        let policy = world.history.last().unwrap().1;
        let weight = Weight::try_from(weight).unwrap();
        let ask = Ask { family: family(0), weight, want: 16 };
        for _ in 0..300 {
            let now = world.ledger_now();
            let taken = world.ledger.take_or_keep(&world.policies, now, &ask, None);
            let Err(refused) = taken else {
                continue;
            };
            let fits = policy.rates().all(|(_, rate)| weight.units() <= rate.burst().get());
            prop_assert_eq!(refused.retry_after.is_some(), fits);
            if let Some(wait) = refused.retry_after {
                prop_assert!(wait.subsec_nanos() == 0 && wait.as_secs() > 0);
                world.now_ms += ms(wait);
                let later = world.ledger_now();
                let taken = world.ledger.take_slot(&world.policies, later, &ask, refused.slot);
                prop_assert!(taken.is_ok());
            }
            return Ok(());
        }
    }

    /// Nothing is lost either, where nobody holds anything in advance; and an
    /// event that read its clock before others did changes nothing.
    #[test]
    fn with_leases_of_one_call_the_ledger_is_the_plain_buckets(
        policy in policy(),
        takes in vec((
            prop_oneof![0..100_i64, 0..5_000_i64],
            prop_oneof![Just(0), 0..600_000_i64],
            prop_oneof![Just(1), 1..9_u32],
        ), 1..300),
    ) {
        let policies = Policies::one(Revision(0), policy);
        let mut ledger = Ledger::new(START);
        let (mut buckets, mut now_ms) = (Bucket::all(policy, 0), 0);
        for (index, (wait_ms, late_ms, units)) in takes.into_iter().enumerate() {
            now_ms += wait_ms;
            // Before the first there is nothing to be late for.
            let read_ms = if index == 0 { now_ms } else { now_ms - late_ms };
            for bucket in &mut buckets {
                bucket.pass(read_ms);
            }
            let wanted = buckets.iter().all(|bucket| bucket.has(units));
            if wanted {
                for bucket in &mut buckets {
                    bucket.take(units);
                }
            }
            let read = START + SignedDuration::from_millis(read_ms);
            let weight = Weight::try_from(units).unwrap();
            let taken = ledger.take(&policies, read, &Ask { weight, want: 0, ..Ask::one() });
            prop_assert_eq!(taken.is_ok(), wanted, "at {} ms", read_ms);
        }
    }

    /// A holder that gives back in time loses nothing: after a pause that
    /// fills the buckets, the whole burst is there.
    #[test]
    fn after_a_pause_the_whole_burst_is_there(
        policy in policy(),
        events in vec(event(), 1..60),
    ) {
        let mut world = World::new(policy);
        for event in &events {
            world.happen(event, &[policy; 3]);
        }
        world.ledger_lag_ms = 0;
        // So long that nobody comes any more for what was promised.
        world.now_ms += ms(SLOT_AHEAD_MAX + SLOT_GRACE) + fill_ms(policy) + 1;
        let now = world.ledger_now();
        prop_assert!(world.ledger.is_full(&world.policies, now));
        let least = policy.rates().map(|(_, rate)| rate.burst().get()).min().unwrap();
        let taken = (0..=least).filter(|_| world.ledger.take(&world.policies, now, &Ask::one()).is_ok());
        prop_assert_eq!(taken.count(), usize::try_from(least).unwrap());
    }
}

/// How long the slowest bucket takes to fill.
fn fill_ms(policy: Policy) -> i64 {
    let fill = policy.rates().map(|(window, rate)| {
        i64::from(rate.burst().get()) * ms(window.length()) / i64::from(rate.amount().get())
    });
    fill.max().unwrap()
}
