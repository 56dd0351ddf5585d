//! What holds a lease: a session's object or a front isolate.

use std::time::Duration;

use jiff::Timestamp;

use crate::age::Age;
use crate::clock::{micros, seconds_up};
use crate::told::{Mark, Told};
use crate::{
    Family, LEASE_BRISK, LEASE_CALLS_MAX, LEASE_CALLS_USUAL, LEASE_LIFE, LEASE_MINOR_SHARE, Lease,
    LeaseNumber, NEWS_AGE_MAX, Policy, Refused, Revision, SlotNumber, Standing, Unused, Weight,
};

/// How long nobody spends from a lease until it is idle, and worth giving back.
pub const LEASE_IDLE_MAX: Duration = Duration::from_secs(2);

/// A call was spent: go on, and tell the client what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The lease it was spent from.
    number: LeaseNumber,
    /// What it weighed.
    weight: Weight,
    /// The revision of the policies that it was spent under.
    pub revision: Revision,
    /// What is left: in the ledger when it was last asked, and in the lease.
    pub standing: Standing,
    /// The family of whose buckets it is left.
    pub family: Family,
    /// The policy it is left under.
    pub policy: Policy,
}

/// What came of an attempt to spend a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spend {
    /// It was spent.
    Spent(Spent),
    /// The ledger has to be asked: give back, then take, then adopt.
    NeedLease {
        /// How many units to ask for.
        want: u32,
        /// What is left of the lease before, to be given back first.
        unused: Option<Unused>,
        /// What the ledger kept for this call, if it comes back as told.
        slot: Option<SlotNumber>,
    },
    /// The ledger refused such a call a moment ago.
    Refused(Refused),
}

/// What came of adopting a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// The first call of the lease, which is spent.
    pub spent: Spent,
    /// A lease that another call adopted meanwhile and that has no place
    /// here: give it back, or its units count as spent.
    pub surplus: Option<Unused>,
}

/// Keeps the lease of one holder for one family, in memory. A new one asks for one
/// call; one that uses up its leases asks for twice as many each time, beyond
/// [`LEASE_CALLS_USUAL`] only if it does so within [`LEASE_BRISK`] or where so many are
/// left that nobody misses them ([`LEASE_MINOR_SHARE`]), and one that does not, for as
/// many as it spent: so a busy session asks seldom and a quiet one keeps nothing from
/// the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseHolder {
    held: Option<Held>,
    /// Units that it asked for last.
    pace: u32,
    told: Told,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    lease: Lease,
    /// Units not spent yet.
    unused: u32,
    /// Since the ledger was asked.
    age: Age,
    /// How old it was when somebody spent from it last, in microseconds.
    spent_at: u64,
}

impl LeaseHolder {
    /// Spends a call of the lease, if there is one that lives and has the units.
    ///
    /// `news` is the newest revision of the policies that the caller heard of not
    /// more than [`NEWS_AGE_MAX`] ago; a lease of an earlier one is over. Who heard
    /// nothing spends from a lease for that long only.
    pub fn spend(&mut self, now: Timestamp, weight: Weight, news: Option<Revision>) -> Spend {
        self.spend_as(Mark::default(), now, weight, news)
    }

    /// The same for one of many callers.
    pub fn spend_as(
        &mut self,
        mark: Mark,
        now: Timestamp,
        weight: Weight,
        news: Option<Revision>,
    ) -> Spend {
        let mut used_up = false;
        if let Some(held) = &mut self.held {
            held.age.look_at(now.into());
            if held.lives(news) {
                if let Some(spent) = held.spend(weight) {
                    return Spend::Spent(spent);
                }
                used_up = true;
            }
        }
        let slot = self.told.due(mark, now);
        if slot.is_none()
            && let Some(refused) = self.told.again(weight)
        {
            return Spend::Refused(refused);
        }
        let before = self.held.take();
        self.pace = match &before {
            Some(held) if used_up => {
                let pace = self.pace.max(held.lease.units);
                let usual = held.usual(weight);
                let twice = pace.saturating_mul(2);
                if held.age.is_below(LEASE_BRISK) {
                    twice
                } else {
                    twice.min(usual).max(pace)
                }
            }
            Some(held) => held.lease.units.saturating_sub(held.unused),
            None => 0,
        };
        self.pace = self.pace.clamp(
            weight.units(),
            LEASE_CALLS_MAX.saturating_mul(weight.units()),
        );
        Spend::NeedLease {
            want: self.pace,
            unused: before.map(|held| held.unused()),
            slot,
        }
    }

    /// The ledger refused a call of that weight. `now` is when the answer came: whoever
    /// is told to come back counts from then.
    pub fn refused(&mut self, refused: &Refused, weight: Weight, now: Timestamp) {
        self.refused_as(Mark::default(), refused, weight, now);
    }

    /// The same of one of many callers.
    pub fn refused_as(&mut self, mark: Mark, refused: &Refused, weight: Weight, now: Timestamp) {
        self.told.note(refused, weight, mark, now);
    }

    /// Keeps a new lease and spends its first call, the one that asked.
    ///
    /// `asked` is what this holder's clock said *before* the ledger was
    /// asked. From then on the lease lives for [`LEASE_LIFE`]; so it is over
    /// here before it is over for the ledger, however the two clocks differ.
    pub fn adopt(&mut self, lease: Lease, asked: Timestamp, weight: Weight) -> Adopted {
        let new = Held {
            unused: lease.units.saturating_sub(weight.units()),
            age: Age::from(asked.into()),
            spent_at: 0,
            lease,
        };
        let spent = new.spent(weight);
        // Two calls asked at once: what has more left to spend stays, unless it is
        // of an earlier revision.
        let (kept, surplus) = match self.held.take() {
            Some(old) if old.is_better_than(&new) => (old, Some(new)),
            old => (new, old),
        };
        self.held = Some(kept);
        let surplus = surplus.map(|held| held.unused());
        Adopted { spent, surplus }
    }

    /// Takes back a call that was spent and then not made. Without the lease it was
    /// spent from, it stays spent.
    pub fn refund(&mut self, spent: &Spent) {
        if let Some(held) = &mut self.held
            && held.lease.number == spent.number
        {
            held.unused = held.unused.saturating_add(spent.weight.units());
        }
    }

    /// Gives up the lease, for a holder that goes away or to sleep.
    pub fn give_up(&mut self) -> Option<Unused> {
        self.held.take().map(|held| held.unused())
    }

    /// Gives up a lease that nobody spent from for [`LEASE_IDLE_MAX`].
    pub fn give_up_idle(&mut self, now: Timestamp) -> Option<Unused> {
        let held = self.held.as_mut()?;
        held.age.look_at(now.into());
        let idle = held.age.passed().saturating_sub(held.spent_at);
        if idle < micros(LEASE_IDLE_MAX) {
            return None;
        }
        self.give_up()
    }
}

impl Held {
    fn lives(&self, news: Option<Revision>) -> bool {
        match news {
            Some(revision) => self.lease.revision >= revision && self.age.is_below(LEASE_LIFE),
            None => self.age.is_below(NEWS_AGE_MAX),
        }
    }

    /// The largest lease after it, unless it was spent briskly.
    fn usual(&self, weight: Weight) -> u32 {
        let minor = self.lease.standing.remaining / LEASE_MINOR_SHARE;
        LEASE_CALLS_USUAL.saturating_mul(weight.units()).max(minor)
    }

    fn is_better_than(&self, other: &Self) -> bool {
        self.lives(Some(other.lease.revision)) && self.unused > other.unused
    }

    fn spend(&mut self, weight: Weight) -> Option<Spent> {
        self.unused = self.unused.checked_sub(weight.units())?;
        self.spent_at = self.age.passed();
        Some(self.spent(weight))
    }

    fn spent(&self, weight: Weight) -> Spent {
        let told = self.lease.standing;
        let standing = Standing {
            remaining: told.remaining.saturating_add(self.unused),
            reset: seconds_up(micros(told.reset).saturating_sub(self.age.passed())),
            ..told
        };
        Spent {
            number: self.lease.number,
            weight,
            revision: self.lease.revision,
            standing,
            family: self.lease.family.clone(),
            policy: self.lease.policy,
        }
    }

    fn unused(&self) -> Unused {
        Unused {
            number: self.lease.number,
            units: self.unused,
        }
    }
}
