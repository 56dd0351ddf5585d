//! The ledger of the account: takes leases out of it, and stores it.

use quota::{Ledger, Policy};
use serde::Deserialize;
use worker::{Env, Error, Request, Response, Result, SqlStorage, State};

use crate::clock;
use crate::quota::{Asked, Given};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS quota (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ledger TEXT NOT NULL
) STRICT";

#[derive(Deserialize)]
struct Row {
    ledger: String,
}

/// `POST /quota`: settles leases and takes a new one. One row is written for
/// it, none for the calls that are spent from the lease.
pub(super) async fn take(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let asked: Asked = request.json().await?;
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
    Response::from_json(&given)
}

/// The policy of every user, as it is configured.
fn policy(env: &Env) -> Result<Policy> {
    let number = |name: &str| -> Result<u32> {
        let text = env.var(name)?.to_string();
        text.parse()
            .map_err(|_| Error::RustError(format!("{name} is not a number")))
    };
    Policy::new(number("QUOTA_BURST")?, number("QUOTA_PER_MINUTE")?)
        .map_err(|error| Error::RustError(format!("QUOTA_BURST, QUOTA_PER_MINUTE: {error}")))
}

fn load(sql: &SqlStorage) -> Result<Option<Ledger>> {
    sql.exec(TABLE, None)?;
    let rows: Vec<Row> = sql.exec("SELECT ledger FROM quota", None)?.to_array()?;
    rows.first()
        .map(|row| serde_json::from_str(&row.ledger).map_err(Error::from))
        .transpose()
}

fn save(sql: &SqlStorage, ledger: &Ledger) -> Result<()> {
    sql.exec(
        "INSERT OR REPLACE INTO quota (id, ledger) VALUES (1, ?)",
        vec![serde_json::to_string(ledger)?.into()],
    )?;
    Ok(())
}
