//! `POST /login/start` and `POST /login/switch`: the forms of the pages.

use http::{HeaderMap, Response};
use jiff::Timestamp;
use oauth::authorize::AuthorizeRequest;
use oauth::identity::Identity;
use oauth::provider::{Provider, ProviderKind};
use platform::account::SignOut;
use platform::answer::Body;
use platform::clock;
use platform::provider::Vouched;
use platform::tools;
use web::DEVELOPMENT_NAME_CHARS_MAX;
use worker::HttpRequest;

use super::form::{self, CONSENT, Form, LOGIN};
use super::page::{Asked, Said};
use super::{callback, finish, page as login_page, session};
use crate::app::App;
use crate::client;
use crate::error::{Error, doing};
use crate::oauth::authorize::client_view;
use crate::oauth::scopes;
use crate::page::{self, Problem};

/// `POST /login/start`: a provider was chosen.
pub(crate) async fn start(app: &App, request: HttpRequest) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let (parts, body) = request.into_parts();
    let form = form::read(app, &parts.headers, body, now).await?;
    let Some(browser) = session::browser(app, &parts.headers) else {
        return Err(Problem::NoCookie {
            restart: form.request,
        }
        .into());
    };
    form.confirm(app, LOGIN, browser)?;
    let id = form.parameters.get("provider").unwrap_or_default();
    let configured = app.config.provider(id).ok_or(Problem::NoProvider)?;
    match &configured.provider.kind {
        ProviderKind::Development { issuer, .. } => {
            development(
                app,
                &parts.headers,
                &configured.provider,
                issuer,
                &form,
                now,
            )
            .await
        }
        ProviderKind::GitHub { .. } | ProviderKind::OpenId { .. } => {
            callback::send(app, configured, browser, form.request.as_deref(), now).await
        }
    }
}

/// `POST /login/switch`: somebody else wants to decide.
pub(crate) async fn switch(app: &App, request: HttpRequest) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let (parts, body) = request.into_parts();
    let form = form::read(app, &parts.headers, body, now).await?;
    let mut response = page::redirect(&form.restart_path()?);
    if let Some(signed_in) = session::current(app, &parts.headers, now).await? {
        form.confirm(app, CONSENT, &signed_in.holder)?;
        let which = SignOut::One(signed_in.holder);
        session::end(app, &signed_in.session.account, &which).await?;
        session::clear(app, &mut response);
    }
    Ok(response)
}

/// The development login: whoever can reach a loopback origin may be anybody.
/// The configuration refuses it on every other origin (promise 9).
async fn development(
    app: &App,
    fields: &HeaderMap,
    provider: &Provider,
    issuer: &str,
    form: &Form,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let name = form.parameters.get("name").unwrap_or_default().trim();
    let short = name.encode_utf16().count() <= DEVELOPMENT_NAME_CHARS_MAX;
    let identity = Identity::new(&provider.id, issuer, name, Some(name))
        .ok()
        .filter(|_| short);
    let Some(identity) = identity else {
        let words = "Type a name of 1 to 64 characters.";
        return again(app, fields, form, words, now).await;
    };
    let vouched = Vouched {
        identity,
        tokens: None,
    };
    finish::finish(app, fields, vouched, form.request.as_deref(), now).await
}

/// The login page once more, with what was wrong.
async fn again(
    app: &App,
    fields: &HeaderMap,
    form: &Form,
    words: &str,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let asked = match form.request.as_deref() {
        Some(asked) => Some(asking(app, asked).await?),
        None => None,
    };
    let said = Some(Said::Wrong(words));
    login_page::show(app, fields, asked, said, now)
}

/// The app that asked for a login.
async fn asking<'a>(app: &App, asked: &'a AuthorizeRequest) -> Result<Asked<'a>, Error> {
    let client = client::find(app, &asked.client_id).await?;
    let client = client.map_err(Problem::Authorize)?;
    let clients = &app.config.keys.clients;
    let redirect = clients.redirect(&client, Some(&asked.redirect_uri));
    let redirect = redirect.ok_or(Problem::Form { restart: None })?;
    let catalog = tools::catalog(&app.env).await;
    let catalog = catalog.map_err(doing("asking for the tools"))?;
    Ok(Asked {
        request: asked,
        client: client_view(app, &client, &redirect),
        scopes: scopes::views(app, &asked.scopes, &catalog),
    })
}
