//! `GET` and `POST /authorize`: a client asks, a person decides.
//!
//! `GET` changes nothing and may be repeated: it shows the login page, or to
//! somebody who is logged in the consent page. Our own consent stands between
//! every client and every code, and comes with each request: so nobody who is
//! remembered by a provider can be made to let a stranger in (MCP security
//! best practices, "Confused Deputy Problem").

use audit::Kind;
use http::{Response, StatusCode};
use jiff::Timestamp;
use oauth::authorize::{
    self, AuthorizeError, AuthorizeRequest, PageError, Refusal, redirect_with_code,
    redirect_with_error,
};
use oauth::client::Client;
use oauth::form::Parameters;
use oauth::grant::{Approval, CodeText, Terms};
use oauth::identity::Identity;
use oauth::redirect::RedirectUri;
use oauth::scope::Scopes;
use platform::answer::Body;
use platform::clock;
use platform::host;
use platform::random;
use platform::tools;
use web::{ClientView, ConsentPage, ScopeView, Shown, UserView};
use worker::HttpRequest;

use super::scopes;
use crate::app::App;
use crate::client;
use crate::error::{Error, doing};
use crate::login;
use crate::login::form::{self, CONSENT};
use crate::login::session::{self, SignedIn};
use crate::page::{self, Problem};
use crate::records::Happening;
use crate::store::{accounts, roles};

/// `GET /authorize`.
pub(crate) async fn show(app: &App, request: &HttpRequest) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let query = request.uri().query().unwrap_or_default();
    // Cookies belong to a host, and providers send people back to the one we
    // are configured with: so that is where a login begins.
    let public = &app.config.public_origin;
    if host::reached(&app.config.public_origin, request) != public.as_str() {
        let path = oauth::metadata::path::AUTHORIZE;
        return Ok(page::redirect(&public.url(&format!("{path}?{query}"))));
    }
    let sent = Parameters::parse(query).map_err(|_| Problem::Authorize(PageError::TooMuch))?;
    let sent = app.config.keys.pushed.resolve(sent, now);
    let sent = sent.map_err(Problem::Authorize)?;
    let id = authorize::client_id(&sent).map_err(Problem::Authorize)?;
    let client = client::find(app, id).await?;
    let client = client.map_err(Problem::Authorize)?;
    let catalog = tools::catalog(&app.env).await;
    let catalog = catalog.map_err(doing("asking for the tools"))?;
    let existing = scopes::existing(&catalog);
    let clients = &app.config.keys.clients;
    let (asked, redirect) = match authorize::check(&sent, &client, clients, public, &existing) {
        Ok(checked) => checked,
        Err(Refusal::Page(error)) => return Err(Problem::Authorize(error).into()),
        Err(Refusal::Redirect { error, location }) => {
            worker::console_log!("authorization refused: {error}");
            return Ok(page::redirect(&location));
        }
    };
    let shown = client_view(app, &client, &redirect);
    if let Some(signed_in) = session::current(app, request.headers(), now).await? {
        let bound = roles::bound(app, &signed_in.session.account).await?;
        let offered = scopes::views(app, &bound.of_scopes(&asked.scopes), &catalog);
        return consent(app, &asked, (shown, offered), &signed_in, now);
    }
    let by = login::page::Asked {
        request: &asked,
        client: shown,
        scopes: scopes::views(app, &asked.scopes, &catalog),
    };
    login::page::show(app, request.headers(), Some(by), None, now)
}

/// `POST /authorize`: the decision.
pub(crate) async fn decide(app: &App, request: HttpRequest) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let (parts, body) = request.into_parts();
    let form = form::read(app, &parts.headers, body, now).await?;
    let Some(signed_in) = session::current(app, &parts.headers, now).await? else {
        // The session ended while the page was open: log in, and be asked again.
        return Ok(page::redirect(&form.restart_path()?));
    };
    form.confirm(app, CONSENT, &signed_in.holder)?;
    let asked = form
        .request
        .as_deref()
        .ok_or(Problem::Form { restart: None })?;
    let (to, state) = (asked.redirect_uri.as_str(), asked.state.as_deref());
    let issuer = app.config.public_origin.as_str();
    let location = match form.parameters.get("decision") {
        Some("allow") => {
            let ticked = asked
                .scopes
                .only(|scope| form.parameters.get(&scopes::field(scope)).is_some());
            let code = approve(app, asked, ticked, signed_in).await?;
            redirect_with_code(to, &code, state, issuer)
        }
        Some("deny") => {
            let account = &signed_in.session.account;
            Happening::of(app, Kind::Consent, "deny", account)
                .with_client(&asked.client_id, None)
                .permitting(&asked.scopes.names().join(" "))
                .note();
            redirect_with_error(to, AuthorizeError::Denied, state, issuer)
        }
        _ => {
            return Err(Problem::Form {
                restart: Some(Box::new(asked.clone())),
            }
            .into());
        }
    };
    Ok(page::redirect(&location))
}

async fn approve(
    app: &App,
    asked: &AuthorizeRequest,
    ticked: Scopes,
    signed_in: SignedIn,
) -> Result<String, Error> {
    let account = signed_in.session.account;
    let bound = roles::bound(app, &account).await?;
    let approval = Approval {
        terms: Terms {
            client_id: asked.client_id.clone(),
            confidential: asked.confidential,
            dpop_bound: asked.dpop_bound,
            key: asked.key.clone(),
            key_since: 0,
            resource: asked.resource.clone(),
            scopes: bound.of_scopes(&ticked),
            identity: signed_in.session.identity,
        },
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
    };
    let secret = accounts::issue(app, &account, &approval).await?;
    Happening::of(app, Kind::Consent, "allow", &account)
        .with_client(&asked.client_id, None)
        .permitting(&approval.terms.scopes.names().join(" "))
        .note();
    Ok(app
        .config
        .keys
        .token_texts
        .code(&CodeText { account, secret }, random::bytes()?))
}

fn consent(
    app: &App,
    asked: &AuthorizeRequest,
    (client, scopes): (ClientView, Vec<ScopeView>),
    signed_in: &SignedIn,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let page = ConsentPage {
        client,
        user: user_view(app, &signed_in.session.identity),
        scopes,
        form_fields: form::fields(app, Some(asked), CONSENT, &signed_in.holder, now)?,
        action: oauth::metadata::path::AUTHORIZE.to_owned(),
    };
    Ok(page::html(StatusCode::OK, page.render()))
}

/// Who is signed in, as a page shows them.
pub(crate) fn user_view(app: &App, identity: &Identity) -> UserView {
    let provider = app.config.provider(&identity.provider);
    let provider = provider.map_or(identity.provider.as_str(), |known| &known.provider.label);
    UserView {
        display_name: Shown::name(identity.name.as_deref().unwrap_or(&identity.subject)),
        provider_name: Shown::name(provider),
    }
}

/// The app that asks, as a page shows it.
pub(crate) fn client_view(app: &App, client: &Client, redirect: &RedirectUri) -> ClientView {
    let host = redirect.shown_host();
    let page = client
        .uri
        .as_deref()
        .and_then(|uri| url::Url::parse(uri).ok());
    ClientView {
        name: Shown::name(client.name.as_deref().unwrap_or(&host)),
        client_id_host: client.published_by.as_deref().map(Shown::host),
        redirect_host: Shown::host(&host),
        loopback_only: app.config.keys.clients.is_local(client),
        uri: page.and_then(|page| page.host_str().map(Shown::host)),
    }
}
