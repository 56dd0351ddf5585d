//! What holds permits: an object that makes calls.

use jiff::Timestamp;

use crate::age::Age;
use crate::{
    NEWS_AGE_MAX, PERMIT_IDLE_MAX, PERMIT_LIFE, PERMIT_RENEW_AFTER, Permit, PermitNumber, Revision,
};

/// What came of an attempt to start a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It may start, on this permit.
    Go(PermitNumber),
    /// The ledger has to be asked, where the call may wait in line; then comes
    /// [`PermitHolder::granted`] or [`PermitHolder::not_granted`].
    Ask {
        /// Permits that lie idle and are no good for it, to be taken back first: or
        /// it would wait for them.
        end: Vec<PermitNumber>,
    },
}

/// What a holder has to tell the ledger, and its calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Permits to be renewed; then comes [`PermitHolder::renewed`].
    pub renew: Vec<PermitNumber>,
    /// Permits to be taken back, which are not held any more.
    pub end: Vec<PermitNumber>,
    /// Permits of running calls that could not be renewed in time. Others may run in
    /// their place: their calls have to be ended for the limit to hold.
    pub lapsed: Vec<PermitNumber>,
}

/// Keeps the permits of one holder for one family, in memory.
///
/// A permit whose call has ended is kept for the next for [`PERMIT_IDLE_MAX`], so
/// that one quick call after another asks for none; after a call that ran for as long,
/// asking costs little beside it, and others may have come to wait. While calls stand in
/// line, of this holder or of others when it was granted, none is kept, so that nobody
/// gets ahead of those who came first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PermitHolder {
    held: Vec<Held>,
    /// Calls that asked and were not answered yet.
    asking: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Held {
    permit: Permit,
    /// Since the ledger was asked for it.
    granted: Age,
    /// Since the ledger was asked for it, or to renew it.
    age: Age,
    /// Since its present or last call started.
    started: Age,
    /// Since its call ended; none while one runs.
    idle: Option<Age>,
}

impl PermitHolder {
    /// Starts a call on a permit that lies idle, if there is one. For `news` see
    /// [`crate::LeaseHolder::spend`].
    pub fn start(&mut self, now: Timestamp, news: Option<Revision>) -> Start {
        self.look_at(now);
        let mut held = self.held.iter_mut();
        if let Some(held) = held.find(|held| held.is_free(news)) {
            held.started = Age::from(now.into());
            held.idle = None;
            return Start::Go(held.permit.number);
        }
        self.asking = self.asking.saturating_add(1);
        let idle = self.held.extract_if(.., |held| held.idle.is_some());
        Start::Ask {
            end: idle.map(|held| held.permit.number).collect(),
        }
    }

    /// Starts the call that asked, on the permit that was granted for it. `asked` is
    /// what this holder's clock said *before* the ledger was asked. False if that was
    /// so long ago that the permit is not good any more: then it has to be taken back.
    pub fn granted(&mut self, permit: Permit, asked: Timestamp, now: Timestamp) -> bool {
        self.not_granted();
        let mut age = Age::from(asked.into());
        age.look_at(now.into());
        let is_good = age.is_below(PERMIT_LIFE);
        if is_good {
            let idle = None;
            let (granted, started) = (age, Age::from(now.into()));
            self.held.push(Held {
                permit,
                granted,
                age,
                started,
                idle,
            });
        }
        is_good
    }

    /// The call that asked got no permit, or needs none.
    pub fn not_granted(&mut self) {
        self.asking = self.asking.saturating_sub(1);
    }

    /// A call has ended. True if its permit is to be taken back at once.
    pub fn ended(&mut self, number: PermitNumber, now: Timestamp) -> bool {
        self.look_at(now);
        let mut held = self.held.iter_mut();
        let Some(held) = held.find(|held| held.permit.number == number) else {
            return self.asking > 0;
        };
        let was_quick = held.started.is_below(PERMIT_IDLE_MAX);
        if self.asking > 0 || held.permit.crowded || !was_quick {
            self.forget(number);
            return true;
        }
        held.idle = Some(Age::from(now.into()));
        false
    }

    /// What has to be done now; to be asked each [`crate::PERMIT_LOOK_EVERY`] while any
    /// permit is held, and before each message to the ledger, which can carry it.
    pub fn due(&mut self, now: Timestamp) -> Due {
        self.look_at(now);
        let mut due = Due::default();
        self.held.retain(|held| {
            let number = held.permit.number;
            let lives = held.age.is_below(PERMIT_LIFE);
            match &held.idle {
                Some(idle) if !lives || !idle.is_below(PERMIT_IDLE_MAX) => due.end.push(number),
                None if !lives => due.lapsed.push(number),
                None if !held.age.is_below(PERMIT_RENEW_AFTER) => {
                    due.renew.push(number);
                    return true;
                }
                _ => return true,
            }
            false
        });
        due
    }

    /// The ledger renewed these permits, but for those that are lost, which is
    /// returned of calls that still run: see [`Due::lapsed`].
    pub fn renewed(
        &mut self,
        numbers: &[PermitNumber],
        lost: &[PermitNumber],
        asked: Timestamp,
        now: Timestamp,
    ) -> Vec<PermitNumber> {
        let mut lapsed = Vec::new();
        self.held.retain_mut(|held| {
            let number = held.permit.number;
            if lost.contains(&number) {
                lapsed.extend(held.idle.is_none().then_some(number));
                return false;
            }
            if numbers.contains(&number) {
                held.age = Age::from(asked.into());
            }
            true
        });
        self.look_at(now);
        lapsed
    }

    /// Gives up every permit, for a holder whose calls have all ended.
    pub fn give_up(&mut self) -> Vec<PermitNumber> {
        let held = self.held.drain(..);
        held.map(|held| held.permit.number).collect()
    }

    /// The permits that it holds, for a call or the next one.
    pub fn held(&self) -> impl Iterator<Item = PermitNumber> {
        self.held.iter().map(|held| held.permit.number)
    }

    /// Whether a call asked and was not answered yet.
    pub fn is_asking(&self) -> bool {
        self.asking > 0
    }

    /// Whether no permit is held: otherwise [`PermitHolder::due`] has to be asked.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    fn look_at(&mut self, now: Timestamp) {
        for held in &mut self.held {
            held.age.look_at(now.into());
            held.granted.look_at(now.into());
            held.started.look_at(now.into());
            if let Some(idle) = &mut held.idle {
                idle.look_at(now.into());
            }
        }
    }

    fn forget(&mut self, number: PermitNumber) {
        self.held.retain(|held| held.permit.number != number);
    }
}

impl Held {
    /// Whether a call may start on it. A renewal says nothing about that: a smaller
    /// bound lets calls run on, but none start in their place.
    fn is_free(&self, news: Option<Revision>) -> bool {
        let is_current = match news {
            Some(revision) => self.permit.revision >= revision,
            None => self.granted.is_below(NEWS_AGE_MAX),
        };
        self.idle.is_some() && is_current && self.age.is_below(PERMIT_LIFE)
    }
}
