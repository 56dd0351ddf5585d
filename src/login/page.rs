//! The login page.

use std::time::Duration;

use http::{HeaderMap, Response, StatusCode};
use jiff::Timestamp;
use mcp::tool::Catalog;
use oauth::authorize::AuthorizeRequest;
use oauth::encoding;
use oauth::provider::ProviderKind;
use web::{ClientView, LoginPage, ProviderChoice, Shown};

use super::form::{self, LOGIN};
use super::session;
use crate::answer::Body;
use crate::app::App;
use crate::config::Configured;
use crate::error::Error;
use crate::oauth::scopes;
use crate::{page, random};

/// How long the cookie lives that binds a login to its browser: longer than
/// any page of the login is good for.
const BROWSER_LIFE: Duration = Duration::from_hours(24);

/// Asks who is there, naming the app that wants to know; with `error`, once
/// more.
pub(crate) fn show(
    app: &App,
    fields: &HeaderMap,
    asked: &AuthorizeRequest,
    (client, catalog): (ClientView, &Catalog),
    error: Option<&str>,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let browser = match session::browser(app, fields) {
        Some(known) => known.to_owned(),
        None => encoding::encode(random::bytes::<16>()?),
    };
    let page = LoginPage {
        client: Some(client),
        scopes: scopes::views(&asked.scopes, catalog),
        providers: app.config.providers.iter().map(choice).collect(),
        form_fields: form::fields(app, Some(asked), LOGIN, &browser, now)?,
        error: error.map(Shown::prose),
    };
    let status = if error.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
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
