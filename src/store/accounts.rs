//! Grants, in the object of their account.

use durable::account::Opening;
use durable::account::wire::{ACCOUNTS, DIRECT, ISSUE, REDEEM, REFRESH, REVOKE};
use durable::quota::Admission;
use oauth::grant::{
    Answer, Approval, Direct, GrantId, Redemption, Refreshing, Revocation, Revoking, Secret,
};
use oauth::identity::AccountId;

use worker::{Env, WebSocket};

use super::object::ask;
use crate::app::App;
use crate::error::{Error, doing};

/// Issues a code for what the user agreed to; returns its secret part.
pub(crate) async fn issue(
    app: &App,
    account: &AccountId,
    approval: &Approval,
) -> Result<Secret, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(app, object, ISSUE, approval)
        .await
        .map_err(doing("issuing a code"))
}

/// Redeems a code.
pub(crate) async fn redeem(
    app: &App,
    account: &AccountId,
    asked: &Redemption,
) -> Result<Answer, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(app, object, REDEEM, asked)
        .await
        .map_err(doing("redeeming a code"))
}

/// Uses a refresh token.
pub(crate) async fn refresh(
    app: &App,
    account: &AccountId,
    asked: &Refreshing,
) -> Result<Answer, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(app, object, REFRESH, asked)
        .await
        .map_err(doing("using a refresh token"))
}

/// Grants what nobody is asked for.
pub(crate) async fn direct(
    app: &App,
    account: &AccountId,
    asked: &Direct,
) -> Result<GrantId, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(app, object, DIRECT, asked)
        .await
        .map_err(doing("granting a client its own token"))
}

/// Gives a grant up. When this answers, its sessions have ended.
pub(crate) async fn revoke(
    app: &App,
    account: &AccountId,
    asked: &Revoking,
) -> Result<Revocation, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(app, object, REVOKE, asked)
        .await
        .map_err(doing("revoking a token"))
}

/// Whether a grant stands.
pub(crate) async fn stands(env: &Env, account: &str, grant: &GrantId) -> Result<bool, Error> {
    durable::account::stands(env, account, grant)
        .await
        .map_err(doing("asking whether a grant stands"))
}

/// A socket that is closed when the grant ends; none if it has.
pub(crate) async fn watch(
    app: &App,
    account: &str,
    grant: &GrantId,
) -> Result<Option<WebSocket>, Error> {
    durable::account::watch(&app.env, account, grant)
        .await
        .map_err(doing("watching a grant"))
}

/// Counts a session that is about to be opened, which costs a call; none if the
/// caller's grant, where there is one, has ended. Asked where a session begins,
/// not at each call.
pub(crate) async fn may_open(
    app: &App,
    ledger: &str,
    opening: &Opening,
) -> Result<Option<Admission>, Error> {
    durable::account::may_open(&app.env, ledger, opening)
        .await
        .map_err(doing("counting a session"))
}
