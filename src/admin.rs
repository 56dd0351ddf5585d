//! What only the operator may ask, with the token of the configuration.

use durable::session::wire;
use http::{HeaderValue, Request, Response, StatusCode, header};
use oauth::bearer::{self, Presented, Scheme};
use oauth::secret::same;
use worker::{Method, RequestInit};

use crate::answer::{self, Body};
use crate::app::App;
use crate::error::{Error, doing};
use crate::page::Problem;

/// Where a session's diagnostics are: below it, the session's id.
pub(crate) const SESSIONS: &str = "/admin/sessions/";

/// `GET /admin/sessions/ID`: how the session's object has lived. Nothing of what
/// the session says is in it. Without `ADMIN_TOKEN` there is no such page.
pub(crate) async fn session<B>(
    app: &App,
    request: &Request<B>,
    id: &str,
) -> Result<Response<Body>, Error> {
    let Some(expected) = &app.config.admin_token else {
        return Err(Problem::NoPage.into());
    };
    let fields = request.headers().get_all(header::AUTHORIZATION);
    let presented = bearer::presented(
        fields
            .iter()
            .map(|field| field.to_str().unwrap_or("Bearer")),
    );
    let known =
        matches!(presented, Presented::Token(Scheme::Bearer, token) if same(token, &expected.0));
    if !known {
        let mut refused = answer::empty(StatusCode::UNAUTHORIZED);
        let challenge = HeaderValue::from_static("Bearer");
        refused
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
        return Ok(refused);
    }
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
