//! The login page.

use std::time::Duration;

use http::{HeaderMap, Response, StatusCode};
use jiff::Timestamp;
use oauth::authorize::AuthorizeRequest;
use oauth::encoding;
use oauth::provider::ProviderKind;
use platform::answer::Body;
use platform::provider::Configured;
use platform::random;
use web::{ClientView, LoginPage, ProviderChoice, ScopeView, Shown};

use super::form::{self, LOGIN};
use super::session;
use crate::app::App;
use crate::error::Error;
use crate::page;

/// How long the cookie lives that binds a login to its browser: longer than
/// any page of the login is good for.
const BROWSER_LIFE: Duration = Duration::from_hours(24);

/// What the page says before it asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said<'a> {
    /// What was wrong with what was sent.
    Wrong(&'a str),
    /// What has happened.
    Done(&'a str),
}

/// The app that wants to know who is there.
pub(crate) struct Asked<'a> {
    /// What it sent.
    pub(crate) request: &'a AuthorizeRequest,
    /// The app, as the page shows it.
    pub(crate) client: ClientView,
    /// What it asks for, in words.
    pub(crate) scopes: Vec<ScopeView>,
}

/// Asks who is there, naming the app that wants to know, if one does.
pub(crate) fn show(
    app: &App,
    fields: &HeaderMap,
    asked: Option<Asked<'_>>,
    said: Option<Said<'_>>,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let browser = match session::browser(app, fields) {
        Some(known) => known.to_owned(),
        None => encoding::encode(random::bytes::<16>()?),
    };
    let (error, notice) = match said {
        Some(Said::Wrong(words)) => (Some(Shown::prose(words)), None),
        Some(Said::Done(words)) => (None, Some(Shown::prose(words))),
        None => (None, None),
    };
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let form_fields = form::fields(
        app,
        asked.as_ref().map(|asked| asked.request),
        LOGIN,
        &browser,
        now,
    )?;
    let (client, scopes) = asked.map(|asked| (asked.client, asked.scopes)).unzip();
    let page = LoginPage {
        client,
        scopes: scopes.unwrap_or_default(),
        providers: app.config.providers.iter().map(choice).collect(),
        form_fields,
        error,
        notice,
    };
    let mut response = page::html(status, page.render());
    let cookies = &app.config.cookies;
    page::set_cookie(
        &mut response,
        &cookies.set(&cookies.browser, &browser, BROWSER_LIFE),
    );
    Ok(response)
}

fn choice(configured: &Configured) -> ProviderChoice {
    let provider = &configured.provider;
    let kind = match &provider.kind {
        ProviderKind::Development { suggested, .. } => web::ProviderKind::Development {
            suggested: suggested.clone(),
        },
        ProviderKind::GitHub { .. } => web::ProviderKind::GitHub,
        ProviderKind::OpenId { google: true, .. } => web::ProviderKind::Google,
        ProviderKind::OpenId { google: false, .. } => web::ProviderKind::OpenId,
    };
    ProviderChoice {
        id: provider.id.clone(),
        label: Shown::name(&provider.label),
        kind,
    }
}
