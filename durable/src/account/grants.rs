//! The grants of the account: `oauth::grant` on the object's SQLite.

use oauth::grant::{self, Approval, Redemption, Refreshing};
use oauth::secret::MacKey;
use worker::{Env, Error, Request, Response, Result, SqlStorage, State};

use super::rows::GrantRows;
use super::sweep;
use super::transaction::transaction;
use crate::{clock, keys, random};

/// `POST /grants/issue`: a code for what the user agreed to.
pub(super) async fn issue(state: &State, mut request: Request) -> Result<Response> {
    let approval: Approval = request.json().await?;
    let (now, drawn) = (clock::now(), random::bytes()?);
    let secret = transaction(&state.storage(), || {
        grant::issue(&mut rows(state)?, now, drawn, approval)
    })?;
    sweep::later(state).await?;
    Response::from_json(&secret)
}

/// `POST /grants/redeem`: a grant for a code.
pub(super) async fn redeem(state: &State, mut request: Request) -> Result<Response> {
    let asked: Redemption = request.json().await?;
    let (now, drawn) = (clock::now(), (random::bytes()?, random::bytes()?));
    let answer = transaction(&state.storage(), || {
        grant::redeem(&mut rows(state)?, now, drawn, &asked)
    })?;
    Response::from_json(&answer)
}

/// `POST /grants/refresh`: the next refresh token of a grant.
pub(super) async fn refresh(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let asked: Refreshing = request.json().await?;
    let (now, drawn, key) = (clock::now(), random::bytes()?, successors(env)?);
    let answer = transaction(&state.storage(), || {
        grant::refresh(&mut rows(state)?, now, drawn, &key, &asked)
    })?;
    Response::from_json(&answer)
}

pub(super) fn rows(state: &State) -> Result<GrantRows<SqlStorage>> {
    GrantRows::open(state.storage().sql())
}

/// The key by which a refresh token's successor is derived from it.
fn successors(env: &Env) -> Result<MacKey> {
    let root = keys::root(env).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(root.brief_mac_key("successors of refresh tokens"))
}
