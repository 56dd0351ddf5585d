//! Every route, in one `match`.

use http::{Method, Response, StatusCode};
use worker::HttpRequest;

use crate::answer::{self, Body};
use crate::app::App;
use crate::error::Error;
use crate::oauth::metadata;
use crate::{cors, endpoint, guard};

/// Answers one request.
pub(crate) async fn route(app: &App, request: HttpRequest) -> Response<Body> {
    let open = cors::covers(request.uri().path());
    let mut response = guarded(app, request)
        .await
        .unwrap_or_else(|error| error.answer());
    if open {
        cors::open(&mut response);
    }
    response
}

async fn guarded(app: &App, mut request: HttpRequest) -> Result<Response<Body>, Error> {
    guard::host(app, &mut request)?;
    let path = request.uri().path().to_owned();
    if path == "/mcp" {
        guard::origin(app, &request)?;
    }
    if request.method() == Method::OPTIONS && cors::covers(&path) {
        return Ok(cors::preflight(request.headers()));
    }
    match (request.method(), path.as_str()) {
        (_, "/mcp") => endpoint::serve(app, request).await,
        (&Method::GET, path) => get(app, &request, path).await,
        _ => Ok(answer::empty(StatusCode::NOT_FOUND)),
    }
}

#[expect(
    clippy::unused_async,
    reason = "the pages that come next wait for stores"
)]
async fn get(app: &App, request: &HttpRequest, path: &str) -> Result<Response<Body>, Error> {
    Ok(match path {
        "/" => answer::empty(StatusCode::OK),
        "/.well-known/oauth-protected-resource" | metadata::RESOURCE_METADATA_PATH => {
            metadata::resource(app, guard::reached(app, request))
        }
        "/.well-known/oauth-authorization-server"
        | "/.well-known/oauth-authorization-server/mcp"
        | "/.well-known/openid-configuration"
        | "/.well-known/openid-configuration/mcp"
        | "/mcp/.well-known/openid-configuration" => metadata::server(app),
        oauth::metadata::path::JWKS => metadata::keys(app),
        _ => answer::empty(StatusCode::NOT_FOUND),
    })
}
