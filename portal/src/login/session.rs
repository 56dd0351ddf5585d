//! The login session of the browser that asks.

use http::{HeaderMap, Response, header};
use jiff::Timestamp;
use oauth::encoding;
use oauth::identity::AccountId;
use oauth::login::{LoginSession, SESSION_LIFE, SeenFrom, SessionCookie, read};
use platform::account::{SignOut, Visit};
use platform::answer::Body;
use platform::random;

use crate::app::App;
use crate::error::Error;
use crate::page;
use crate::page::Problem;
use crate::store::{sessions, signed_in, vault};

/// A browser that is logged in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    /// The session's key, which is what its forms are bound to.
    pub(crate) holder: String,
    /// Who it is.
    pub(crate) session: LoginSession,
}

/// Who is logged in, if anybody is. The account is asked each time: what the
/// cookie or KV says of a session that has ended may be a month old. Now and then the
/// provider is asked, too, behind the page: one who is gone there finds the next one
/// closed.
pub(crate) async fn current(
    app: &App,
    fields: &HeaderMap,
    now: Timestamp,
) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = cookie(app, fields) else {
        return Ok(None);
    };
    let Some(session) = recorded(app, &cookie, now).await? else {
        return Ok(None);
    };
    let visit = visit(fields, cookie.key(), &session);
    if !signed_in::stands(app, &session.account, &visit).await? {
        return Ok(None);
    }
    vault::recheck(app, &session.account, &session.identity.provider).await;
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
    let begun = SessionCookie::read(&value).ok_or(Error::bug("our own cookie is unreadable"))?;
    let visit = visit(fields, begun.key(), session);
    if !signed_in::begin(app, &session.account, &visit).await? {
        return Err(Problem::Disabled.into());
    }
    sessions::keep(app, &begun.key(), session, now).await?;
    if let Err(error) = end_former(app, fields, now).await {
        error.log(); // It ends by itself, and nobody has its cookie any more.
    }
    let cookies = &app.config.cookies;
    page::set_cookie(
        response,
        &cookies.set(&cookies.session, &value, SESSION_LIFE.unsigned_abs()),
    );
    Ok(())
}

/// Signs out: this browser, others, or all. When this answers, they are signed
/// out everywhere.
pub(crate) async fn end(app: &App, account: &AccountId, which: &SignOut) -> Result<(), Error> {
    for key in signed_in::end(app, account, which).await? {
        if let Err(error) = sessions::end(app, &key).await {
            error.log(); // The record says nothing any more.
        }
    }
    Ok(())
}

/// Takes the cookie away.
pub(crate) fn clear(app: &App, response: &mut Response<Body>) {
    let cookies = &app.config.cookies;
    page::set_cookie(response, &cookies.clear(&cookies.session));
}

/// Ends the session that the browser had before.
async fn end_former(app: &App, fields: &HeaderMap, now: Timestamp) -> Result<(), Error> {
    let Some(cookie) = cookie(app, fields) else {
        return Ok(());
    };
    match recorded(app, &cookie, now).await? {
        Some(former) => end(app, &former.account, &SignOut::One(cookie.key())).await,
        None => Ok(()),
    }
}

/// What the cookie or KV says of a session.
async fn recorded(
    app: &App,
    cookie: &SessionCookie,
    now: Timestamp,
) -> Result<Option<LoginSession>, Error> {
    match app.config.keys.sessions.fresh(cookie, now) {
        Some(session) => Ok(Some(session)),
        None => sessions::find(app, &cookie.key(), now).await,
    }
}

fn visit(fields: &HeaderMap, key: String, session: &LoginSession) -> Visit {
    let text = |name| fields.get(name).and_then(|field| field.to_str().ok());
    Visit {
        key,
        begun: session.created,
        entered: session.entered,
        from: SeenFrom::of(text("user-agent"), text("cf-connecting-ip")),
    }
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
