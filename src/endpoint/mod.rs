//! The MCP endpoint.

use http::{Response, StatusCode};
use worker::HttpRequest;

use crate::answer::{self, Body};
use crate::app::App;
use crate::error::Error;

/// Answers one request to `/mcp`.
pub(crate) async fn serve(_app: &App, _request: HttpRequest) -> Result<Response<Body>, Error> {
    Ok(answer::empty(StatusCode::NOT_IMPLEMENTED))
}
