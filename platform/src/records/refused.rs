//! Records of requests that were not let through: one for many.

use std::cell::RefCell;

use audit::{Actor, Cost, Kind, Outcome, Record, Refusals};
use mcp::principal::Principal;
use mcp::tool::Target;
use mcp::via::Via;
use worker::Env;

use super::calling::{actor, kind};
use super::note;
use crate::clock;

thread_local! {
    static REFUSALS: RefCell<Refusals> = RefCell::default();
}

/// Why a request of a user was not let through.
#[derive(Debug, Clone, Copy)]
pub enum Refused<'a> {
    /// They have no call left, or too many run.
    Quota,
    /// The grant or key has ended.
    Grant,
    /// The token lacks this permission, which that takes.
    Permission(&'a str, &'a Target),
}

/// Notes that a request was refused. Anybody can send as many of these as they like:
/// like ones have one record in a minute.
pub fn refused(env: &Env, principal: &Principal, via: &Via, method: &str, why: Refused<'_>) {
    // Of a name that nobody has checked there may be any number.
    let (kind, name, permission, words) = match why {
        Refused::Quota => (Kind::Tool, method, None, "no call is left"),
        Refused::Grant => (Kind::Tool, method, None, "the grant has ended"),
        Refused::Permission(permission, target) => (
            kind(target).unwrap_or(Kind::Tool),
            target.name(),
            Some(permission),
            "the token lacks the permission",
        ),
    };
    let grant = via.grant.as_deref().unwrap_or_default();
    let alike = format!("{words}\n{}\n{grant}\n{name}", principal.ledger);
    let record = Record {
        kind,
        actor: actor(principal, via),
        address: via.address.as_deref().map(Into::into),
        permission: permission.map(Into::into),
        ..refusal(name, words)
    };
    note_some(env, &alike, record);
}

/// Notes that a gate was closed to a network; the address is that of one of those who
/// came.
pub fn closed(env: &Env, gate: &str, address: Option<&str>) {
    let record = Record {
        address: address.map(Into::into),
        ..refusal(gate, "too many requests came from a network")
    };
    note_some(env, gate, record);
}

/// One of like refusals has a record, in a minute.
fn note_some(env: &Env, alike: &str, record: Record) {
    let told = REFUSALS.with_borrow_mut(|refusals| refusals.count(alike, record.at));
    if let Some(times) = told {
        note(env, Record { times, ..record });
    }
}

fn refusal(name: &str, why: &str) -> Record {
    Record {
        at: clock::now(),
        kind: Kind::Login,
        actor: Actor::default(),
        address: None,
        name: name.into(),
        target: None,
        permission: None,
        arguments: None,
        outcome: Outcome::Refused,
        why: Some(why.into()),
        times: 1,
        cost: Cost::default(),
    }
}
