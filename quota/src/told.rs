//! What a holder told its callers: when to come back, and what was kept for them.

use std::time::Duration;

use jiff::Timestamp;

use crate::age::Age;
use crate::clock::{micros, seconds_up};
use crate::{NEWS_AGE_MAX, Refused, SLOT_GRACE, SLOTS_MAX, SlotNumber, Weight};

/// How long a refusal for which nothing was kept answers further calls, without asking
/// the ledger. A change of policy works within that time, too.
const REFUSAL_LIFE: Duration = NEWS_AGE_MAX;

/// The refusals of one holder that still count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    kept: Vec<Kept>,
    /// The last one for which nothing was kept, and for which weight.
    refused: Option<(Refused, Weight, Age)>,
}

/// By what a call is known again when it comes back, where a holder has many callers: a
/// hash of what it asks for. Of a session, which is one caller, all calls have the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark(pub u64);

/// Something is kept for a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    number: SlotNumber,
    mark: Mark,
    /// Since the caller was told.
    age: Age,
    after: Duration,
}

impl Told {
    /// Notes a refusal.
    pub(crate) fn note(&mut self, refused: &Refused, weight: Weight, mark: Mark, now: Timestamp) {
        let age = Age::from(now.into());
        let Some(after) = refused.retry_after else {
            return; // told anew each time: a change of policy may let it pass
        };
        match refused.slot {
            Some(number) if self.kept.len() < SLOTS_MAX => {
                self.kept.push(Kept {
                    number,
                    mark,
                    age,
                    after,
                });
            }
            Some(_) => {}
            None => self.refused = Some((refused.clone(), weight, age)),
        }
    }

    /// What is kept for a caller of that mark that comes now, if one was told to. It is
    /// theirs from the moment they were told, and not before: so that nobody else gets it.
    pub(crate) fn due(&mut self, mark: Mark, now: Timestamp) -> Option<SlotNumber> {
        if let Some((_, _, age)) = &mut self.refused {
            age.look_at(now.into());
        }
        for kept in &mut self.kept {
            kept.age.look_at(now.into());
        }
        self.kept
            .retain(|kept| kept.age.is_below(kept.after + SLOT_GRACE));
        let is_due = |kept: &Kept| kept.mark == mark && kept.age.passed() >= micros(kept.after);
        let due = self.kept.iter().position(is_due)?;
        Some(self.kept.remove(due).number)
    }

    /// The refusal of a call that is no lighter, a moment ago.
    pub(crate) fn again(&self, weight: Weight) -> Option<Refused> {
        let (refused, lightest, age) = self.refused.as_ref()?;
        if weight < *lightest || !age.is_below(REFUSAL_LIFE) {
            return None;
        }
        let left = |after| seconds_up(micros(after).saturating_sub(age.passed()).max(1));
        Some(Refused {
            retry_after: refused.retry_after.map(left),
            ..refused.clone()
        })
    }
}
