//! Logins on their way to a provider, each in an object of its own.

use durable::login::wire::{BEGIN, Begun, LOGINS, TAKE, Taken};
use oauth::secret::SecretHash;

use super::object::{ask, tell};
use crate::app::App;
use crate::error::{Error, doing};

/// Keeps a login until its browser comes back.
pub(crate) async fn begin(app: &App, id: &str, begun: &Begun) -> Result<(), Error> {
    let kept = tell(app, (LOGINS, id), BEGIN, begun).await;
    kept.map(drop).map_err(doing("beginning a login"))
}

/// Takes a login out: once, and only for the browser that began it.
pub(crate) async fn take(app: &App, id: &str, browser: &SecretHash) -> Result<Taken, Error> {
    ask(app, (LOGINS, id), TAKE, browser)
        .await
        .map_err(doing("taking a login"))
}
