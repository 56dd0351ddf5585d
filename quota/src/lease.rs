//! A lease, and what holds one: a session's object or a front isolate.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Policy;
use crate::clock::{Micros, micros, seconds_up};

/// Largest lease, in calls: a busy session asks the ledger for one call in
/// sixteen, and a holder that disappears takes no more with it.
pub const LEASE_CALLS_MAX: u32 = 16;

/// How long a lease can be spent from. Long enough for a burst of calls,
/// short enough that calls nobody needs are soon back.
pub const LEASE_LIFE: Duration = Duration::from_secs(10);

/// How long the ledger waits beyond that: the most that a holder's clock may
/// be set back unnoticed. A larger step back ends the lease.
pub const LEASE_SLACK: Duration = Duration::from_secs(2);

/// The share of what is left that a lease may have: one in so many calls.
const LEASE_SHARE: u32 = 4;

/// Which lease of its ledger it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeaseNumber(u64);

impl From<u64> for LeaseNumber {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

/// Some calls, deducted from the ledger, for one holder.
///
/// It names no moment at which it ends: that would be a time of the ledger's
/// clock, which the holder cannot compare with its own. See
/// [`LeaseHolder::adopt`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Which lease it is.
    pub number: LeaseNumber,
    /// How many calls, the one that asked included: at least one.
    pub calls: u32,
    /// Calls left in the ledger after it.
    pub remaining: u32,
    /// How long until the ledger gains the next call, in whole seconds.
    pub reset: Duration,
    /// The policy it was taken under.
    pub policy: Policy,
}

/// Calls of a lease that its holder will not spend any more. Zero calls are
/// worth giving back too: then the ledger knows that all were spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// The lease.
    pub number: LeaseNumber,
    /// How many of its calls were not spent.
    pub calls: u32,
}

/// A call was spent: go on, and tell the client what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Calls left: in the ledger when it was last asked, and in the lease.
    pub remaining: u32,
    /// How long until there may be more, in whole seconds.
    pub reset: Duration,
    /// The policy they are left under.
    pub policy: Policy,
}

/// What came of an attempt to spend a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spend {
    /// It was spent.
    Spent(Spent),
    /// The ledger has to be asked: give back, then take, then adopt.
    NeedLease {
        /// How many calls to ask for.
        want: u32,
        /// What is left of the lease before, to be given back first.
        unused: Option<Unused>,
    },
}

/// What came of adopting a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adopted {
    /// The first call of the lease, which is spent.
    pub spent: Spent,
    /// A lease that another call adopted meanwhile and that has no place
    /// here: give it back, or its calls count as spent.
    pub surplus: Option<Unused>,
}

/// Keeps the lease of one holder, in memory. A new one asks for one call; one
/// that uses up its leases asks for twice as many each time, so that a busy
/// session asks seldom and a quiet one keeps nothing from the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeaseHolder {
    held: Option<Held>,
    /// How often in a row a lease was used up while it lived.
    used_up: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    lease: Lease,
    /// Calls not spent yet.
    unused: u32,
    /// The clock as it was read last.
    seen: Micros,
    /// Microseconds that passed since the ledger was asked; or more, but not
    /// less, as long as the clock was set back by [`LEASE_SLACK`] at most.
    age: u64,
    /// Whether the clock was seen to go back by more than that.
    clock_lost: bool,
}

impl LeaseHolder {
    /// Spends a call of the lease, if there is one that lives.
    pub fn spend(&mut self, now: Timestamp) -> Spend {
        if let Some(held) = &mut self.held {
            held.look_at(now.into());
            if let Some(spent) = held.spend() {
                return Spend::Spent(spent);
            }
        }
        let before = self.held.take();
        let used_up = before
            .as_ref()
            .is_some_and(|held| held.unused == 0 && held.lives());
        self.used_up = if used_up {
            self.used_up.saturating_add(1)
        } else {
            0
        };
        Spend::NeedLease {
            want: 1_u32
                .checked_shl(self.used_up)
                .map_or(LEASE_CALLS_MAX, |want| want.min(LEASE_CALLS_MAX)),
            unused: before.map(|held| held.unused()),
        }
    }

    /// Keeps a new lease and spends its first call, the one that asked.
    ///
    /// `asked` is what this holder's clock said *before* the ledger was
    /// asked. From then on the lease lives for [`LEASE_LIFE`]; so it is over
    /// here before it is over for the ledger, however the two clocks differ.
    pub fn adopt(&mut self, lease: Lease, asked: Timestamp) -> Adopted {
        let new = Held {
            unused: lease.calls.saturating_sub(1),
            seen: asked.into(),
            age: 0,
            clock_lost: false,
            lease,
        };
        let spent = new.spent();
        // Two calls asked at once: what has more left to spend stays.
        let (kept, surplus) = match self.held.take() {
            Some(old) if old.lives() && old.unused > new.unused => (old, Some(new)),
            old => (new, old),
        };
        self.held = Some(kept);
        let surplus = surplus.map(|held| held.unused());
        Adopted { spent, surplus }
    }

    /// Gives up the lease, for a holder that goes away or to sleep.
    pub fn give_up(&mut self) -> Option<Unused> {
        self.held.take().map(|held| held.unused())
    }
}

impl Held {
    /// Notes what the clock says. A step back counts as no time.
    fn look_at(&mut self, now: Micros) {
        self.age = self.age.saturating_add(now.since(self.seen));
        self.clock_lost |= self.seen.since(now) > micros(LEASE_SLACK);
        self.seen = now;
    }

    fn lives(&self) -> bool {
        !self.clock_lost && self.age < micros(LEASE_LIFE)
    }

    fn spend(&mut self) -> Option<Spent> {
        if !self.lives() {
            return None;
        }
        self.unused = self.unused.checked_sub(1)?;
        Some(self.spent())
    }

    fn spent(&self) -> Spent {
        Spent {
            remaining: self.lease.remaining.saturating_add(self.unused),
            reset: seconds_up(micros(self.lease.reset).saturating_sub(self.age)),
            policy: self.lease.policy,
        }
    }

    fn unused(&self) -> Unused {
        Unused {
            number: self.lease.number,
            calls: self.unused,
        }
    }
}

/// The size of a lease when `left` calls are left.
pub(crate) fn lease_calls(want: u32, left: u32) -> u32 {
    let fair = (left / LEASE_SHARE).max(1);
    want.clamp(1, LEASE_CALLS_MAX).min(fair)
}
