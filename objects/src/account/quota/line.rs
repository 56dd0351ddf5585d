//! Permits of the account: granted, renewed and taken back, and the line of those that
//! wait for one. Each change is a row; who waits is in memory only, as with the object
//! their connections end.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use platform::quota::{PermitsAsked, PermitsGiven, Started};
use platform::{clock, json};
use quota::{Called, Family, HolderId, LINE_LOOK_EVERY, Ledger, Line, Permit, Policies, Refused};
use worker::{Delay, Env, Error, Request, Response, Result, State};

use super::{Counter, doubt, policy, with_ledger};
use crate::account::sweep;

type Outcome = std::result::Result<Option<Permit>, Refused>;

/// Who waits.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    line: RefCell<Line<u64>>,
    senders: RefCell<HashMap<u64, oneshot::Sender<Outcome>>>,
    tickets: Cell<u64>,
}

/// `POST /permits`: takes back, renews, and grants one, after a while if it has to be
/// waited for.
pub(crate) async fn permits(
    state: &State,
    env: &Env,
    counter: &Counter,
    mut request: Request,
) -> Result<Response> {
    let asked: PermitsAsked = json::asked(&mut request).await?;
    counter.count_visit();
    let policies = policy::of(state, env, counter, Some(&asked.account)).await?;
    let PermitsAsked {
        end, renew, holder, ..
    } = asked;
    let lost = with_ledger(state, counter, |ledger| {
        let now = clock::now();
        let freed = if asked.anew {
            ledger.begin_anew(&policies, now, &holder)
        } else {
            0
        };
        let ended = ledger.end(&policies, now, &end);
        let lost = ledger.renew(&policies, now, &renew);
        let changed = freed + ended > 0 || lost.len() < renew.len();
        (lost, changed)
    })?;
    advance(state, counter, &policies)?;
    let started = match asked.start {
        None => None,
        Some(family) => Some(start(state, env, counter, &policies, (&family, &holder)).await?),
    };
    if let (Some(Started::Permit(_)), Some(session)) = (&started, asked.session) {
        let now = clock::now();
        counter.holders.borrow_mut().note(session, now);
    }
    sweep::later(state).await?;
    Response::from_json(&PermitsGiven { lost, started })
}

/// Joins the line, and waits until the call is called. Whether its client has left
/// meanwhile is the holder's to know, which gives its permit back.
async fn start(
    state: &State,
    env: &Env,
    counter: &Counter,
    policies: &Policies,
    who: (&Family, &HolderId),
) -> Result<Started> {
    let waiting = &counter.waiting;
    let ticket = waiting.tickets.get();
    waiting.tickets.set(ticket.wrapping_add(1));
    let (sender, mut receiver) = oneshot::channel();
    waiting.senders.borrow_mut().insert(ticket, sender);
    with_ledger(state, counter, |ledger| {
        let mut line = waiting.line.borrow_mut();
        let called = line.join(ledger, policies, clock::now(), who, ticket);
        ((), call(waiting, ledger, policies, called))
    })?;
    let waits = waiting.line.borrow().rest(&ticket).is_some();
    if waits && doubt::settle(state, env, counter, policies).await? {
        advance(state, counter, policies)?;
    }
    loop {
        let rest = waiting
            .line
            .borrow()
            .rest(&ticket)
            .unwrap_or(LINE_LOOK_EVERY);
        match select(receiver, Delay::from(rest)).await {
            Either::Left((outcome, _)) => {
                let outcome = outcome.map_err(|_| Error::RustError("a call got lost".into()))?;
                return Ok(match outcome {
                    Ok(Some(permit)) => Started::Permit(permit),
                    Ok(None) => Started::Free,
                    Err(refused) => Started::Refused(refused),
                });
            }
            Either::Right(((), still)) => receiver = still,
        }
        advance(state, counter, policies)?;
    }
}

/// Calls who is next.
fn advance(state: &State, counter: &Counter, policies: &Policies) -> Result<()> {
    let waiting = &counter.waiting;
    if waiting.line.borrow().is_empty() {
        return Ok(()); // nobody waits
    }
    with_ledger(state, counter, |ledger| {
        let mut line = waiting.line.borrow_mut();
        let called = line.advance(ledger, policies, clock::now());
        ((), call(waiting, ledger, policies, called))
    })
}

/// Tells those that are called; whether a permit was granted to any.
fn call(
    waiting: &Waiting,
    ledger: &mut Ledger,
    policies: &Policies,
    called: Vec<Called<u64>>,
) -> bool {
    let mut granted = false;
    for Called { ticket, outcome } in called {
        granted |= matches!(outcome, Ok(Some(_)));
        let sender = waiting.senders.borrow_mut().remove(&ticket);
        let told = match sender {
            Some(sender) => sender.send(outcome),
            None => Err(outcome),
        };
        if let Err(Ok(Some(permit))) = told {
            // Nobody waits for it any more.
            ledger.end(policies, clock::now(), &[permit.number]);
        }
    }
    granted
}
