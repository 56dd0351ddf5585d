//! Every route, in one `match`.

use http::{Method, Response, StatusCode};
use worker::HttpRequest;

use crate::answer::{self, Body};
use crate::app::App;
use crate::endpoint;

/// Answers one request.
pub(crate) async fn route(app: &App, request: HttpRequest) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let outcome = match (request.method(), path.as_str()) {
        (_, "/mcp") => endpoint::serve(app, request).await,
        (&Method::GET, "/") => Ok(answer::empty(StatusCode::OK)),
        _ => Ok(answer::empty(StatusCode::NOT_FOUND)),
    };
    outcome.unwrap_or_else(|error| error.answer())
}
