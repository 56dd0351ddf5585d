//! Every route, in one `match`.

use durable::panics::{Panicked, caught};
use http::{Method, Response, StatusCode};
use oauth::metadata::path;
use worker::HttpRequest;

use crate::answer::{self, Body};
use crate::app::App;
use crate::endpoint::http_sse;
use crate::error::Error;
use crate::oauth::{authorize, introspect, metadata, par, register, revoke, token};
use crate::page::{self, Problem};
use crate::{account, admin, body, cors, endpoint, gate, guard, login};

/// What the log says of an answer that could not be finished; the panic's own
/// words stand before it.
const PANICKED: &str = "answering a request panicked";

/// Answers one request.
pub(crate) async fn route(app: &App, mut request: HttpRequest) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let for_clients = cors::covers(&path) || path == path::INTROSPECT;
    let refused = match guard::host(app, &mut request) {
        Ok(()) => gate::pass(app, &request, &path).await.err(),
        Err(error) => Some(error),
    };
    let stranger = (path == "/mcp" || http_sse::has(&path))
        .then(|| guard::origin(app, &request).err())
        .flatten();
    // A page that may not use the endpoint may not read its answers either.
    let open = cors::covers(&path) && stranger.is_none();
    let mut response = match refused.or(stranger) {
        Some(error) => {
            body::discard(request.into_body()).await;
            if for_clients {
                error.answer()
            } else {
                error.page()
            }
        }
        None if open && request.method() == Method::OPTIONS => cors::preflight(request.headers()),
        None if for_clients => caught(serve(app, request, &path))
            .await
            .unwrap_or_else(|Panicked| Error::Bug(PANICKED).answer()),
        None => caught(show(app, request, &path))
            .await
            .unwrap_or(Err(Error::Bug(PANICKED)))
            .unwrap_or_else(|error| error.page()),
    };
    if open {
        cors::open(&mut response);
    }
    response
}

/// What clients ask.
async fn serve(app: &App, request: HttpRequest, path: &str) -> Response<Body> {
    #[cfg(feature = "faults")]
    durable::panics::panic_if_asked(
        "front",
        request
            .headers()
            .get("user-agent")
            .map_or(b"", |agent| agent.as_bytes()),
    );
    match (request.method(), path) {
        (_, "/mcp") => match Box::pin(endpoint::serve(app, request)).await {
            Ok(response) => response,
            Err(error) => error.answer(),
        },
        (_, path) if http_sse::has(path) => {
            if !app.config.http_sse {
                body::discard(request.into_body()).await;
                return answer::empty(StatusCode::NOT_FOUND);
            }
            match http_sse::serve(app, request).await {
                Ok(response) => response,
                Err(error) => error.answer(),
            }
        }
        (&Method::POST, path::TOKEN) => token::serve(app, request).await,
        (&Method::POST, path::PAR) => par::serve(app, request).await,
        (&Method::POST, path::REVOKE) => revoke::serve(app, request).await,
        (&Method::POST, path::INTROSPECT) => introspect::serve(app, request).await,
        (_, path::INTROSPECT) => answer::not_allowed("POST"),
        (&Method::POST, path::REGISTER) => register::serve(app, request).await,
        (_, path::TOKEN | path::REVOKE | path::REGISTER | path::PAR) => {
            answer::not_allowed("POST, OPTIONS")
        }
        (&Method::GET | &Method::HEAD, path) => well_known(app, &request, path).await,
        _ => answer::not_allowed("GET, HEAD, OPTIONS"),
    }
}

/// The documents by which clients find everything else, in all the forms of
/// their paths that clients try.
async fn well_known(app: &App, request: &HttpRequest, path: &str) -> Response<Body> {
    match path {
        "/.well-known/oauth-protected-resource" | metadata::RESOURCE_METADATA_PATH => {
            metadata::resource(app, guard::reached(app, request))
        }
        metadata::HTTP_SSE_METADATA_PATH if app.config.http_sse => {
            metadata::http_sse_resource(app, guard::reached(app, request))
        }
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
