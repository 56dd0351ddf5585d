//! Records of what an account ends by itself.

use audit::{Actor, Cost, Kind, Outcome, Record};
use worker::Env;

use super::note;
use crate::clock;

/// Notes that all that acts for a user has ended, because their provider says that they
/// are gone, or that they took back what they had allowed.
pub fn gone(env: &Env, account: &str, provider: &str) {
    let record = Record {
        at: clock::now(),
        kind: Kind::Revocation,
        actor: Actor {
            account: Some(account.into()),
            ..Actor::default()
        },
        address: None,
        name: "gone at the provider".into(),
        target: Some(provider.into()),
        permission: None,
        arguments: None,
        outcome: Outcome::Ok,
        why: None,
        times: 1,
        cost: Cost::default(),
    };
    note(env, record);
}
