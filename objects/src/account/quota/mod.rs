//! The ledger of the account: takes leases out of it, and stores it.

mod doubt;
mod line;
mod news;
mod policy;
mod rows;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::lock::Mutex;
use platform::quota::{Asked, Given};
use platform::{clock, json};
use quota::{HolderId, Ledger, PermitNumber, Policies};
use worker::{Env, Request, Response, Result, State};

use super::{grants, sweep};
pub(super) use line::permits;
use news::Holders;
pub(super) use policy::{changed, of as policies, read_old};
pub(super) use rows::load;
#[cfg(test)]
pub(super) use rows::save;

/// What an account has in memory of its quota. All of it but the slots, the visits and
/// who has leases is stored, too.
#[derive(Debug, Default)]
pub(super) struct Counter {
    /// As stored, with the slots that are kept.
    ledger: RefCell<Option<Ledger>>,
    policies: RefCell<Option<Rc<Policies>>>,
    /// Whoever reads the policy in D1, one after another: an older one must not come last.
    reading: Mutex<()>,
    holders: RefCell<Holders>,
    waiting: line::Waiting,
    /// Permits that were out when the ledger was read: nobody here knows whether their
    /// calls still run.
    in_doubt: RefCell<BTreeMap<HolderId, Vec<PermitNumber>>>,
    visits: Cell<u64>,
}

impl Counter {
    /// How often somebody asked for a lease or a permit since the object was made.
    pub(super) fn visits(&self) -> u64 {
        self.visits.get()
    }

    fn count_visit(&self) {
        self.visits.set(self.visits.get().saturating_add(1));
    }

    /// Forgets all, with what is stored.
    pub(super) fn forget(&self) {
        self.ledger.take();
        self.policies.take();
    }
}

/// `POST /quota`: settles leases and takes a new one. One row is written for
/// it, none for the calls that are spent from the lease. A grant that has ended
/// gets none, and null; so does a disabled account, in which no grant stands.
pub(super) async fn take(
    state: &State,
    env: &Env,
    counter: &Counter,
    mut request: Request,
) -> Result<Response> {
    let asked: Asked = json::asked(&mut request).await?;
    let given = settle_under(state, env, counter, asked).await?;
    sweep::later(state).await?;
    Response::from_json(&given)
}

/// The same, of whoever is asked already.
pub(super) async fn settle_under(
    state: &State,
    env: &Env,
    counter: &Counter,
    asked: Asked,
) -> Result<Option<Given>> {
    counter.count_visit();
    let policies = policy::of(state, env, counter, asked.account.as_deref()).await?;
    if !grants::has_ended(state, asked.grant.as_ref())? {
        return settle(state, counter, &policies, asked).map(Some);
    }
    // What was leased before is the user's, whoever asks now.
    if !asked.unused.is_empty() {
        let want = None;
        settle(state, counter, &policies, Asked { want, ..asked })?;
    }
    Ok(None)
}

fn settle(state: &State, counter: &Counter, policies: &Policies, asked: Asked) -> Result<Given> {
    let given = with_ledger(state, counter, |ledger| {
        let now = clock::now();
        for unused in asked.unused {
            ledger.give_back(policies, now, unused);
        }
        let taken = asked.want.map(|want| {
            if asked.remembers {
                ledger.take_or_keep(policies, now, &want, asked.slot)
            } else {
                ledger.take(policies, now, &want)
            }
        });
        match taken {
            None => (Given::Settled, true),
            Some(Ok(lease)) => (Given::Lease(lease), true),
            // It changes nothing that time does not change anyway.
            Some(Err(refused)) => (Given::Refused(refused), false),
        }
    })?;
    if let (Given::Lease(_), Some(session)) = (&given, asked.session) {
        let now = clock::now();
        counter.holders.borrow_mut().note(session, now);
    }
    Ok(given)
}

/// Does something with the ledger, and stores it if that says so. What breaks off leaves
/// none in memory: it is read again from its row.
fn with_ledger<T>(
    state: &State,
    counter: &Counter,
    work: impl FnOnce(&mut Ledger) -> (T, bool),
) -> Result<T> {
    let sql = state.storage().sql();
    let kept = counter.ledger.take();
    let mut ledger = if let Some(ledger) = kept {
        ledger
    } else {
        let ledger = rows::load(&sql)?.unwrap_or_else(|| Ledger::new(clock::now()));
        counter.in_doubt.replace(ledger.permits_out());
        ledger
    };
    let (done, changed) = work(&mut ledger);
    if changed {
        rows::save(&sql, &ledger)?;
    }
    counter.ledger.replace(Some(ledger));
    Ok(done)
}
