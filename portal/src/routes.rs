//! Every route, in one `match`.

use http::{HeaderValue, Method, Response, StatusCode};
use oauth::metadata::path;
use platform::answer::{self, Body};
use platform::panics::{Panicked, caught};
use platform::portal::{API_KEY, ENDED, told};
use platform::{body, cors, host};
use worker::HttpRequest;

use crate::account;
use crate::admin;
use crate::api::{self, Refused};
use crate::app::App;
use crate::error::Error;
use crate::gate;
use crate::internal;
use crate::login;
use crate::oauth::{authorize, introspect, metadata, par, register, revoke, token};
use crate::page::{self, Problem};

/// What the log says of an answer that could not be finished; the panic's own
/// words stand before it.
const PANICKED: &str = "answering a request panicked";

/// Answers one request. What it ended is told to the front Worker.
pub(crate) async fn route(app: &App, request: HttpRequest) -> Response<Body> {
    let mut response = answered(app, request).await;
    let ended = app.ended();
    if !ended.is_empty()
        && let Ok(ended) = HeaderValue::from_str(&told(&ended))
    {
        response.headers_mut().insert(ENDED, ended);
    }
    response
}

async fn answered(app: &App, mut request: HttpRequest) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let of_api = api::has(&path);
    let open = of_api || is_open(&path);
    let for_clients = open || path == path::INTROSPECT;
    let refused = match host::check(&app.config.public_origin, &mut request) {
        Ok(()) => gate::pass(app, &request, &path).await.err(),
        Err(failure) => Some(failure.into()),
    };
    let mut response = match refused {
        Some(error) => {
            body::discard(request.into_body()).await;
            if of_api {
                Refused::from(error).answer()
            } else if for_clients {
                error.answer()
            } else {
                error.page()
            }
        }
        None if of_api => caught(api::serve(app, request, &path))
            .await
            .unwrap_or_else(|Panicked| Refused::from(Error::bug(PANICKED)).answer()),
        None if open && request.method() == Method::OPTIONS => {
            cors::preflight(request.headers(), cors::METHODS)
        }
        None if for_clients => caught(serve(app, request, &path))
            .await
            .unwrap_or_else(|Panicked| Error::bug(PANICKED).answer()),
        None => caught(show(app, request, &path))
            .await
            .unwrap_or(Err(Error::bug(PANICKED)))
            .unwrap_or_else(|error| error.page()),
    };
    if open {
        cors::open(&mut response);
    }
    response
}

/// Whether pages of other origins may use a path: one for clients rather than for
/// people.
fn is_open(path: &str) -> bool {
    matches!(
        path,
        path::TOKEN | path::REGISTER | path::REVOKE | path::PAR
    ) || path.starts_with("/.well-known/")
        || path.starts_with("/mcp/.well-known/")
}

/// What clients ask.
async fn serve(app: &App, request: HttpRequest, path: &str) -> Response<Body> {
    match (request.method(), path) {
        (&Method::POST, path::TOKEN) => token::serve(app, request).await,
        (&Method::POST, path::PAR) => par::serve(app, request).await,
        (&Method::POST, path::REVOKE) => revoke::serve(app, request).await,
        (&Method::POST, path::INTROSPECT) => introspect::serve(app, request).await,
        (_, path::INTROSPECT) => answer::not_allowed("POST"),
        (&Method::POST, path::REGISTER) => register::serve(app, request).await,
        (_, path::TOKEN | path::REVOKE | path::REGISTER | path::PAR) => {
            answer::not_allowed("POST, OPTIONS")
        }
        (&Method::GET | &Method::HEAD, path) => well_known(app, path).await,
        _ => answer::not_allowed("GET, HEAD, OPTIONS"),
    }
}

/// The documents by which clients find everything else, in all the forms of
/// their paths that clients try.
async fn well_known(app: &App, path: &str) -> Response<Body> {
    match path {
        "/.well-known/oauth-authorization-server"
        | "/.well-known/oauth-authorization-server/mcp"
        | "/.well-known/openid-configuration"
        | "/.well-known/openid-configuration/mcp"
        | "/mcp/.well-known/openid-configuration" => metadata::server(app).await,
        path::JWKS => metadata::keys(app),
        _ => answer::empty(StatusCode::NOT_FOUND),
    }
}

/// What people see.
async fn show(app: &App, request: HttpRequest, path: &str) -> Result<Response<Body>, Error> {
    match (request.method(), path) {
        (&Method::GET | &Method::HEAD, "/") => Ok(page::start(app).await),
        (&Method::GET, path::AUTHORIZE) => authorize::show(app, &request).await,
        (&Method::POST, path::AUTHORIZE) => authorize::decide(app, request).await,
        (&Method::POST, "/login/start") => login::start::start(app, request).await,
        (&Method::POST, "/login/switch") => login::start::switch(app, request).await,
        (&Method::GET | &Method::HEAD, account::PATH) => account::show(app, &request).await,
        (&Method::POST, account::PATH) => account::act(app, request).await,
        (&Method::GET | &Method::HEAD, account::api_keys::PATH) => {
            account::api_keys::show(app, &request).await
        }
        (&Method::POST, account::api_keys::PATH) => account::api_keys::act(app, request).await,
        (&Method::GET | &Method::HEAD, account::insight::USAGE_PATH) => {
            account::insight::show_usage(app, &request).await
        }
        (&Method::GET | &Method::HEAD, account::insight::AUDIT_PATH) => {
            account::insight::show_audit(app, &request).await
        }
        (&Method::POST, API_KEY) => internal::api_key(app, request).await,
        (_, path) if path.starts_with(account::admin::BELOW) => {
            account::admin::serve(app, request, path).await
        }
        (_, path) if path.starts_with(admin::PATH) => admin::serve(app, request, path).await,
        (&Method::GET, path) if path.starts_with(login::callback::PATH) => {
            let provider = path.trim_start_matches(login::callback::PATH);
            login::callback::receive(app, &request, provider).await
        }
        (&Method::GET | &Method::HEAD, path) => page::asset(path).ok_or(Problem::NoPage.into()),
        _ => Err(Problem::NoPage.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_for_people_are_not_open_to_other_origins() {
        for path in ["/", "/authorize", "/login/start", "/assets/style.css"] {
            assert!(!is_open(path), "{path}");
        }
    }
}
