//! Who is signed in where, in the object of their account. Its word counts, not
//! that of the records in KV.

use oauth::identity::AccountId;
use platform::account::wire::{ACCOUNTS, LOGIN_BEGIN, LOGIN_END, LOGIN_VISIT};
use platform::account::{SignOut, Visit};
use platform::object::ask;

use crate::app::App;
use crate::error::{Error, doing};

/// Enters a login session that begins; not in a disabled account, and then the
/// answer is false.
pub(crate) async fn begin(app: &App, account: &AccountId, visit: &Visit) -> Result<bool, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, LOGIN_BEGIN, visit)
        .await
        .map_err(doing("beginning a login session"))
}

/// Whether a login session stands.
pub(crate) async fn stands(app: &App, account: &AccountId, visit: &Visit) -> Result<bool, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, LOGIN_VISIT, visit)
        .await
        .map_err(doing("asking whether a login session stands"))
}

/// Ends login sessions; returns the keys of those that have just ended.
pub(crate) async fn end(
    app: &App,
    account: &AccountId,
    which: &SignOut,
) -> Result<Vec<String>, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, LOGIN_END, which)
        .await
        .map_err(doing("ending login sessions"))
}
