//! How a session's object has lived.

use http::{Response, StatusCode};
use platform::answer::{self, Body};
use platform::session::wire;
use worker::{Method, RequestInit};

use crate::app::App;
use crate::error::{Error, doing};

/// `GET /admin/sessions/ID`: nothing of what the session says is in it.
pub(super) async fn diagnostics(app: &App, id: &str) -> Result<Response<Body>, Error> {
    // The MAC in the id is for clients; the operator needs none.
    let name = id.split('.').next().unwrap_or_default();
    let asking = doing("asking a session for its diagnostics");
    let stub = app
        .env
        .durable_object(wire::SESSIONS)
        .and_then(|objects| objects.get_by_name(name))
        .map_err(&asking)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Get);
    let url = format!("https://session{}", wire::DIAGNOSTICS);
    let asked = worker::Request::new_with_init(&url, &init).map_err(&asking)?;
    let mut told = stub.fetch_with_request(asked).await.map_err(&asking)?;
    if told.status_code() != 200 {
        return Ok(answer::empty(StatusCode::NOT_FOUND));
    }
    let body = told.bytes().await.map_err(&asking)?;
    Ok(answer::json_text(StatusCode::OK, body))
}
