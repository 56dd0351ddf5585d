//! Slots: units of the future, kept for who was refused and told when to come back.
//!
//! They are in memory only: with the account's object they are gone, and who comes
//! back then waits in turn with everybody else. No unit is given away by one: it is
//! taken from the buckets when somebody comes for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::{Micros, micros};

/// How far ahead units are kept. Who would have to wait longer is told how long, but
/// others may come first.
pub const SLOT_AHEAD_MAX: Duration = Duration::from_mins(1);
/// How much later than told somebody may come: a slow way there and back.
pub const SLOT_GRACE: Duration = Duration::from_secs(5);
/// Most slots of a family.
pub const SLOTS_MAX: usize = 1_024;

/// Which slot of its ledger it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotNumber(pub(crate) u64);

/// The slots of one family, in the order in which they were promised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Slots(Vec<SlotOut>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct SlotOut {
    number: SlotNumber,
    units: u32,
    /// From when on the units are there.
    from: Micros,
    /// When nobody comes any more.
    until: Micros,
}

impl Slots {
    /// The units that are kept for others.
    pub(crate) fn units(&self) -> u32 {
        let units = self.0.iter().map(|slot| slot.units);
        units.fold(0, u32::saturating_add)
    }

    /// Keeps units that are there from one moment on, and are asked for at another;
    /// false if that is too far ahead, or there are too many already.
    pub(crate) fn keep(
        &mut self,
        number: SlotNumber,
        units: u32,
        at: Micros,
        (from, told): (Micros, Micros),
    ) -> bool {
        let fits = told.since(at) <= micros(SLOT_AHEAD_MAX) && self.0.len() < SLOTS_MAX;
        if fits {
            self.0.push(SlotOut {
                number,
                units,
                from,
                until: told.after(micros(SLOT_GRACE)),
            });
        }
        fits
    }

    /// When surely nobody comes any more for what is promised by then.
    pub(crate) fn all_lapsed(at: Micros) -> Micros {
        at.after(micros(SLOT_AHEAD_MAX) + micros(SLOT_GRACE))
    }

    /// Gives up a slot to whoever it was kept for; its units, none if it is not there
    /// or its time has not come.
    pub(crate) fn claim(&mut self, number: Option<SlotNumber>, at: Micros) -> u32 {
        let is_it = |slot: &mut SlotOut| Some(slot.number) == number && slot.from <= at;
        let claimed = self.0.extract_if(.., is_it);
        claimed.map(|slot| slot.units).sum()
    }

    pub(crate) fn forget_lapsed(&mut self, at: Micros) {
        self.0.retain(|slot| slot.until > at);
    }

    pub(crate) fn forget_all(&mut self) {
        self.0.clear();
    }
}
