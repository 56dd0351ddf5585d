//! The leases of this isolate, for stateless calls.

use std::cell::RefCell;
use std::rc::Rc;

use durable::leases::Leases;
use oauth::grant::GrantId;
use quota::LeaseHolder;

thread_local! {
    static LEASES: Leases = Leases::default();
}

/// The holder for calls of this account under this grant, if there is one.
pub(super) fn holder(account: &str, grant: Option<&GrantId>) -> Rc<RefCell<LeaseHolder>> {
    LEASES.with(|leases| leases.holder(account, grant))
}
