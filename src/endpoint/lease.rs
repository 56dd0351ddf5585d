//! The leases of this isolate: one holder for each user with stateless calls.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use quota::LeaseHolder;

/// Most users whose leases an isolate keeps. Beyond, it begins anew: what was
/// left of their leases counts as spent.
const HOLDERS_MAX: usize = 10_000;

type Holder = Rc<RefCell<LeaseHolder>>;

thread_local! {
    static HOLDERS: RefCell<HashMap<String, Holder>> = RefCell::default();
}

/// The user's holder.
pub(super) fn holder(account: &str) -> Holder {
    HOLDERS.with_borrow_mut(|holders| {
        if holders.len() >= HOLDERS_MAX && !holders.contains_key(account) {
            holders.clear();
        }
        Rc::clone(holders.entry(account.to_owned()).or_default())
    })
}
