//! The world: random holders with clocks of their own take, spend, give back,
//! disappear and answer late.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use quota::{
    Ask, Family, LEASE_SLACK, LEDGER_LAG_MAX, LeaseHolder, Ledger, Policies, Policy, Revision,
    Spend, Unused, Weight,
};

use super::model::Made;

pub(crate) const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

pub(crate) const HOLDERS: usize = 4;

pub(crate) const FAMILIES: usize = 2;

/// Something that happens in the world.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// True time passes, in milliseconds.
    Pass(i64),
    /// A holder tries to make so many calls, one after another.
    Call {
        holder: usize,
        family: usize,
        calls: u32,
        weight: u32,
        /// Each way to the ledger and back, in milliseconds.
        way_ms: i64,
        /// How old its news of the revision are, in milliseconds; none without.
        news_ms: Option<i64>,
        /// Whether the answers of the ledger get lost.
        is_lost: bool,
    },
    /// A holder disappears with what it holds.
    Vanish { holder: usize },
    /// A holder goes to sleep and gives back what it holds; the message stays on the
    /// way for a while.
    Sleep { holder: usize },
    /// The messages on the way arrive; some of them will arrive again.
    Arrive { again: bool },
    /// A holder's clock is set to be so many milliseconds late.
    HolderLag { holder: usize, ms: i64 },
    /// The ledger's clock is set back by so many milliseconds.
    LedgerSetBack { ms: i64 },
    /// The ledger is read from its row again.
    Restart,
    /// The policy becomes another one of the list.
    Policy { index: usize },
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    let slack_ms = i64::try_from(LEASE_SLACK.as_millis()).unwrap();
    let lag_ms = i64::try_from(LEDGER_LAG_MAX.as_millis()).unwrap();
    let pass = prop_oneof![
        0..50_i64,
        0..2_000_i64,
        5_000..15_000_i64,
        Just(120_000_i64)
    ];
    let way = prop_oneof![8 => 0..30_i64, 1 => 0..15_000_i64];
    let weight = prop_oneof![3 => Just(1_u32), 1 => 1..9_u32];
    let news = prop_oneof![3 => (0..=1_000_i64).prop_map(Some), 1 => Just(None)];
    let call = (
        0..HOLDERS,
        0..FAMILIES,
        1..40_u32,
        weight,
        way,
        news,
        prop::bool::weighted(0.05),
    );
    prop_oneof![
        6 => pass.prop_map(Event::Pass),
        12 => call.prop_map(|(holder, family, calls, weight, way_ms, news_ms, is_lost)| {
            Event::Call { holder, family, calls, weight, way_ms, news_ms, is_lost }
        }),
        1 => (0..HOLDERS).prop_map(|holder| Event::Vanish { holder }),
        1 => (0..HOLDERS).prop_map(|holder| Event::Sleep { holder }),
        1 => any::<bool>().prop_map(|again| Event::Arrive { again }),
        1 => (0..HOLDERS, 0..=slack_ms).prop_map(|(holder, ms)| Event::HolderLag { holder, ms }),
        1 => (0..=lag_ms * 2).prop_map(|ms| Event::LedgerSetBack { ms }),
        1 => Just(Event::Restart),
        1 => (0..3_usize).prop_map(|index| Event::Policy { index }),
    ]
}

pub(crate) fn family(index: usize) -> Family {
    match index {
        0 => Family::default(),
        _ => Family::try_from("images".to_owned()).unwrap(),
    }
}

/// Both families with the same policy.
fn policies(revision: u64, policy: Policy) -> Policies {
    let both = (0..FAMILIES).map(|index| (family(index), policy));
    Policies::new(Revision(revision), both.collect()).unwrap()
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now_ms: i64,
    pub(crate) ledger: Ledger,
    pub(crate) ledger_lag_ms: i64,
    holders: [[LeaseHolder; FAMILIES]; HOLDERS],
    holder_lag_ms: [i64; HOLDERS],
    on_the_way: Vec<Unused>,
    pub(crate) policies: Policies,
    /// When each policy came into force, and which it was.
    pub(crate) history: Vec<(i64, Policy)>,
    /// The calls of each family.
    pub(crate) made: [Vec<Made>; FAMILIES],
}

impl World {
    pub(crate) fn new(policy: Policy) -> Self {
        Self {
            now_ms: 0,
            ledger: Ledger::new(START),
            ledger_lag_ms: 0,
            holders: Default::default(),
            holder_lag_ms: [0; HOLDERS],
            on_the_way: Vec::new(),
            policies: policies(0, policy),
            history: vec![(0, policy)],
            made: Default::default(),
        }
    }

    pub(crate) fn ledger_now(&self) -> Timestamp {
        START + SignedDuration::from_millis(self.now_ms - self.ledger_lag_ms)
    }

    /// Each holder's clock differs from all others by hours.
    fn holder_now(&self, holder: usize) -> Timestamp {
        let hours = i64::try_from(holder).unwrap() * 7 - 10;
        let ms = self.now_ms - self.holder_lag_ms[holder];
        START + SignedDuration::from_hours(hours) + SignedDuration::from_millis(ms)
    }

    /// Which revision was in force at that time.
    pub(crate) fn revision_at(&self, ms: i64) -> Revision {
        let later = self
            .history
            .iter()
            .skip(1)
            .take_while(|(from_ms, _)| *from_ms <= ms);
        Revision(u64::try_from(later.count()).unwrap())
    }

    fn make(&mut self, family: usize, units: u32, revision: Revision) {
        self.made[family].push(Made {
            at_ms: self.now_ms,
            units,
            revision: revision.0,
        });
    }

    pub(crate) fn happen(&mut self, event: &Event, list: &[Policy; 3]) {
        match *event {
            Event::Pass(ms) => self.now_ms += ms,
            Event::Call { calls, .. } => (0..calls).for_each(|_| self.call(event)),
            Event::Vanish { holder } => self.holders[holder] = Default::default(),
            Event::Sleep { holder } => {
                let given = self.holders[holder]
                    .iter_mut()
                    .filter_map(LeaseHolder::give_up);
                self.on_the_way.extend(given);
            }
            Event::Arrive { again } => {
                let at = self.ledger_now();
                for unused in &self.on_the_way {
                    self.ledger.give_back(&self.policies, at, *unused);
                }
                if !again {
                    self.on_the_way.clear();
                }
            }
            Event::HolderLag { holder, ms } => self.holder_lag_ms[holder] = ms,
            Event::LedgerSetBack { ms } => self.ledger_lag_ms += ms,
            Event::Restart => {
                let row = serde_json::to_string(&self.ledger).unwrap();
                self.ledger = serde_json::from_str(&row).unwrap();
            }
            Event::Policy { index } => {
                let revision = u64::try_from(self.history.len()).unwrap();
                self.policies = policies(revision, list[index]);
                self.history.push((self.now_ms, list[index]));
            }
        }
    }

    /// One call, with its way to the ledger where it needs one.
    fn call(&mut self, event: &Event) {
        let Event::Call {
            holder,
            family: index,
            weight,
            way_ms,
            news_ms,
            is_lost,
            ..
        } = *event
        else {
            return;
        };
        let weight = Weight::try_from(weight).unwrap();
        let news = news_ms.map(|ms| self.revision_at(self.now_ms - ms));
        let asked = self.holder_now(holder);
        let held = &mut self.holders[holder][index];
        let (want, unused, slot) = match held.spend(asked, weight, news) {
            Spend::Spent(spent) => {
                self.make(index, weight.units(), spent.revision);
                return;
            }
            Spend::NeedLease { want, unused, slot } => (want, unused, slot),
            Spend::Refused(_) => return,
        };
        self.now_ms += way_ms;
        let at = self.ledger_now();
        if let Some(unused) = unused {
            self.ledger.give_back(&self.policies, at, unused);
        }
        let family = family(index);
        let ask = Ask {
            family,
            weight,
            want,
        };
        let taken = self.ledger.take_or_keep(&self.policies, at, &ask, slot);
        if is_lost {
            self.now_ms += way_ms;
            return;
        }
        let lease = match taken {
            Ok(lease) => lease,
            Err(refused) => {
                self.now_ms += way_ms;
                let answered = self.holder_now(holder);
                self.holders[holder][index].refused(&refused, weight, answered);
                return;
            }
        };
        // The call that asked is admitted by the ledger, when it says so.
        self.make(index, weight.units(), lease.revision);
        self.now_ms += way_ms;
        let adopted = self.holders[holder][index].adopt(lease, asked, weight);
        assert!(adopted.surplus.is_none(), "nobody else used this holder");
    }
}
