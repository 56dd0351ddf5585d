//! Accounts: how much each holds, and whether anything may be done in its name.

use http::{HeaderValue, Response, StatusCode, header};
use oauth::identity::AccountId;
use platform::account::Numbers;
use platform::answer::{self, Body};
use serde::Serialize;

use crate::app::App;
use crate::error::Error;
use crate::records::Happening;
use crate::store::accounts;
use crate::store::users::{self, User};

/// What the operator is told: nobody's name, and nothing of what anybody does.
#[derive(Debug, Serialize)]
struct Told<'a> {
    account: &'a AccountId,
    #[serde(flatten)]
    user: User,
    #[serde(flatten)]
    numbers: Numbers,
}

/// `GET /admin/accounts/ID`.
pub(super) async fn show(app: &App, account: &AccountId) -> Result<Response<Body>, Error> {
    match users::find(app, account).await? {
        Some(user) => tell(app, account, user).await,
        None => Ok(unknown()),
    }
}

/// `POST /admin/accounts/ID/disable`: ends all that acts for the user, and lets
/// nothing begin. A second time changes nothing.
pub(super) async fn disable(app: &App, account: &AccountId) -> Result<Response<Body>, Error> {
    let Some(user) = users::find(app, account).await? else {
        return Ok(unknown());
    };
    app.note_ends(accounts::disable(app, account).await?);
    let done = Happening::of_operator(app, "user: disable");
    done.to(account.as_str()).settle().await?;
    tell(app, account, user).await
}

/// `POST /admin/accounts/ID/enable`: the user may log in again. What ended does
/// not come back.
pub(super) async fn enable(app: &App, account: &AccountId) -> Result<Response<Body>, Error> {
    let Some(user) = users::find(app, account).await? else {
        return Ok(unknown());
    };
    accounts::enable(app, account).await?;
    let done = Happening::of_operator(app, "user: enable");
    done.to(account.as_str()).settle().await?;
    tell(app, account, user).await
}

async fn tell(app: &App, account: &AccountId, user: User) -> Result<Response<Body>, Error> {
    let numbers = accounts::numbers(app, account).await?;
    let told = Told {
        account,
        user,
        numbers,
    };
    Ok(unstored(answer::json(StatusCode::OK, &told)))
}

fn unknown() -> Response<Body> {
    unstored(answer::empty(StatusCode::NOT_FOUND))
}

fn unstored(mut response: Response<Body>) -> Response<Body> {
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    response
}
