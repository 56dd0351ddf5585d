//! The ledger of one user: how much is left of each family, and what is out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::book::{Book, Short};
use crate::clock::Micros;
use crate::stored::Stored;
use crate::{Family, Lease, LeaseNumber, Policies, Policy, Refused, SlotNumber, Unused, Weight};

/// Most families that a ledger remembers: a few times as many as have a policy, for
/// those that had one. Beyond, what was touched longest ago is forgotten.
pub const BOOKS_MAX: usize = 64;

/// The calls of one user. It starts full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Ledger {
    /// The number of the next lease or permit.
    pub(crate) next: u64,
    pub(crate) books: BTreeMap<Family, Book>,
}

/// What a holder asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The family that the call is of.
    pub family: Family,
    /// What the call weighs.
    pub weight: Weight,
    /// The units it would like, those of the call included.
    pub want: u32,
}

impl Ask {
    /// For one plain call, and nothing more.
    pub fn one() -> Self {
        Self {
            family: Family::default(),
            weight: Weight::ONE,
            want: 1,
        }
    }
}

impl Ledger {
    /// A full ledger. Its leases are numbered from the present microsecond on,
    /// so that none has the number of one of an earlier ledger of the same user,
    /// which was forgotten while somebody still held it.
    pub fn new(now: Timestamp) -> Self {
        Self {
            next: Micros::from(now).number(),
            books: BTreeMap::new(),
        }
    }

    /// Takes a lease of at most `want` units, among which are those of the call
    /// that asks.
    ///
    /// Its size: a quarter of what is left in the bucket that has least, so that four
    /// sessions that ask at once all get some; never more than for
    /// [`crate::LEASE_CALLS_MAX`] calls of that weight.
    pub fn take(
        &mut self,
        policies: &Policies,
        now: Timestamp,
        ask: &Ask,
    ) -> Result<Lease, Refused> {
        self.take_slot(policies, now, ask, None)
    }

    /// The same for who comes for a slot, if one was kept.
    pub fn take_slot(
        &mut self,
        policies: &Policies,
        now: Timestamp,
        ask: &Ask,
        slot: Option<SlotNumber>,
    ) -> Result<Lease, Refused> {
        let (family, policy) = policies.of(&ask.family);
        let number = LeaseNumber::from(self.next);
        let book = self.book(policies, now, &family, policy);
        let taken = book.take(number, now.into(), (ask.weight, ask.want), slot);
        let (units, standing) = taken.map_err(|short| short.of(&family, policy))?;
        self.next += 1;
        Ok(Lease {
            number,
            revision: policies.revision(),
            units,
            standing,
            family,
            policy,
        })
    }

    /// The same for who comes back as told, once: if the call does not fit, its units
    /// are kept for that time, and [`Refused::slot`] names them. Nothing of this is
    /// in a row; see [`crate::SLOT_AHEAD_MAX`] for when nothing is kept.
    pub fn take_or_keep(
        &mut self,
        policies: &Policies,
        now: Timestamp,
        ask: &Ask,
        slot: Option<SlotNumber>,
    ) -> Result<Lease, Refused> {
        let refused = match self.take_slot(policies, now, ask, slot) {
            Ok(lease) => return Ok(lease),
            Err(refused) => refused,
        };
        let Some(retry_after) = refused.retry_after else {
            return Err(refused);
        };
        let number = SlotNumber(self.next);
        let (family, policy) = policies.of(&ask.family);
        let book = self.book(policies, now, &family, policy);
        let (slot, wait) = match book.keep(number, now.into(), ask.weight, retry_after) {
            Ok(()) => (Some(number), retry_after),
            Err(wait) => (None, wait),
        };
        self.next += 1;
        Err(Refused {
            slot,
            retry_after: Some(wait),
            ..refused
        })
    }

    /// Settles a lease: its unused units can be taken again, and how many
    /// those were is returned. A lease that is over, or was settled before,
    /// gives back nothing: the calls that took its place may be spent.
    pub fn give_back(&mut self, policies: &Policies, now: Timestamp, unused: Unused) -> u32 {
        for (family, book) in &mut self.books {
            if book.position(unused.number).is_some() {
                book.advance(policies.own(family), now.into());
                return book.give_back(unused);
            }
        }
        0
    }

    /// Whether it is as good as a new one: every call is there, and none is out.
    pub fn is_full(&self, policies: &Policies, now: Timestamp) -> bool {
        let is_full = |(family, book): (&Family, &Book)| {
            let own = policies.own(family);
            book.is_full(own, now.into())
        };
        self.books.iter().all(is_full)
    }

    /// The book of a family, brought to `now`.
    pub(crate) fn book(
        &mut self,
        policies: &Policies,
        now: Timestamp,
        family: &Family,
        policy: Policy,
    ) -> &mut Book {
        if !self.books.contains_key(family) {
            self.make_room(policies, now);
        }
        let new = || Book::new(now.into());
        let book = self.books.entry(family.clone()).or_insert_with(new);
        book.advance(Some(policy), now.into());
        book
    }

    /// At the limit, forgets families that are as good as new, or else the one that was
    /// touched longest ago. Not before: what is full under a small burst would be so
    /// again under a larger one that comes next.
    fn make_room(&mut self, policies: &Policies, now: Timestamp) {
        if self.books.len() < BOOKS_MAX {
            return;
        }
        self.books
            .retain(|family, book| !book.is_full(policies.own(family), now.into()));
        if self.books.len() >= BOOKS_MAX {
            let oldest = self.books.iter().min_by_key(|(_, book)| book.at());
            if let Some(family) = oldest.map(|(family, _)| family.clone()) {
                self.books.remove(&family);
            }
        }
    }
}

impl Short {
    pub(crate) fn of(self, family: &Family, policy: Policy) -> Refused {
        Refused {
            family: family.clone(),
            policy,
            standing: self.standing,
            retry_after: self.retry_after,
            slot: None,
        }
    }
}
