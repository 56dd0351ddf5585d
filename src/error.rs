//! What goes wrong, and the answer it gets: the only file that knows both.

use http::{HeaderValue, Response, StatusCode, header};
use oauth::bearer::{Challenge, Refusal};
use serde_json::json;

use crate::answer::{self, Body};
use crate::config::ConfigError;

/// A failure while answering a request.
#[derive(Debug)]
pub(crate) enum Error {
    /// The request was sent to a host that is not ours.
    Host,
    /// A page that is not allowed used the MCP endpoint.
    Origin,
    /// The token is missing or not good enough.
    Bearer(Challenge),
    /// A binding of the platform failed while `doing` something.
    Binding {
        /// What was being done, for the log.
        doing: &'static str,
        /// The platform's own words, for the log.
        source: worker::Error,
    },
    /// An invariant of ours does not hold.
    Bug(&'static str),
}

/// Names what was being done when a binding failed.
pub(crate) fn doing(doing: &'static str) -> impl Fn(worker::Error) -> Error {
    move |source| Error::Binding { doing, source }
}

impl Error {
    /// The HTTP answer; the cause goes to the log, never to the client.
    pub(crate) fn answer(&self) -> Response<Body> {
        match self {
            // RFC 9110 section 15.5.20.
            Self::Host => plain(
                StatusCode::MISDIRECTED_REQUEST,
                "This server is not known by that host name: use its public origin.\n",
            ),
            // Checklist G-01.
            Self::Origin => plain(
                StatusCode::FORBIDDEN,
                "Pages of this origin may not use this server: see ALLOWED_ORIGINS.\n",
            ),
            Self::Bearer(challenge) => challenged(challenge),
            Self::Binding { .. } => {
                worker::console_error!("{self:?}");
                answer::empty(StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Bug(_) => {
                worker::console_error!("{self:?}");
                answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// RFC 6750 section 3.1, RFC 9728 section 5.1.
fn challenged(challenge: &Challenge) -> Response<Body> {
    let status = match challenge.refusal {
        Refusal::Missing | Refusal::InvalidToken => StatusCode::UNAUTHORIZED,
        Refusal::InvalidRequest => StatusCode::BAD_REQUEST,
        Refusal::InsufficientScope => StatusCode::FORBIDDEN,
    };
    let body = json!({
        "error": challenge.refusal.code().unwrap_or("unauthorized"),
        "error_description": challenge.refusal.description(),
    });
    let mut response = answer::json(status, &body);
    if let Ok(field) = HeaderValue::from_str(&challenge.field()) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, field);
    }
    response
}

/// The answer of a Worker whose configuration cannot be used.
pub(crate) fn misconfigured(refused: &ConfigError) -> Response<Body> {
    worker::console_error!("configuration: {refused}");
    let text = format!("This server is not configured: {refused}\n");
    plain(StatusCode::SERVICE_UNAVAILABLE, &text)
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let body = Body::Bytes(text.to_owned().into());
    answer::with(status, Some("text/plain; charset=utf-8"), body)
}
