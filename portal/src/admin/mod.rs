//! What only the operator may ask, with the token of the configuration. Without
//! `ADMIN_TOKEN` there are no such pages.

mod accounts;
mod policies;
mod session;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use oauth::bearer::{self, Presented, Scheme};
use oauth::identity::AccountId;
use oauth::secret::same;
use platform::answer::{self, Body};
use platform::body;
use quota::DOCUMENT_BYTES_MAX;
use worker::HttpRequest;

use crate::app::App;
use crate::error::Error;
use crate::page::Problem;
use crate::store::policies::Whose;

/// Where all of them are.
pub(crate) const PATH: &str = "/admin/";

/// Answers the operator.
pub(crate) async fn serve(
    app: &App,
    request: HttpRequest,
    path: &str,
) -> Result<Response<Body>, Error> {
    let (parts, sent) = request.into_parts();
    let Some(expected) = &app.config.admin_token else {
        body::discard(sent).await;
        return Err(Problem::NoPage.into());
    };
    if !shows(&parts.headers, &expected.0) {
        body::discard(sent).await;
        return Ok(refused());
    }
    let Ok(said) = body::read(sent, DOCUMENT_BYTES_MAX).await? else {
        return Ok(answer::empty(StatusCode::PAYLOAD_TOO_LARGE));
    };
    let below = path.strip_prefix(PATH).unwrap_or_default();
    let below: Vec<&str> = below.split('/').collect();
    match (&parts.method, below.as_slice()) {
        (&Method::GET, &["policies"]) => policies::list(app).await,
        (&Method::PUT, &["policies", name]) => policies::keep(app, name, &said).await,
        (&Method::DELETE, &["policies", name]) => policies::delete(app, name).await,
        (&Method::POST, &["policies", name, "tell"]) => policies::tell(app, name, &said).await,
        (&Method::PUT, &["roles", role, "policy"]) => {
            policies::give(app, Whose::Role(role), &said).await
        }
        (&Method::DELETE, &["roles", role, "policy"]) => {
            policies::take(app, Whose::Role(role)).await
        }
        (&Method::PUT, &["accounts", id, "policy"]) => {
            policies::give(app, Whose::User(&account(id)), &said).await
        }
        (&Method::DELETE, &["accounts", id, "policy"]) => {
            policies::take(app, Whose::User(&account(id))).await
        }
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
