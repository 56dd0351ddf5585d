//! Units that were taken and may not have been spent yet.

use serde::{Deserialize, Serialize};

use crate::clock::{Micros, micros};
use crate::{LEASE_LIFE, LEASE_SLACK, LeaseNumber};

/// Most leases that a family's buckets keep apart. Past that the two that end first
/// become one, which nobody can give back from; it ends with the later of them.
pub const LEASES_MAX: usize = 64;

/// A lease that is out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Out {
    /// The lease; none where two became one.
    pub(crate) number: Option<LeaseNumber>,
    /// Its units, without those of the call that asked for it.
    #[serde(alias = "calls")]
    pub(crate) units: u32,
    /// When its holder surely spends no more of it.
    pub(crate) until: Micros,
}

/// The units of all of them.
pub(crate) fn units_out(outs: &[Out]) -> u64 {
    outs.iter().map(|out| u64::from(out.units)).sum()
}

/// Remembers units that are out until their holder has surely stopped. The leases
/// are in the order in which they end.
pub(crate) fn send_out(outs: &mut Vec<Out>, number: LeaseNumber, units: u32, at: Micros) {
    if units == 0 {
        return;
    }
    if outs.len() >= LEASES_MAX {
        let first = outs.remove(0);
        if let Some(second) = outs.first_mut() {
            second.number = None;
            second.units = second.units.saturating_add(first.units);
        }
    }
    outs.push(Out {
        number: Some(number),
        units,
        until: at.after(micros(LEASE_LIFE) + micros(LEASE_SLACK)),
    });
}
