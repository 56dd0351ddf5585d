//! What is used once, each in an object of its own: logins on their way to a
//! provider, and what clients prove themselves with.

use jiff::Timestamp;
use oauth::secret::SecretHash;
use platform::login::{ASSERTION, BEGIN, Begun, FIRST_USE, LOGINS, TAKE, Taken};
use platform::object::{ask, tell};

use crate::app::App;
use crate::error::{Error, doing};

/// Keeps a login until its browser comes back.
pub(crate) async fn begin(app: &App, id: &str, begun: &Begun) -> Result<(), Error> {
    let kept = tell(&app.env, (LOGINS, id), BEGIN, begun).await;
    kept.map(drop).map_err(doing("beginning a login"))
}

/// Takes a login out: once, and only for the browser that began it.
pub(crate) async fn take(app: &App, id: &str, browser: &SecretHash) -> Result<Taken, Error> {
    ask(&app.env, (LOGINS, id), TAKE, browser)
        .await
        .map_err(doing("taking a login"))
}

/// Uses up a client's assertion; whether nobody did before.
pub(crate) async fn first_use(app: &App, name: &str, until: Timestamp) -> Result<bool, Error> {
    let id = format!("{ASSERTION}{name}");
    ask(&app.env, (LOGINS, &id), FIRST_USE, &until)
        .await
        .map_err(doing("using up an assertion"))
}
