//! What was decided of stateless clients, for requests like the one it was decided for:
//! their token, where they come from and what they take are looked at once.

use std::cell::RefCell;
use std::rc::Rc;

use http::{Request, Response};
use jiff::Timestamp;
use mcp::era::SessionClaim;
use platform::answer::Body;
use platform::incoming;
use platform::random::{self, NoRandomBytes};

use super::caller::Caller;
use super::{Call, headers_of};
use crate::app::App;
use crate::error::Error;

/// How many are kept. With one more, who came first is forgotten, and looked at again
/// if they come again.
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

/// What is kept, by id. Few are kept at a time, and a map would be 4 kB of program.
type All = Vec<(u64, Rc<Known>)>;

thread_local! {
    static KNOWN: RefCell<All> = RefCell::default();
}

/// An id that none has and none had. Where ids are kept may outlive what they are of, when
/// the platform makes the memory of the isolate anew.
pub(super) fn new_id() -> Result<u64, NoRandomBytes> {
    Ok(u64::from_ne_bytes(random::bytes()?))
}

/// Keeps what was decided until a time, under an id, in the place of another.
pub(super) fn keep(
    id: u64,
    replaced: u64,
    head: &Request<()>,
    caller: &Rc<Caller>,
    until: Timestamp,
) {
    let mut head = incoming::like(head, None);
    head.extensions_mut().insert(Mark);
    let known = Rc::new(Known {
        head,
        caller: Rc::clone(caller),
        until,
    });
    KNOWN.with_borrow_mut(|all| {
        all.retain(|(it, _)| *it != replaced);
        if all.len() >= KNOWN_MAX {
            all.remove(0);
        }
        all.push((id, known));
    });
}

/// Whether the client of a request is known already.
pub(super) fn has(head: &Request<()>) -> bool {
    head.extensions().get::<Mark>().is_some()
}

/// What is kept under an id, if it still holds.
pub(super) fn of(id: u64, now: Timestamp) -> Option<Rc<Known>> {
    KNOWN.with_borrow(|all| {
        let (_, known) = all.iter().find(|(it, _)| *it == id)?;
        (known.until > now).then(|| Rc::clone(known))
    })
}

/// What holds no longer is not kept: there are tokens in it.
pub(super) fn forget_ended(now: Timestamp) {
    KNOWN.with_borrow_mut(|all| all.retain(|(_, known)| known.until > now));
}

/// Nothing is kept any more.
pub(super) fn forget_all() {
    KNOWN.with_borrow_mut(Vec::clear);
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

#[cfg(test)]
mod tests {
    use mcp::principal::Principal;
    use mcp::via::Via;
    use oauth::allowance::Allowance;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
    const LATER: Timestamp = Timestamp::constant(1_800_000_060, 0);

    fn kept(replaced: u64) -> u64 {
        let caller = Rc::new(Caller {
            principal: Principal::anonymous("a".into()),
            grant: None,
            allowance: Allowance::default(),
            via: Via::default(),
            expires: Timestamp::MAX,
            has_token: true,
            forgotten: 0,
        });
        let id = new_id().unwrap();
        keep(id, replaced, &Request::default(), &caller, LATER);
        id
    }

    #[test]
    fn what_is_kept_is_found_while_it_holds_and_marks_its_requests() {
        let id = kept(0);
        assert!(has(&of(id, NOW).unwrap().head) && !has(&Request::default()));
        assert!(of(id, LATER).is_none() && of(id.wrapping_add(1), NOW).is_none());
        forget_ended(NOW);
        assert!(of(id, NOW).is_some());
        forget_ended(LATER);
        assert!(of(id, NOW).is_none(), "its token still lies here");
    }

    #[test]
    fn what_is_replaced_or_forgotten_is_not_found() {
        let (one, other) = (kept(0), kept(0));
        let newer = kept(one);
        let found = [one, other, newer].map(|id| of(id, NOW).is_some());
        assert_eq!(found, [false, true, true]);
        forget_all();
        assert!(of(newer, NOW).is_none());
    }

    #[test]
    fn there_are_never_more_than_may_be_and_the_first_goes_first() {
        let first = kept(0);
        let ids: Vec<_> = (0..KNOWN_MAX).map(|_| kept(0)).collect();
        assert_eq!(KNOWN.with_borrow(Vec::len), KNOWN_MAX);
        assert!(of(first, NOW).is_none());
        assert!(ids.iter().all(|id| of(*id, NOW).is_some()));
    }
}
