//! The grants of the account: `oauth::grant` on the object's SQLite.

use oauth::grant::{
    self, Approval, Direct, GrantId, GrantRefusal, GrantStore, Redemption, Refreshing, Revoking,
};
use oauth::secret::MacKey;
use platform::{clock, json, keys, random};
use worker::{Env, Error, Request, Response, Result, SqlStorage, State};

use super::rows::{self, GrantRows};
use super::transaction::transaction;
use super::{api_keys, disabled, ended, sweep};

/// `POST /grants/issue`: a code for what the user agreed to. A disabled account has
/// neither codes nor grants, and they begin here and in [`direct`].
pub(super) async fn issue(state: &State, mut request: Request) -> Result<Response> {
    let approval: Approval = json::asked(&mut request).await?;
    if disabled::since(&state.storage().sql())?.is_some() {
        return Response::error("the account is disabled", 403);
    }
    let (now, drawn) = (clock::now(), random::bytes()?);
    let secret = transaction(&state.storage(), || {
        grant::issue(&mut rows(state)?, now, drawn, approval)
    })?;
    sweep::later(state).await?;
    Response::from_json(&secret)
}

/// `POST /grants/redeem`: a grant for a code. It may push another one out, and
/// a code that was used before ends its own.
pub(super) async fn redeem(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let asked: Redemption = json::asked(&mut request).await?;
    let (now, drawn) = (clock::now(), (random::bytes()?, random::bytes()?));
    let answer = transaction(&state.storage(), || {
        grant::redeem(&mut rows(state)?, now, drawn, &asked)
    })?;
    ended::later(state, env).await?;
    Response::from_json(&answer)
}

/// `POST /grants/refresh`: the next refresh token of a grant, or the end of it.
pub(super) async fn refresh(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let asked: Refreshing = json::asked(&mut request).await?;
    let (now, drawn, key) = (clock::now(), random::bytes()?, successors(env)?);
    let answer = transaction(&state.storage(), || {
        grant::refresh(&mut rows(state)?, now, drawn, &key, &asked)
    })?;
    ended::later(state, env).await?;
    Response::from_json(&answer)
}

/// `POST /grants/direct`: a grant that nobody is asked for; none in a disabled
/// account. It may push another one out.
pub(super) async fn direct(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let asked: Direct = json::asked(&mut request).await?;
    if disabled::since(&state.storage().sql())?.is_some() {
        sweep::later(state).await?;
        return Response::from_json(&Err::<GrantId, _>(GrantRefusal::Disabled));
    }
    let (now, drawn) = (clock::now(), (random::bytes()?, random::bytes()?));
    let granted = transaction(&state.storage(), || {
        grant::direct(&mut rows(state)?, now, drawn, asked)
    })?;
    ended::later(state, env).await?;
    sweep::later(state).await?;
    Response::from_json(&Ok::<_, GrantRefusal>(granted))
}

/// `POST /grants/revoke`: the end of a grant that its client gives up. It is
/// answered when the grant's sessions have ended.
pub(super) async fn revoke(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let asked: Revoking = json::asked(&mut request).await?;
    let answer = transaction(&state.storage(), || {
        grant::revoke(&mut rows(state)?, &asked)
    })?;
    ended::now(state, env).await?;
    sweep::later(state).await?;
    Response::from_json(&answer)
}

/// `POST /grants/withdraw`: the end of a grant that its user takes back. It is
/// answered when the grant's sessions have ended, with whether there was one.
pub(super) async fn withdraw(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let grant: GrantId = json::asked(&mut request).await?;
    let mut rows = rows(state)?;
    let stood = rows.grant(&grant)?.is_some();
    rows.end_grant(&grant)?;
    ended::now(state, env).await?;
    sweep::later(state).await?;
    Response::from_json(&stood)
}

/// `POST /grants/stands`: whether a grant stands.
pub(super) async fn answer_whether_stands(state: &State, mut request: Request) -> Result<Response> {
    let grant: GrantId = json::asked(&mut request).await?;
    let stands = stands(state, &grant)?;
    sweep::later(state).await?;
    Response::from_json(&stands)
}

/// Whether there is such a grant, or an API key of that name, and it has not expired.
pub(super) fn stands(state: &State, grant: &GrantId) -> Result<bool> {
    match rows::ends(&state.storage().sql(), grant)? {
        Some(ends) => Ok(clock::now() < ends),
        None => api_keys::rows(state).stands(grant, clock::now()),
    }
}

/// Whether who comes under a grant, or under none, has nothing here any more: the grant
/// has ended, or the account is disabled, in which none stands.
pub(super) fn has_ended(state: &State, grant: Option<&GrantId>) -> Result<bool> {
    match grant {
        Some(grant) => Ok(!stands(state, grant)?),
        None => Ok(disabled::since(&state.storage().sql())?.is_some()),
    }
}

pub(super) fn rows(state: &State) -> Result<GrantRows<SqlStorage>> {
    GrantRows::open(state.storage().sql())
}

/// The key by which a refresh token's successor is derived from it.
fn successors(env: &Env) -> Result<MacKey> {
    let root = keys::root(env).map_err(|error| Error::RustError(error.to_string()))?;
    Ok(root.brief_mac_key("successors of refresh tokens"))
}
