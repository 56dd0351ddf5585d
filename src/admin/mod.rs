//! What only the operator may ask, with the token of the configuration. Without
//! `ADMIN_TOKEN` there are no such pages.

mod accounts;
mod session;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use oauth::bearer::{self, Presented, Scheme};
use oauth::identity::AccountId;
use oauth::secret::same;
use worker::HttpRequest;

use crate::answer::{self, Body};
use crate::app::App;
use crate::body;
use crate::error::Error;
use crate::page::Problem;

/// Where all of them are.
pub(crate) const PATH: &str = "/admin/";

/// Answers the operator.
pub(crate) async fn serve(
    app: &App,
    request: HttpRequest,
    path: &str,
) -> Result<Response<Body>, Error> {
    let (parts, sent) = request.into_parts();
    body::discard(sent).await;
    let Some(expected) = &app.config.admin_token else {
        return Err(Problem::NoPage.into());
    };
    if !shows(&parts.headers, &expected.0) {
        return Ok(refused());
    }
    let below = path.strip_prefix(PATH).unwrap_or_default();
    let below: Vec<&str> = below.split('/').collect();
    match (&parts.method, below.as_slice()) {
        (&Method::GET, &["sessions", id]) => session::diagnostics(app, id).await,
        (&Method::GET, &["accounts", id]) => accounts::show(app, &account(id)).await,
        (&Method::POST, &["accounts", id, "disable"]) => accounts::disable(app, &account(id)).await,
        (&Method::POST, &["accounts", id, "enable"]) => accounts::enable(app, &account(id)).await,
        _ => Err(Problem::NoPage.into()),
    }
}

/// What the operator names; whether there is such an account is asked of D1.
fn account(id: &str) -> AccountId {
    AccountId::trusted(id.to_owned())
}

/// Whether a request shows the operator's token.
fn shows(fields: &HeaderMap, expected: &str) -> bool {
    let fields = fields.get_all(header::AUTHORIZATION);
    let presented = bearer::presented(
        fields
            .iter()
            .map(|field| field.to_str().unwrap_or("Bearer")),
    );
    matches!(presented, Presented::Token(Scheme::Bearer, token) if same(token, expected))
}

fn refused() -> Response<Body> {
    let mut refused = answer::empty(StatusCode::UNAUTHORIZED);
    let challenge = HeaderValue::from_static("Bearer");
    refused
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    refused
}
