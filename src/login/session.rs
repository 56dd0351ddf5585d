//! The login session of the browser that asks.

use http::{HeaderMap, Response, header};
use jiff::Timestamp;
use oauth::encoding;
use oauth::login::{LoginSession, SESSION_LIFE, SessionCookie, read};

use crate::answer::Body;
use crate::app::App;
use crate::error::Error;
use crate::store::sessions;
use crate::{page, random};

/// A browser that is logged in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// What forms for this session are bound to.
    pub(crate) holder: String,
    /// Who it is.
    pub(crate) session: LoginSession,
}

/// Who is logged in, if anybody is.
pub(crate) async fn current(
    app: &App,
    fields: &HeaderMap,
    now: Timestamp,
) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = cookie(app, fields) else {
        return Ok(None);
    };
    let session = match app.config.keys.sessions.fresh(&cookie, now) {
        Some(session) => Some(session),
        None => sessions::find(app, &cookie.key(), now).await?,
    };
    let Some(session) = session else {
        return Ok(None);
    };
    if let Some(touched) = session.touched(now) {
        // A note that failed costs nothing: the next request makes it.
        if let Err(error) = sessions::keep(app, &cookie.key(), &touched, now).await {
            error.log();
        }
    }
    Ok(Some(SignedIn {
        holder: cookie.holder(),
        session,
    }))
}

/// Begins a session under a new id, and ends the one the browser had.
pub(crate) async fn begin(
    app: &App,
    fields: &HeaderMap,
    session: &LoginSession,
    now: Timestamp,
    response: &mut Response<Body>,
) -> Result<(), Error> {
    let value = app
        .config
        .keys
        .sessions
        .begin(session, now, random::bytes()?, random::bytes()?);
    let begun = SessionCookie::read(&value).ok_or(Error::Bug("our own cookie is unreadable"))?;
    sessions::keep(app, &begun.key(), session, now).await?;
    if let Some(old) = cookie(app, fields)
        && let Err(error) = sessions::end(app, &old.key()).await
    {
        error.log(); // It ends by itself, and nobody has its cookie any more.
    }
    let cookies = &app.config.cookies;
    page::set_cookie(
        response,
        &cookies.set(&cookies.session, &value, SESSION_LIFE.unsigned_abs()),
    );
    Ok(())
}

/// Ends the session of the browser.
pub(crate) async fn end(
    app: &App,
    fields: &HeaderMap,
    response: &mut Response<Body>,
) -> Result<(), Error> {
    if let Some(cookie) = cookie(app, fields) {
        sessions::end(app, &cookie.key()).await?;
    }
    let cookies = &app.config.cookies;
    page::set_cookie(response, &cookies.clear(&cookies.session));
    Ok(())
}

/// What the login pages are bound to before there is a session: a random
/// cookie of the browser. `None` if it is missing or not of our making.
pub(crate) fn browser<'a>(app: &App, fields: &'a HeaderMap) -> Option<&'a str> {
    let value = read(cookie_fields(fields), &app.config.cookies.browser)?;
    encoding::decode(value)
        .is_some_and(|bytes| bytes.len() == 16)
        .then_some(value)
}

fn cookie(app: &App, fields: &HeaderMap) -> Option<SessionCookie> {
    SessionCookie::read(read(cookie_fields(fields), &app.config.cookies.session)?)
}

fn cookie_fields(fields: &HeaderMap) -> impl Iterator<Item = &str> {
    fields
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok())
}
