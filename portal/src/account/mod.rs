//! `/account`: what acts for a person, where they are logged in, and how to end
//! any of it.
//!
//! 1. [`show`] asks the account's object, and words what it says; [`view`] does
//!    that for each row.
//! 2. [`act`] reads the one form of the page, does what its button says, and leads
//!    back. All of it can be done twice: what is gone already is no error.
//! 3. [`api_keys`] is the page of keys for scripts, [`admin`] are the pages below it, for users whose roles allow them.

mod act;
pub(crate) mod admin;
pub(crate) mod api_keys;
pub(crate) mod insight;
mod notice;
mod view;

pub(crate) use act::act;

use http::{Request, Response, StatusCode};
use platform::answer::Body;
use platform::clock;
use platform::host;
use platform::tools;
use web::AccountPage;

use self::notice::Notice;
use crate::app::App;
use crate::error::{Error, doing};
use crate::login;
use crate::login::form::{self, ACCOUNT};
use crate::login::page::Said;
use crate::login::session;
use crate::oauth::authorize::user_view;
use crate::page;
use crate::store::{accounts, roles};

/// Where the page is, and where its form goes.
pub(crate) const PATH: &str = "/account";

/// `GET /account`; the login page for who is not logged in, which leads back.
pub(crate) async fn show<B>(app: &App, request: &Request<B>) -> Result<Response<Body>, Error> {
    let now = clock::now();
    // As for logins: cookies belong to the host that we are configured with.
    let public = &app.config.public_origin;
    if host::reached(&app.config.public_origin, request) != public.as_str() {
        return Ok(page::redirect(&public.url(PATH)));
    }
    let notice = Notice::read(request.uri().query());
    let Some(signed_in) = session::current(app, request.headers(), now).await? else {
        let said = notice.map(|notice| Said::Done(notice.words()));
        return login::page::show(app, request.headers(), None, said, now);
    };
    let held = accounts::overview(app, &signed_in.session.account).await?;
    let catalog = tools::catalog(&app.env).await;
    let catalog = catalog.map_err(doing("asking for the tools"))?;
    let may = roles::bound(app, &signed_in.session.account).await;
    let page = AccountPage {
        user: user_view(app, &signed_in.session.identity),
        apps: view::apps(app, &held, &catalog, now),
        sessions: view::sessions(app, &held, now),
        logins: view::logins(&held, &signed_in.holder, now),
        keys: held.keys.iter().filter(|key| key.stands(now)).count(),
        usage_href: insight::USAGE_PATH,
        audit_href: insight::AUDIT_PATH,
        keys_href: api_keys::PATH,
        admin: may.map_or_else(
            |error| {
                error.log(); // Who looks for them looks again.
                Vec::new()
            },
            |may| admin::links(&may, None),
        ),
        notice: notice.map(Notice::words),
        form_fields: form::fields(app, None, ACCOUNT, &signed_in.holder, now)?,
        action: PATH.to_owned(),
    };
    Ok(page::html(StatusCode::OK, page.render()))
}
