//! The ledger of the account: takes leases out of it, and stores it.

use quota::{Ledger, Policy};
use worker::{Env, Error, Request, Response, Result, State};

use super::query::{Columns, Query};
use super::{disabled, grants, sweep};
use crate::quota::{Asked, Given};
use crate::{clock, json};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS quota (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ledger TEXT NOT NULL
) STRICT";

/// `POST /quota`: settles leases and takes a new one. One row is written for
/// it, none for the calls that are spent from the lease. A grant that has ended
/// gets none, and null; so does a disabled account, in which no grant stands.
pub(super) async fn take(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let asked: Asked = json::asked(&mut request).await?;
    let given = settle_under(state, env, asked)?;
    sweep::later(state).await?;
    Response::from_json(&given)
}

/// The same, of whoever is asked already.
pub(super) fn settle_under(state: &State, env: &Env, asked: Asked) -> Result<Option<Given>> {
    let ended = match &asked.grant {
        Some(grant) => !grants::stands(state, grant)?,
        None => disabled::since(&state.storage().sql())?.is_some(),
    };
    if !ended {
        return settle(state, env, asked).map(Some);
    }
    // What was leased before is the user's, whoever asks now.
    if !asked.unused.is_empty() {
        let want = None;
        settle(state, env, Asked { want, ..asked })?;
    }
    Ok(None)
}

fn settle(state: &State, env: &Env, asked: Asked) -> Result<Given> {
    let (policy, now) = (policy(env)?, clock::now());
    let sql = state.storage().sql();
    let mut ledger = match load(&sql)? {
        Some(ledger) => ledger,
        None => Ledger::new(policy, now),
    };
    for unused in asked.unused {
        ledger.give_back(policy, now, unused);
    }
    let given = match asked.want {
        None => Given::Settled,
        Some(want) => match ledger.take(policy, now, want) {
            Ok(lease) => Given::Lease(lease),
            Err(refused) => Given::Refused { refused, policy },
        },
    };
    // A refusal changes nothing that time does not change anyway.
    if !matches!(given, Given::Refused { .. }) {
        save(&sql, &ledger)?;
    }
    Ok(given)
}

/// The policy of every user, as it is configured.
pub(super) fn policy(env: &Env) -> Result<Policy> {
    let number = |name: &str| -> Result<u32> {
        let text = env.var(name)?.to_string();
        text.parse()
            .map_err(|_| Error::RustError(format!("{name} is not a number")))
    };
    Policy::new(number("QUOTA_BURST")?, number("QUOTA_PER_MINUTE")?)
        .map_err(|error| Error::RustError(format!("QUOTA_BURST, QUOTA_PER_MINUTE: {error}")))
}

/// The ledger, if there is one.
pub(super) fn load(database: &impl Query) -> Result<Option<Ledger>> {
    database.run(TABLE, vec![])?;
    let rows = database.run("SELECT ledger FROM quota", vec![])?;
    let text = rows.into_iter().next().map(|row| Columns::of(row).text());
    text.transpose()?
        .map(|text| serde_json::from_str(&text).map_err(Error::from))
        .transpose()
}

/// Stores the ledger.
pub(super) fn save(database: &impl Query, ledger: &Ledger) -> Result<()> {
    database.run(
        "INSERT OR REPLACE INTO quota (id, ledger) VALUES (1, ?)",
        vec![serde_json::to_string(ledger)?.into()],
    )?;
    Ok(())
}
