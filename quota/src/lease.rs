//! A lease: units that somebody may spend without asking.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Family, Policy, Revision, Standing, Weight};

/// Largest lease, in calls of the weight that asked: a holder that disappears takes no
/// more with it.
pub const LEASE_CALLS_MAX: u32 = 256;

/// Largest lease of a holder that does not spend it within [`LEASE_BRISK`], unless
/// one in [`LEASE_MINOR_SHARE`] of what is left is more: a busy session asks the ledger
/// for one call in 32.
pub const LEASE_CALLS_USUAL: u32 = 32;

/// What is no larger than one in so many of the units that are left is missed by
/// nobody, whoever disappears with it.
pub const LEASE_MINOR_SHARE: u32 = 256;

/// Who spends a whole lease in less time may have a larger one the next time. So one
/// that disappears takes with it what it spends in twice that time, or
/// [`LEASE_CALLS_USUAL`] or the [`LEASE_MINOR_SHARE`] if that is more.
pub const LEASE_BRISK: Duration = Duration::from_secs(2);

/// How long a lease can be spent from. Long enough for a burst of calls,
/// short enough that calls nobody needs are soon back.
pub const LEASE_LIFE: Duration = Duration::from_secs(10);

/// How long the ledger waits beyond that: the most that a holder's clock may
/// be set back unnoticed. A larger step back ends the lease.
pub const LEASE_SLACK: Duration = Duration::from_secs(2);

/// The share of what is left that a lease may have: one unit in so many.
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

/// Some units, deducted from every bucket of a family, for one holder.
///
/// It names no moment at which it ends: that would be a time of the ledger's
/// clock, which the holder cannot compare with its own. See
/// [`crate::LeaseHolder::adopt`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Which lease it is.
    pub number: LeaseNumber,
    /// The revision of the policies it was taken under.
    pub revision: Revision,
    /// How many units, those of the call that asked included.
    pub units: u32,
    /// What is left in the ledger after it, of the bucket that has least.
    pub standing: Standing,
    /// The family whose buckets it was taken from.
    pub family: Family,
    /// The policy it was taken under.
    pub policy: Policy,
}

/// Units of a lease that its holder will not spend any more. Zero units are
/// worth giving back too: then the ledger knows that all were spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// The lease.
    pub number: LeaseNumber,
    /// How many of its units were not spent.
    pub units: u32,
}

/// The size of a lease for a call of that weight when `left` units are left, which
/// is no less.
pub(crate) fn lease_units(want: u32, weight: Weight, left: u32) -> u32 {
    let least = weight.units();
    let most = LEASE_CALLS_MAX.saturating_mul(least);
    want.clamp(least, most).min((left / LEASE_SHARE).max(least))
}
