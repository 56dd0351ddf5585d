//! What a login provider gave for its user, kept by the object of their account.

use oauth::identity::AccountId;
use oauth::vault::Kept;
use platform::account::wire::{ACCOUNTS, KEEP, RECHECK};
use platform::object::tell;

use crate::app::App;
use crate::error::{Error, doing};

/// Keeps what a login brought.
pub(crate) async fn keep(app: &App, account: &AccountId, brought: &Kept) -> Result<(), Error> {
    let object = (ACCOUNTS, account.as_str());
    let told = tell(&app.env, object, KEEP, &(account, brought)).await;
    told.map(drop)
        .map_err(doing("keeping what a provider gave"))
}

/// Has a provider asked whether the user still stands there, if that is done for this
/// one, and it is time. Nobody waits for the provider, and nothing depends on whether
/// it could be asked.
pub(crate) async fn recheck(app: &App, account: &AccountId, provider: &str) {
    let configured = app.config.provider(provider);
    let keeping = configured.and_then(|it| it.provider.keeping.as_ref());
    if keeping.is_none_or(|keeping| keeping.recheck.is_none()) {
        return;
    }
    let object = (ACCOUNTS, account.as_str());
    if let Err(error) = tell(&app.env, object, RECHECK, &account.as_str()).await {
        doing("having a provider asked about a user")(error).log();
    }
}
