//! Grants, in the object of their account.

use durable::account::wire::{ACCOUNTS, ISSUE, LIVE, REDEEM, REFRESH};
use oauth::grant::{Answer, Approval, GrantId, Redemption, Refreshing, Secret};
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

/// Whether a grant still stands: asked where a new session begins, not at each
/// call.
pub(crate) async fn is_live(app: &App, account: &AccountId, id: &GrantId) -> Result<bool, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(app, object, LIVE, id)
        .await
        .map_err(doing("looking for a grant"))
}
