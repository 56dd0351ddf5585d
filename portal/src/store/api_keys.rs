//! API keys, kept by the object of their user's account. The page and REST ask the
//! same.

use oauth::api_key::{Checked, KeyRefusal, Made, Making, MakingRefusal, Rotating, Shown};
use oauth::grant::{GrantId, Secret};
use oauth::identity::AccountId;
use platform::account::wire::{ACCOUNTS, KEY_CHECK, KEY_MAKE, KEY_REVOKE, KEY_ROTATE};
use platform::object::ask;

use crate::app::App;
use crate::error::{Error, doing};

/// A key, and its text: in the answer to its owner, and nowhere else.
pub(crate) type MadeText = (Made, Secret);

/// Makes a key.
pub(crate) async fn make(
    app: &App,
    account: &AccountId,
    asked: &Making,
) -> Result<Result<MadeText, MakingRefusal>, Error> {
    let object = (ACCOUNTS, account.as_str());
    let made = ask(&app.env, object, KEY_MAKE, asked).await;
    let made: Result<Made, MakingRefusal> = made.map_err(doing("making an API key"))?;
    Ok(made.map(|made| written(app, account, made)))
}

/// Gives a key a new secret.
pub(crate) async fn rotate(
    app: &App,
    account: &AccountId,
    asked: &Rotating,
) -> Result<Result<MadeText, MakingRefusal>, Error> {
    let object = (ACCOUNTS, account.as_str());
    let made = ask(&app.env, object, KEY_ROTATE, asked).await;
    let made: Result<Made, MakingRefusal> = made.map_err(doing("rotating an API key"))?;
    Ok(made.map(|made| written(app, account, made)))
}

/// Ends a key. When this answers, its sessions have ended. False if the account has
/// no such key that stands.
pub(crate) async fn revoke(app: &App, account: &AccountId, id: &GrantId) -> Result<bool, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, KEY_REVOKE, id)
        .await
        .map_err(doing("revoking an API key"))
}

/// What a key is good for.
pub(crate) async fn check(
    app: &App,
    account: &AccountId,
    shown: &Shown,
) -> Result<Result<Checked, KeyRefusal>, Error> {
    let object = (ACCOUNTS, account.as_str());
    ask(&app.env, object, KEY_CHECK, shown)
        .await
        .map_err(doing("checking an API key"))
}

fn written(app: &App, account: &AccountId, made: Made) -> MadeText {
    let texts = &app.config.keys.key_texts;
    let text = texts.write(account, &made.info.id, &made.secret);
    (made, text)
}
