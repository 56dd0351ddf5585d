//! Who waits for a permit, at the account: first come, first served.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::age::Age;
use crate::clock::micros;
use crate::{Family, HolderId, Ledger, PERMIT_WAIT_MAX, Permit, Policies, Refused};

/// Most calls of one user that wait; further ones are refused at once.
pub const LINE_MAX: usize = 64;

/// How often the line is looked at while anybody waits, as a permit comes free
/// without a word when its holder is dead.
pub const LINE_LOOK_EVERY: Duration = Duration::from_secs(1);

/// The calls that wait, in memory: with the object their connections end, too.
#[derive(Debug, Clone)]
pub struct Line<T> {
    waiting: VecDeque<Place<T>>,
}

#[derive(Debug, Clone)]
struct Place<T> {
    ticket: T,
    family: Family,
    holder: HolderId,
    age: Age,
    /// Whether it could not be called at once.
    waits: bool,
}

/// A call that waits no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called<T> {
    /// Whoever joined with it.
    pub ticket: T,
    /// The permit; none if it needs none.
    pub outcome: Result<Option<Permit>, Refused>,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
        }
    }
}

impl<T: PartialEq> Line<T> {
    /// A call wants a permit. Who is called by that is returned, often the call
    /// itself; the others wait.
    pub fn join(
        &mut self,
        ledger: &mut Ledger,
        policies: &Policies,
        now: Timestamp,
        (family, holder): (&Family, &HolderId),
        ticket: T,
    ) -> Vec<Called<T>> {
        self.waiting.push_back(Place {
            ticket,
            family: family.clone(),
            holder: holder.clone(),
            age: Age::from(now.into()),
            waits: false,
        });
        self.advance(ledger, policies, now)
    }

    /// A call does not want it any more: its client went away.
    pub fn leave(&mut self, ticket: &T) {
        self.waiting.retain(|place| place.ticket != *ticket);
    }

    /// Calls who is next: to be asked when permits were taken back, and each
    /// [`LINE_LOOK_EVERY`] while anybody waits.
    pub fn advance(
        &mut self,
        ledger: &mut Ledger,
        policies: &Policies,
        now: Timestamp,
    ) -> Vec<Called<T>> {
        let mut called = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        let crowded = waiting.len() > 1 || waiting.iter().any(|place| place.waits);
        let mut full: BTreeMap<Family, Refused> = BTreeMap::new();
        for mut place in waiting {
            place.age.look_at(now.into());
            // Nobody gets ahead of those before: where they are refused at this
            // moment, so is whoever comes after them.
            if !full.contains_key(&place.family) {
                match ledger.permit(policies, now, &place.family, &place.holder) {
                    Ok(permit) => {
                        let outcome = Ok(permit.map(|permit| Permit { crowded, ..permit }));
                        let ticket = place.ticket;
                        called.push(Called { ticket, outcome });
                        continue;
                    }
                    Err(refused) => full.insert(place.family.clone(), refused),
                };
            }
            let may_wait = place.age.is_below(PERMIT_WAIT_MAX) && self.waiting.len() < LINE_MAX;
            match full.get(&place.family) {
                Some(refused) if !may_wait => called.push(Called {
                    ticket: place.ticket,
                    outcome: Err(refused.clone()),
                }),
                _ => {
                    place.waits = true;
                    self.waiting.push_back(place);
                }
            }
        }
        called
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How long nothing happens by itself to who joined with this; none if it does not
    /// wait.
    pub fn rest(&self, ticket: &T) -> Option<Duration> {
        let place = self.waiting.iter().find(|place| place.ticket == *ticket)?;
        let left = micros(PERMIT_WAIT_MAX).saturating_sub(place.age.passed());
        Some(Duration::from_micros(left).min(LINE_LOOK_EVERY))
    }
}
