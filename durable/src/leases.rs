//! The leases of an isolate or an object: one holder for each user whose calls it
//! serves, and for each grant under which they are made.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use oauth::grant::GrantId;
use quota::LeaseHolder;

/// Most holders that are kept at one place. Beyond, it begins anew: what was left
/// of their leases counts as spent.
const HOLDERS_MAX: usize = 10_000;

type Holder = Rc<RefCell<LeaseHolder>>;

/// The holders.
#[derive(Debug, Default)]
pub struct Leases(RefCell<HashMap<(String, Option<GrantId>), Holder>>);

impl Leases {
    /// The holder for calls of this account under this grant, if there is one. Who
    /// has another grant does not spend from its leases: see [`crate::quota::admit`].
    pub fn holder(&self, account: &str, grant: Option<&GrantId>) -> Holder {
        let key = (account.to_owned(), grant.cloned());
        let mut holders = self.0.borrow_mut();
        if holders.len() >= HOLDERS_MAX && !holders.contains_key(&key) {
            holders.clear();
        }
        Rc::clone(holders.entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_does_not_spend_from_the_leases_of_another() {
        let leases = Leases::default();
        let (one, other) = (GrantId::new([1; 16]), GrantId::new([2; 16]));
        let held = leases.holder("a", Some(&one));
        assert!(Rc::ptr_eq(&held, &leases.holder("a", Some(&one))));
        for (account, grant) in [("a", Some(&other)), ("a", None), ("b", Some(&one))] {
            assert!(!Rc::ptr_eq(&held, &leases.holder(account, grant)));
        }
    }

    #[test]
    fn there_are_never_more_holders_than_may_be() {
        let leases = Leases::default();
        for number in 0..=HOLDERS_MAX {
            leases.holder(&number.to_string(), None);
            assert!(leases.0.borrow().len() <= HOLDERS_MAX);
        }
    }
}
