//! What an account's object keeps of what acts for its user.

use oauth::grant::{
    Answer, Approval, Direct, GrantId, GrantRefusal, Redemption, Refreshing, Revocation, Revoking,
    Secret,
};
use oauth::identity::AccountId;
use platform::account::wire::{
    ACCOUNTS, DIRECT, DISABLE, ENABLE, END, END_EVERYTHING, ISSUE, NUMBERS, OVERVIEW, REDEEM,
    REFRESH, REVOKE, WITHDRAW,
};
use platform::account::{Numbers, Overview};
use platform::object::{ask, tell};
use worker::Env;

use crate::app::App;
use crate::error::{Error, doing};

/// Issues a code for what the user agreed to; returns its secret part.
pub(crate) async fn issue(
    app: &App,
    account: &AccountId,
    approval: &Approval,
) -> Result<Secret, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, ISSUE, approval)
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
    ask(&app.env, object, REDEEM, asked)
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
    ask(&app.env, object, REFRESH, asked)
        .await
        .map_err(doing("using a refresh token"))
}

/// Grants what nobody is asked for.
pub(crate) async fn direct(
    app: &App,
    account: &AccountId,
    asked: &Direct,
) -> Result<Result<GrantId, GrantRefusal>, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, DIRECT, asked)
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
    ask(&app.env, object, REVOKE, asked)
        .await
        .map_err(doing("revoking a token"))
}

/// Ends a grant that its user takes back. When this answers, its sessions have
/// ended. False if the account has no such grant.
pub(crate) async fn withdraw(
    app: &App,
    account: &AccountId,
    grant: &GrantId,
) -> Result<bool, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, WITHDRAW, grant)
        .await
        .map_err(doing("withdrawing a grant"))
}

/// Ends a session of the account.
pub(crate) async fn end_session(app: &App, account: &AccountId, name: &str) -> Result<(), Error> {
    let object = (ACCOUNTS, account.as_str());
    let told = tell(&app.env, object, END, &name).await;
    told.map(drop).map_err(doing("ending a session"))
}

/// What acts for a user, and where they are logged in.
pub(crate) async fn overview(app: &App, account: &AccountId) -> Result<Overview, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, OVERVIEW, &())
        .await
        .map_err(doing("asking what an account holds"))
}

/// How much an account holds.
pub(crate) async fn numbers(app: &App, account: &AccountId) -> Result<Numbers, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, NUMBERS, &())
        .await
        .map_err(doing("asking how much an account holds"))
}

/// Ends all that acts for a user; returns the grants that have ended.
pub(crate) async fn end_everything(app: &App, account: &AccountId) -> Result<Vec<GrantId>, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, END_EVERYTHING, &())
        .await
        .map_err(doing("ending everything of an account"))
}

/// Ends all that acts for a user, until the account is enabled; returns the grants
/// that have ended.
pub(crate) async fn disable(app: &App, account: &AccountId) -> Result<Vec<GrantId>, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, DISABLE, &())
        .await
        .map_err(doing("disabling an account"))
}

/// Lets a user log in again.
pub(crate) async fn enable(app: &App, account: &AccountId) -> Result<(), Error> {
    let object = (ACCOUNTS, account.as_str());
    let told = tell(&app.env, object, ENABLE, &()).await;
    told.map(drop).map_err(doing("enabling an account"))
}

/// Whether a grant stands.
pub(crate) async fn stands(env: &Env, account: &str, grant: &GrantId) -> Result<bool, Error> {
    platform::account::stands(env, account, grant)
        .await
        .map_err(doing("asking whether a grant stands"))
}
