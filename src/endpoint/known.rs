//! What was decided of stateless clients, for requests like the one it was decided for:
//! their token, where they come from and what they take are looked at once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use http::{Request, Response};
use jiff::Timestamp;
use mcp::era::SessionClaim;
use platform::answer::Body;
use platform::clock;

use super::caller::Caller;
use super::{Call, headers_of};
use crate::app::App;
use crate::error::Error;

/// How many are kept. With one more, all are forgotten: who comes again is looked at
/// again.
const KNOWN_MAX: usize = 1_000;

/// A client who may use the endpoint, and how it asks.
pub(crate) struct Known {
    /// The request for which that was decided, without its body.
    pub(crate) head: Request<()>,
    caller: Rc<Caller>,
    until: Timestamp,
}

/// Marks a request whose client is known.
#[derive(Debug, Clone, Copy)]
struct Mark;

/// By number.
#[derive(Default)]
struct All {
    last: u32,
    known: HashMap<u32, Rc<Known>>,
}

thread_local! {
    static ALL: RefCell<All> = RefCell::default();
}

/// Keeps what was decided until a time; the number under which it is found.
pub(super) fn keep(head: &Request<()>, caller: &Rc<Caller>, until: Timestamp) -> u32 {
    let mut head = head.clone();
    head.extensions_mut().insert(Mark);
    let known = Known {
        head,
        caller: Rc::clone(caller),
        until,
    };
    let now = clock::now();
    ALL.with_borrow_mut(|all| {
        // Their tokens are not to lie here for longer than they are of use.
        all.known.retain(|_, known| known.until > now);
        if all.known.len() >= KNOWN_MAX {
            all.known.clear();
        }
        all.last = all.last.wrapping_add(1);
        all.known.insert(all.last, Rc::new(known));
        all.last
    })
}

/// Whether the client of a request is known already.
pub(super) fn has(head: &Request<()>) -> bool {
    head.extensions().get::<Mark>().is_some()
}

/// What was kept under a number, if it still is.
pub(super) fn under(number: u32) -> Option<Rc<Known>> {
    ALL.with_borrow(|all| all.known.get(&number).cloned())
}

/// Nothing is kept any more.
pub(super) fn forget_all() {
    let forgotten = ALL.with_borrow_mut(|all| std::mem::take(&mut all.known));
    drop(forgotten);
}

/// Answers a request like the one that is known.
pub(crate) async fn serve(
    app: &App,
    head: &Request<()>,
    known: &Known,
    body: &[u8],
) -> Result<Response<Body>, Error> {
    let call = Call {
        app,
        head,
        caller: Rc::clone(&known.caller),
        session: None,
    };
    call.post(headers_of(head, SessionClaim::Absent), body)
        .await
}
