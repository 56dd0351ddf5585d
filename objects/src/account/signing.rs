//! Signing in and out: the login sessions of the account, told by the pages.

use platform::account::{SignOut, Visit};
use platform::{clock, json};
use worker::{Request, Response, Result, SqlStorage, State};

use super::logins::Logins;
use super::vault::Vault;
use super::{disabled, sweep};

/// `POST /logins/begin`: whether a login session may begin; if so, it has.
pub(super) async fn begin(state: &State, mut request: Request) -> Result<Response> {
    let visit: Visit = json::asked(&mut request).await?;
    let may = disabled::since(&state.storage().sql())?.is_none();
    if may {
        logins(state).enter(&visit, clock::now())?;
        sweep::later(state).await?;
    }
    Response::from_json(&may)
}

/// `POST /logins/visit`: whether a login session stands.
pub(super) async fn visit(state: &State, mut request: Request) -> Result<Response> {
    let visit: Visit = json::asked(&mut request).await?;
    let disabled = disabled::since(&state.storage().sql())?.is_some();
    let stands = !disabled && logins(state).visit(&visit, clock::now())?;
    if stands {
        sweep::later(state).await?;
    }
    Response::from_json(&stands)
}

/// `POST /logins/end`: ends some of them.
pub(super) async fn end(state: &State, mut request: Request) -> Result<Response> {
    let which: SignOut = json::asked(&mut request).await?;
    if which == SignOut::All {
        // Who is logged in nowhere any more leaves nothing to act with elsewhere.
        Vault::of(state.storage().sql()).forget()?;
    }
    Response::from_json(&logins(state).end(&which, clock::now())?)
}

fn logins(state: &State) -> Logins<SqlStorage> {
    Logins::of(state.storage().sql())
}
