//! Spending a call: from a lease that is there, or from one that the account gives.

use std::cell::RefCell;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::Timestamp;
use mcp::tool::Target;
use mcp::tool::catalog::Entry;
use oauth::grant::GrantId;
use quota::{Ask, Cost, Family, LeaseHolder, Mark, Spend, Weight};
use worker::{Delay, Env, Error, Result};

use super::admission::{Admission, no_lease};
use super::wire::{Asked, Given, QUOTA};
use crate::account::post;
use crate::leases::Leases;
use crate::{clock, json, tools};

/// Between two looks whether another call brought a lease.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

// What a contract can say, the quota can count.
const _: () = assert!(mcp::tool::WEIGHT_MAX == quota::WEIGHT_MAX);
const _: () = assert!(mcp::tool::FAMILY_BYTES_MAX == quota::FAMILY_BYTES_MAX);

/// Who spends calls.
#[derive(Debug, Clone, Copy)]
pub struct Spender<'a> {
    /// The account that pays.
    pub account: &'a str,
    /// The grant that the caller's token comes from; none without a token.
    pub grant: Option<&'a GrantId>,
    /// The session whose object spends; none for an isolate, which nobody can tell
    /// anything.
    pub session: Option<&'a str>,
    /// By what a call is known again that comes back as told.
    pub mark: Mark,
}

/// What a request costs: the contract of what it names says so, as the kept catalog has
/// it, and anything else is one plain call.
pub async fn cost(env: &Env, target: Option<&Target>) -> Result<Cost> {
    let Some(target) = target else {
        return Ok(Cost::default());
    };
    let known = tools::known(env, target).await?;
    known.map_or_else(|| Ok(Cost::default()), |entry| cost_of(&entry))
}

/// What a call of it costs.
pub fn cost_of(entry: &Entry) -> Result<Cost> {
    let said = entry.contract.cost.as_ref();
    said.map_or_else(|| Ok(Cost::default()), read)
}

fn read(said: &mcp::tool::Cost) -> Result<Cost> {
    let family = said.family().map(|name| Family::try_from(name.to_owned()));
    let bad = |error: String| Error::RustError(format!("a contract with no cost: {error}"));
    Ok(Cost {
        family: family
            .transpose()
            .map_err(|error| bad(error.to_string()))?
            .unwrap_or_default(),
        weight: Weight::try_from(said.weight()).map_err(|error| bad(error.to_string()))?,
    })
}

/// Spends one call of the user's quota, under the grant that the caller's token
/// comes from, if there is one; none if that has ended.
///
/// A holder is of one user and one grant. So whoever spends from a lease was asked
/// about when it was taken, which is not longer ago than it lives.
pub async fn admit(
    env: &Env,
    leases: &Leases,
    spender: Spender<'_>,
    cost: &Cost,
) -> Result<Option<Admission>> {
    let holder = leases.holder(spender.account, spender.grant, &cost.family);
    let news = spender.session.map(|_| leases.news());
    while holder.is_asking(clock::now()) {
        // A request cannot go on with what another one's I/O brings: it looks again.
        Delay::from(LOOK_AGAIN).await;
    }
    let asked_at = clock::now();
    let attempt = holder
        .lease
        .borrow_mut()
        .spend_as(spender.mark, asked_at, cost.weight, news);
    let (want, unused, slot) = match attempt {
        Spend::Spent(spent) => return Ok(Some(Admission::Admitted(spent))),
        Spend::Refused(refused) => return Ok(Some(Admission::Refused(refused))),
        Spend::NeedLease { want, unused, slot } => (want, unused, slot),
    };
    // In a box: most calls need no lease, nor its room.
    let taking = async {
        let idle = leases.give_up_idle(spender.account, asked_at);
        let asked = Asked {
            unused: unused.into_iter().chain(idle).collect(),
            want: Some(Ask {
                family: cost.family.clone(),
                weight: cost.weight,
                want,
            }),
            grant: spender.grant.cloned(),
            slot,
            remembers: true,
            account: Some(spender.account.to_owned()),
            session: spender.session.map(str::to_owned),
        };
        holder.asks(asked_at);
        let given = ask(env, spender.account, &asked).await;
        holder.asked(!matches!(given, Ok(Some(Given::Lease(_)))));
        match given? {
            Some(given) => {
                if let Given::Lease(lease) = &given {
                    leases.tell(lease.revision);
                }
                let mine = (&holder.lease, cost.weight, spender.mark);
                let adopted = adopt(env, spender.account, mine, given, asked_at).await;
                adopted.map(Some)
            }
            None => Ok(None),
        }
    };
    taking.boxed_local().await
}

async fn adopt(
    env: &Env,
    account: &str,
    (holder, weight, mark): (&RefCell<LeaseHolder>, Weight, Mark),
    given: Given,
    asked_at: Timestamp,
) -> Result<Admission> {
    match given {
        Given::Lease(lease) => {
            let adopted = holder.borrow_mut().adopt(lease, asked_at, weight);
            if let Some(surplus) = adopted.surplus {
                let unused = vec![surplus];
                let asked = Asked {
                    unused,
                    ..Asked::default()
                };
                ask(env, account, &asked).await?;
            }
            Ok(Admission::Admitted(adopted.spent))
        }
        Given::Refused(refused) => {
            let answered = clock::now();
            let mut holder = holder.borrow_mut();
            holder.refused_as(mark, &refused, weight, answered);
            Ok(Admission::Refused(refused))
        }
        Given::Settled => Err(no_lease()),
    }
}

async fn ask(env: &Env, account: &str, asked: &Asked) -> Result<Option<Given>> {
    json::answered(post(env, account, QUOTA, asked).await?).await
}
