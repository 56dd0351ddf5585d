//! Login sessions of browsers, sealed, in KV under the hash of their id.

use jiff::Timestamp;
use oauth::login::LoginSession;
use platform::random;
use worker::kv::KvError;

use crate::app::App;
use crate::error::{Error, doing};
#[cfg(feature = "faults")]
use crate::store::late;

/// The binding of the namespace.
const LOGIN_SESSIONS: &str = "LOGIN_SESSIONS";

/// Least time to live that KV takes, in seconds (Cloudflare, "KV: write
/// key-value pairs", expiring keys, read 2026-11).
const TTL_SECONDS_MIN: i64 = 60;

/// Finds the session under a key, if it still counts.
pub(crate) async fn find(
    app: &App,
    key: &str,
    now: Timestamp,
) -> Result<Option<LoginSession>, Error> {
    let space = app
        .env
        .kv(LOGIN_SESSIONS)
        .map_err(doing("opening the login sessions"))?;
    let record = space
        .get(key)
        .text()
        .await
        .map_err(failed("reading a login session"))?;
    #[cfg(feature = "faults")]
    let record = late::seen(&app.env, key, record);
    Ok(record.and_then(|record| app.config.keys.sessions.stored(&record, key, now)))
}

/// Keeps a session under its key, until it ends.
pub(crate) async fn keep(
    app: &App,
    key: &str,
    session: &LoginSession,
    now: Timestamp,
) -> Result<(), Error> {
    let record = app
        .config
        .keys
        .sessions
        .record(session, key, random::bytes()?);
    #[cfg(feature = "faults")]
    late::note(key, Some(&record));
    let seconds = session.ends().as_second() - now.as_second();
    let seconds = u64::try_from(seconds.max(TTL_SECONDS_MIN)).unwrap_or_default();
    let space = app
        .env
        .kv(LOGIN_SESSIONS)
        .map_err(doing("opening the login sessions"))?;
    let put = space
        .put(key, record)
        .map_err(failed("keeping a login session"))?;
    put.expiration_ttl(seconds)
        .execute()
        .await
        .map_err(failed("keeping a login session"))
}

/// Forgets a session.
pub(crate) async fn end(app: &App, key: &str) -> Result<(), Error> {
    #[cfg(feature = "faults")]
    late::note(key, None);
    let space = app
        .env
        .kv(LOGIN_SESSIONS)
        .map_err(doing("opening the login sessions"))?;
    space
        .delete(key)
        .await
        .map_err(failed("ending a login session"))
}

fn failed(what: &'static str) -> impl Fn(KvError) -> Error {
    move |error| doing(what)(worker::Error::KvError(error))
}
