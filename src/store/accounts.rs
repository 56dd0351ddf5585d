//! Grants, in the object of their account.

use durable::account::Opening;
use durable::account::wire::{ACCOUNTS, ISSUE, REDEEM, REFRESH};
use durable::quota::Admission;
use oauth::grant::{Answer, Approval, Redemption, Refreshing, Secret};
use oauth::identity::AccountId;

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
