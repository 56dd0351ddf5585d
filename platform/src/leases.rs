//! The leases of an isolate or an object: one holder for each user whose calls it
//! serves, for each grant under which they are made, and for each family of tools.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use oauth::grant::GrantId;
use quota::{Family, LeaseHolder, Revision, Spent, Unused};

/// Most holders that are kept at one place. Beyond, it begins anew: what was left
/// of their leases counts as spent.
const HOLDERS_MAX: usize = 10_000;
/// Most idle leases that are given back on one way.
const IDLE_MAX: usize = 16;

/// How long an ask may keep others waiting: one that was broken off never says so.
const ASK_MAX: SignedDuration = SignedDuration::from_secs(1);

/// One holder, and whether it is asking for a lease at this moment.
#[derive(Debug, Default)]
pub struct Holder {
    /// Its lease.
    pub lease: RefCell<LeaseHolder>,
    asking_since: Cell<Option<Timestamp>>,
    was_refused: Cell<bool>,
}

impl Holder {
    /// Whether a call does well to wait for the lease that another is asking for. Where
    /// there was none the last time, each asks for itself.
    pub fn is_asking(&self, now: Timestamp) -> bool {
        let since = self.asking_since.get();
        let is_recent = |since| now.duration_since(since).abs() < ASK_MAX;
        !self.was_refused.get() && since.is_some_and(is_recent)
    }

    /// A call asks for a lease.
    pub fn asks(&self, now: Timestamp) {
        self.asking_since.set(Some(now));
    }

    /// What came of it.
    pub fn asked(&self, was_refused: bool) {
        self.asking_since.take();
        self.was_refused.set(was_refused);
    }
}

/// One user's holders, each with what they differ in: few, so that they are looked
/// through.
type Holders = Vec<((Option<GrantId>, Family), Rc<Holder>)>;

/// The holders.
#[derive(Debug, Default)]
pub struct Leases {
    by_account: RefCell<HashMap<String, Holders>>,
    count: Cell<usize>,
    news: Cell<Revision>,
}

impl Leases {
    /// The holder for calls of this account under this grant, if there is one. Who
    /// has another grant does not spend from its leases: see [`crate::quota::admit`].
    pub fn holder(&self, account: &str, grant: Option<&GrantId>, family: &Family) -> Rc<Holder> {
        let mut accounts = self.by_account.borrow_mut();
        let mut known = accounts.get(account).into_iter().flatten();
        let is_it = |(its_grant, its_family): &(Option<GrantId>, Family)| {
            its_grant.as_ref() == grant && its_family == family
        };
        if let Some((_, holder)) = known.find(|(it, _)| is_it(it)) {
            return Rc::clone(holder);
        }
        if self.count.get() >= HOLDERS_MAX {
            accounts.clear();
            self.count.set(0);
        }
        self.count.set(self.count.get() + 1);
        let holder = Rc::<Holder>::default();
        let of = accounts.entry(account.to_owned()).or_default();
        of.push(((grant.cloned(), family.clone()), Rc::clone(&holder)));
        holder
    }

    /// Takes back a call that was spent and then not made.
    pub fn refund(&self, account: &str, grant: Option<&GrantId>, family: &Family, spent: &Spent) {
        let holder = self.holder(account, grant, family);
        holder.lease.borrow_mut().refund(spent);
    }

    /// Leases of this account that nobody spends from, to be given back when it is asked
    /// for something anyway.
    pub fn give_up_idle(&self, account: &str, now: Timestamp) -> Vec<Unused> {
        let accounts = self.by_account.borrow();
        let holders = accounts.get(account).into_iter().flatten();
        let idle = holders.filter_map(|(_, holder)| holder.lease.borrow_mut().give_up_idle(now));
        idle.take(IDLE_MAX).collect()
    }

    /// The newest revision of the policies that whoever keeps these was told of: only an
    /// object, which serves one account, is told.
    pub fn news(&self) -> Revision {
        self.news.get()
    }

    /// Takes note of a change of policy: no lease of an earlier one is spent any more.
    pub fn tell(&self, revision: Revision) {
        self.news.set(self.news.get().max(revision));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_does_not_spend_from_the_leases_of_another() {
        let leases = Leases::default();
        let (one, other) = (GrantId::new([1; 16]), GrantId::new([2; 16]));
        let usual = Family::default();
        let images = Family::try_from("images".to_owned()).unwrap();
        let held = leases.holder("a", Some(&one), &usual);
        assert!(Rc::ptr_eq(&held, &leases.holder("a", Some(&one), &usual)));
        for (account, grant, family) in [
            ("a", Some(&other), &usual),
            ("a", None, &usual),
            ("b", Some(&one), &usual),
            ("a", Some(&one), &images),
        ] {
            assert!(!Rc::ptr_eq(&held, &leases.holder(account, grant, family)));
        }
    }

    #[test]
    fn there_are_never_more_holders_than_may_be() {
        let leases = Leases::default();
        for number in 0..=HOLDERS_MAX {
            leases.holder(&number.to_string(), None, &Family::default());
            let kept = leases.by_account.borrow().values().map(Vec::len).sum();
            assert!((1..=HOLDERS_MAX).contains(&kept));
            assert_eq!(leases.count.get(), kept);
        }
    }

    #[test]
    fn others_wait_for_a_lease_that_is_asked_for_and_not_for_a_refusal_nor_for_ever() {
        let (holder, now) = (Holder::default(), Timestamp::constant(1_800_000_000, 0));
        assert!(!holder.is_asking(now));
        holder.asks(now);
        assert!(holder.is_asking(now) && !holder.is_asking(now + ASK_MAX));
        holder.asked(true);
        holder.asks(now);
        assert!(!holder.is_asking(now));
        holder.asked(false);
        assert!(!holder.is_asking(now));
    }

    #[test]
    fn news_that_come_late_take_nothing_back() {
        let leases = Leases::default();
        leases.tell(Revision(3));
        leases.tell(Revision(2));
        assert_eq!(leases.news(), Revision(3));
    }
}
