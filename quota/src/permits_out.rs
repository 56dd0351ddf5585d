//! The permits that are out, as the ledger counts them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::book::Short;
use crate::clock::{Micros, micros};
use crate::{
    Family, HolderId, LEASE_SLACK, Ledger, Limit, PERMIT_LIFE, PERMIT_LOOK_EVERY, Permit,
    PermitNumber, Policies, Refused, Standing,
};

/// Permits that are out, in the order in which they were granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PermitsOut(Vec<PermitOut>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PermitOut {
    number: PermitNumber,
    holder: HolderId,
    /// When its holder surely counts on it no more.
    until: Micros,
}

impl Ledger {
    /// Grants a permit for one call, if fewer run than may; none if nothing bounds
    /// them. It heeds no line: who can wait joins the [`crate::Line`].
    pub fn permit(
        &mut self,
        policies: &Policies,
        now: Timestamp,
        family: &Family,
        holder: &HolderId,
    ) -> Result<Option<Permit>, Refused> {
        let (family, policy) = policies.of(family);
        let Some(most) = policy.concurrent() else {
            return Ok(None);
        };
        let number = PermitNumber(self.next);
        let book = self.book(policies, now, &family, policy);
        let at = book.at();
        let granted = book.permits.grant(number, holder, most, at);
        granted.map_err(|until| full(until.since(now.into())).of(&family, policy))?;
        self.next += 1;
        Ok(Some(Permit {
            number,
            revision: policies.revision(),
            crowded: false,
        }))
    }

    /// Renews permits of calls that run on, whatever the policy says now. Those that
    /// it does not know are lost, and returned: others may be granted in their place.
    pub fn renew(
        &mut self,
        policies: &Policies,
        now: Timestamp,
        numbers: &[PermitNumber],
    ) -> Vec<PermitNumber> {
        self.bring_permits_to(policies, now);
        let mut lost = numbers.to_vec();
        for book in self.books.values_mut() {
            let at = book.at();
            lost.retain(|number| !book.permits.renew(*number, at));
        }
        lost
    }

    /// Takes back permits of calls that have ended; how many of them were out.
    pub fn end(&mut self, policies: &Policies, now: Timestamp, numbers: &[PermitNumber]) -> usize {
        self.bring_permits_to(policies, now);
        let books = self.books.values_mut();
        books.map(|book| book.permits.end(numbers)).sum()
    }

    /// Takes back every permit of a holder that began anew, and so knows that none of
    /// its calls runs any more; how many they were. Only the holder itself may say so,
    /// in the message that asks for its first permit, or it would lose later ones.
    pub fn begin_anew(&mut self, policies: &Policies, now: Timestamp, holder: &HolderId) -> usize {
        self.bring_permits_to(policies, now);
        let books = self.books.values_mut();
        books.map(|book| book.permits.end_of(holder)).sum()
    }

    /// The permits that are out, by who holds them. Whoever reads a ledger anew does not
    /// know whether their calls still run, and can ask.
    pub fn permits_out(&self) -> BTreeMap<HolderId, Vec<PermitNumber>> {
        let mut by_holder: BTreeMap<HolderId, Vec<PermitNumber>> = BTreeMap::new();
        for out in self.books.values().flat_map(|book| &book.permits.0) {
            let of = by_holder.entry(out.holder.clone()).or_default();
            of.push(out.number);
        }
        by_holder
    }

    /// Brings those books to `now` in which permits are out.
    fn bring_permits_to(&mut self, policies: &Policies, now: Timestamp) {
        for (family, book) in &mut self.books {
            if !book.permits.is_empty() {
                book.advance(policies.own(family), now.into());
            }
        }
    }
}

impl PermitsOut {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Grants one, or says when one is free if nobody renews or ends any.
    fn grant(
        &mut self,
        number: PermitNumber,
        holder: &HolderId,
        most: NonZeroU32,
        at: Micros,
    ) -> Result<(), Micros> {
        let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
        if let Some(over) = self.0.len().checked_sub(most) {
            let mut untils: Vec<_> = self.0.iter().map(|out| out.until).collect();
            untils.sort_unstable();
            return Err(untils.get(over).copied().unwrap_or(at));
        }
        let until = until(at);
        self.0.push(PermitOut {
            number,
            holder: holder.clone(),
            until,
        });
        Ok(())
    }

    fn renew(&mut self, number: PermitNumber, at: Micros) -> bool {
        let found = self.0.iter_mut().find(|out| out.number == number);
        if let Some(out) = found {
            out.until = until(at);
            return true;
        }
        false
    }

    fn end(&mut self, numbers: &[PermitNumber]) -> usize {
        let before = self.0.len();
        self.0.retain(|out| !numbers.contains(&out.number));
        before - self.0.len()
    }

    fn end_of(&mut self, holder: &HolderId) -> usize {
        let before = self.0.len();
        self.0.retain(|out| out.holder != *holder);
        before - self.0.len()
    }

    pub(crate) fn forget_lapsed(&mut self, at: Micros) {
        self.0.retain(|out| out.until > at);
    }

    pub(crate) fn set_back(&mut self, behind: u64) {
        for out in &mut self.0 {
            out.until = out.until.before(behind);
        }
    }
}

/// Longer than its holder counts on it, whose time began before the ledger's did.
fn until(at: Micros) -> Micros {
    at.after(micros(PERMIT_LIFE) + micros(PERMIT_LOOK_EVERY) + micros(LEASE_SLACK))
}

fn full(wait: u64) -> Short {
    let standing = Standing {
        limit: Limit::Concurrent,
        remaining: 0,
        reset: Duration::ZERO,
    };
    Short::until(wait, standing)
}
