//! The API keys of the account: `oauth::api_key` on the object's SQLite.

use oauth::api_key::{self, KeyRefusal, Making, MakingRefusal, Rotating, Shown};
use oauth::grant::GrantId;
use platform::{clock, json, random};
use worker::{Env, Request, Response, Result, SqlStorage, State};

use super::api_key_rows::ApiKeyRows;
use super::{disabled, ended, sweep};

/// `POST /api-keys/make`: a key for its owner, who sees it once. None in a disabled
/// account.
pub(super) async fn make(state: &State, mut request: Request) -> Result<Response> {
    let asked: Making = json::asked(&mut request).await?;
    if is_disabled(state)? {
        return Response::from_json(&Err::<(), _>(MakingRefusal::Disabled));
    }
    let (now, drawn) = (clock::now(), (random::bytes()?, random::bytes()?));
    let rows = rows(state);
    let made = match api_key::make(&rows.all()?, now, drawn, asked) {
        Ok((key, made)) => {
            rows.keep(&key, now)?;
            Ok(made)
        }
        Err(refused) => Err(refused),
    };
    sweep::later(state).await?;
    Response::from_json(&made)
}

/// `POST /api-keys/rotate`: a new secret for a key.
pub(super) async fn rotate(state: &State, mut request: Request) -> Result<Response> {
    let asked: Rotating = json::asked(&mut request).await?;
    let (now, drawn) = (clock::now(), random::bytes()?);
    let rows = rows(state);
    let made = match api_key::rotate(rows.one(&asked.id)?, now, drawn, asked) {
        Ok((key, made)) => {
            rows.keep(&key, now)?;
            Ok(made)
        }
        Err(refused) => Err(refused),
    };
    sweep::later(state).await?;
    Response::from_json(&made)
}

/// `POST /api-keys/revoke`: the end of a key. It is answered when the sessions that
/// were opened with it have ended, with whether there was one.
pub(super) async fn revoke(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let id: GrantId = json::asked(&mut request).await?;
    let (now, rows) = (clock::now(), rows(state));
    let revoked = api_key::revoke(rows.one(&id)?, now);
    if let Some(key) = &revoked {
        rows.keep(key, now)?;
        ended::now(state, env).await?;
    }
    sweep::later(state).await?;
    Response::from_json(&revoked.is_some())
}

/// `POST /api-keys/check`: what a key is good for. If it is used, that is noted, at most once an
/// hour; that is the only row this writes.
pub(super) async fn check(state: &State, mut request: Request) -> Result<Response> {
    let shown: Shown = json::asked(&mut request).await?;
    let (now, rows) = (clock::now(), rows(state));
    let mut found = rows.one(&shown.id)?;
    let mut checked = api_key::check(found.as_ref(), &shown.hash, now);
    if checked.is_ok() && is_disabled(state)? {
        checked = Err(KeyRefusal::Disabled);
    }
    if shown.used
        && let (Ok(_), Some(key)) = (&checked, &mut found)
        && api_key::note_use(key, now)
    {
        rows.keep(key, now)?;
    }
    sweep::later(state).await?;
    Response::from_json(&checked)
}

pub(super) fn rows(state: &State) -> ApiKeyRows<SqlStorage> {
    ApiKeyRows::of(state.storage().sql())
}

fn is_disabled(state: &State) -> Result<bool> {
    Ok(disabled::since(&state.storage().sql())?.is_some())
}
