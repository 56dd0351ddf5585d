//! The promise: over any number of holders a user never gets one call more
//! than the policy allows, and who waits as told gets through.
//!
//! Random holders with clocks of their own take, spend, give back, disappear
//! and answer late. The judge is a model that knows nothing of leases: the
//! true times of the calls, and the sum that a bucket permits.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use quota::{LEASE_SLACK, LEDGER_LAG_MAX, LeaseHolder, Ledger, Policy, Spend};

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// Something that happens in the world.
#[derive(Debug, Clone)]
enum Event {
    /// True time passes, in milliseconds.
    Pass(i64),
    /// A holder tries to make so many calls, one after another; each way to
    /// the ledger and back takes so many milliseconds.
    Call {
        holder: usize,
        calls: u32,
        way_ms: i64,
    },
    /// A holder disappears with what it holds.
    Vanish { holder: usize },
    /// A holder goes to sleep and gives back what it holds.
    Sleep { holder: usize },
    /// A holder's clock is set to be so many milliseconds late.
    HolderLag { holder: usize, ms: i64 },
    /// The ledger's clock is set back by so many milliseconds.
    LedgerSetBack { ms: i64 },
    /// The policy becomes another one of the list.
    Policy { index: usize },
}

const HOLDERS: usize = 4;

fn event() -> impl Strategy<Value = Event> {
    let slack_ms = i64::try_from(LEASE_SLACK.as_millis()).unwrap();
    let lag_ms = i64::try_from(LEDGER_LAG_MAX.as_millis()).unwrap();
    let pass = prop_oneof![
        0..50_i64,
        0..2_000_i64,
        5_000..15_000_i64,
        Just(120_000_i64)
    ];
    let way = prop_oneof![8 => 0..30_i64, 1 => 0..15_000_i64];
    prop_oneof![
        6 => pass.prop_map(Event::Pass),
        12 => (0..HOLDERS, 1..40_u32, way)
            .prop_map(|(holder, calls, way_ms)| Event::Call { holder, calls, way_ms }),
        1 => (0..HOLDERS).prop_map(|holder| Event::Vanish { holder }),
        1 => (0..HOLDERS).prop_map(|holder| Event::Sleep { holder }),
        1 => (0..HOLDERS, 0..=slack_ms).prop_map(|(holder, ms)| Event::HolderLag { holder, ms }),
        1 => (0..=lag_ms * 2).prop_map(|ms| Event::LedgerSetBack { ms }),
        1 => (0..3_usize).prop_map(|index| Event::Policy { index }),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    let burst = prop_oneof![1..12_u32, 1..200_u32];
    let per_minute = prop_oneof![1..60_u32, 60..6_000_u32];
    (burst, per_minute).prop_map(|(burst, per_minute)| Policy::new(burst, per_minute).unwrap())
}

struct World {
    now_ms: i64,
    ledger: Ledger,
    ledger_lag_ms: i64,
    holders: [LeaseHolder; HOLDERS],
    holder_lag_ms: [i64; HOLDERS],
    policy: Policy,
    /// True times of the calls that were admitted, in milliseconds.
    admitted_ms: Vec<i64>,
}

impl World {
    fn new(policy: Policy) -> Self {
        Self {
            now_ms: 0,
            ledger: Ledger::new(policy, START),
            ledger_lag_ms: 0,
            holders: Default::default(),
            holder_lag_ms: [0; HOLDERS],
            policy,
            admitted_ms: Vec::new(),
        }
    }

    fn ledger_now(&self) -> Timestamp {
        START + SignedDuration::from_millis(self.now_ms - self.ledger_lag_ms)
    }

    /// Each holder's clock differs from all others by hours.
    fn holder_now(&self, holder: usize) -> Timestamp {
        let hours = i64::try_from(holder).unwrap() * 7 - 10;
        let ms = self.now_ms - self.holder_lag_ms[holder];
        START + SignedDuration::from_hours(hours) + SignedDuration::from_millis(ms)
    }

    /// One call, with its way to the ledger where it needs one.
    fn call(&mut self, holder: usize, way_ms: i64) {
        let asked = self.holder_now(holder);
        let Spend::NeedLease { want, unused } = self.holders[holder].spend(asked) else {
            self.admitted_ms.push(self.now_ms);
            return;
        };
        self.now_ms += way_ms;
        let at = self.ledger_now();
        if let Some(unused) = unused {
            self.ledger.give_back(self.policy, at, unused);
        }
        let taken = self.ledger.take(self.policy, at, want);
        // The call that asked is admitted by the ledger, when it says so.
        self.admitted_ms
            .extend(taken.is_ok().then_some(self.now_ms));
        self.now_ms += way_ms;
        if let Ok(lease) = taken {
            let adopted = self.holders[holder].adopt(lease, asked);
            assert!(adopted.surplus.is_none(), "nobody else used this holder");
        }
    }

    fn happen(&mut self, event: &Event, policies: &[Policy; 3]) {
        match *event {
            Event::Pass(ms) => self.now_ms += ms,
            Event::Call {
                holder,
                calls,
                way_ms,
            } => {
                for _ in 0..calls {
                    self.call(holder, way_ms);
                }
            }
            Event::Vanish { holder } => self.holders[holder] = LeaseHolder::default(),
            Event::Sleep { holder } => {
                if let Some(unused) = self.holders[holder].give_up() {
                    let at = self.ledger_now();
                    self.ledger.give_back(self.policy, at, unused);
                }
            }
            Event::HolderLag { holder, ms } => self.holder_lag_ms[holder] = ms,
            Event::LedgerSetBack { ms } => self.ledger_lag_ms += ms,
            Event::Policy { index } => self.policy = policies[index],
        }
    }

    /// In each span of time: at most the burst, and what the span gained.
    fn judge(&self, burst: u32, per_minute: u32) -> Result<(), TestCaseError> {
        // The rate's parts of a call: 60,000 to a call, `per_minute` a
        // millisecond. Going through the calls, the bucket of the model.
        let (call, full) = (60_000_i64, i64::from(burst) * 60_000);
        let (mut level, mut before_ms) = (full, 0);
        for &ms in &self.admitted_ms {
            level = full.min(level + (ms - before_ms) * i64::from(per_minute)) - call;
            before_ms = ms;
            prop_assert!(level >= 0, "one call too many at {ms} ms");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

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
        world.judge(policy.burst().get(), policy.per_minute().get())?;
    }

    #[test]
    fn no_change_of_policy_brings_more_than_the_widest_allows(
        policies in [policy(), policy(), policy()],
        events in vec(event(), 1..120),
    ) {
        let mut world = World::new(policies[0]);
        for event in &events {
            world.happen(event, &policies);
        }
        let burst = policies.iter().map(|policy| policy.burst()).max().unwrap();
        let per_minute = policies.iter().map(|policy| policy.per_minute()).max().unwrap();
        world.judge(burst.get(), per_minute.get())?;
    }

    #[test]
    fn who_is_refused_and_waits_as_told_gets_through_if_alone(
        policies in [policy(), policy(), policy()],
        events in vec(event(), 1..60),
        back_ms in 0..1_200_000_i64,
    ) {
        let mut world = World::new(policies[0]);
        for event in &events {
            world.happen(event, &policies);
        }
        world.ledger_lag_ms += back_ms;
        for _ in 0..300 {
            let now = world.ledger_now();
            if let Err(refused) = world.ledger.take(world.policy, now, 16) {
                prop_assert!(refused.retry_after.subsec_nanos() == 0);
                world.now_ms += i64::try_from(refused.retry_after.as_millis()).unwrap();
                let later = world.ledger_now();
                prop_assert!(world.ledger.take(world.policy, later, 16).is_ok());
                return Ok(());
            }
        }
    }

    /// Nothing is lost either, where nobody holds anything in advance; and an
    /// event that read its clock before others did changes nothing.
    #[test]
    fn with_leases_of_one_call_the_ledger_is_the_plain_bucket(
        policy in policy(),
        takes_ms in vec((prop_oneof![0..100_i64, 0..5_000_i64], prop_oneof![Just(0), 0..600_000_i64]), 1..300),
    ) {
        let mut ledger = Ledger::new(policy, START);
        let full = i64::from(policy.burst().get()) * 60_000;
        let (mut level, mut now_ms, mut latest_ms) = (full, 0, 0);
        for (wait_ms, late_ms) in takes_ms {
            now_ms += wait_ms;
            let read_ms = now_ms - late_ms;
            let passed_ms = (read_ms - latest_ms).max(0);
            latest_ms += passed_ms;
            level = full.min(level + passed_ms * i64::from(policy.per_minute().get()));
            let wanted = level >= 60_000;
            level -= if wanted { 60_000 } else { 0 };
            let read = START + SignedDuration::from_millis(read_ms);
            prop_assert_eq!(ledger.take(policy, read, 1).is_ok(), wanted, "at {} ms", read_ms);
        }
    }

    /// A holder that gives back in time loses nothing: after a pause that
    /// fills the bucket, the whole burst is there.
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
        let fill_ms = i64::from(policy.burst().get()) * 60_000 / i64::from(policy.per_minute().get());
        world.now_ms += 12_000 + fill_ms + 1;
        let now = world.ledger_now();
        let taken = (0..=policy.burst().get()).filter(|_| world.ledger.take(policy, now, 1).is_ok());
        prop_assert_eq!(taken.count(), usize::try_from(policy.burst().get()).unwrap());
    }
}
