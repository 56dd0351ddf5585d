//! The end of everything that acts for a user: grants, codes, API keys, sessions, login
//! sessions, and what providers gave for tools. What is not forbidden (`disabled`) may begin anew at once.

use jiff::Timestamp;
use oauth::grant::GrantId;
use platform::account::SignOut;
use platform::clock;
use worker::{Env, Response, Result, State};

use super::logins::Logins;
use super::transaction::transaction;
use super::vault::Vault;
use super::{api_keys, ended, grants, sweep};

/// `POST /everything/end`: answered, with the grants that ended, when their
/// sessions have ended, or the alarm is set that tells once more what could not be
/// told.
pub(super) async fn end(state: &State, env: &Env) -> Result<Response> {
    let now = clock::now();
    let grants = transaction(&state.storage(), || end_rows(state, now))?;
    ended::now(state, env).await?;
    sweep::later(state).await?;
    Response::from_json(&grants)
}

/// Ends what has rows here; the sessions follow.
pub(super) fn end_rows(state: &State, now: Timestamp) -> Result<Vec<GrantId>> {
    let sql = state.storage().sql();
    Logins::of(sql.clone()).end(&SignOut::All, now)?;
    Vault::of(sql).forget()?;
    let mut ended = grants::rows(state)?.end_all()?;
    ended.extend(api_keys::rows(state).end_all(now)?);
    Ok(ended)
}
