//! The OAuth endpoints: `oauth`'s rules, met by requests.

pub(crate) mod authorize;
mod direct;
mod exchange;
pub(crate) mod introspect;
pub(crate) mod metadata;
pub(crate) mod par;
pub(crate) mod register;
pub(crate) mod revoke;
pub(crate) mod scopes;
pub(crate) mod token;

use http::{HeaderValue, Response, StatusCode, header};
use oauth::form::{FORM_BYTES_MAX, Parameters};
use platform::answer::{self, Body};
use platform::body;
use platform::failure::Failure;
use serde_json::json;
use worker::HttpRequest;

use crate::error::Error;

/// When to try again after a failure of ours, in seconds.
const RETRY_SECONDS: &str = "5";

/// What was sent as a form; none if that is no form, or too large a one.
async fn form(request: HttpRequest) -> Result<Option<Parameters>, Error> {
    let is_form = body::is_of_type(request.headers(), "application/x-www-form-urlencoded");
    let read = body::read_in_time(request.into_body(), FORM_BYTES_MAX).await?;
    let body = read.ok().filter(|_| is_form);
    let text = body.and_then(|body| String::from_utf8(body).ok());
    Ok(text.and_then(|text| Parameters::parse(&text).ok()))
}

/// An error in the words of RFC 6749 section 5.2.
fn refused(status: StatusCode, code: &str, description: &str) -> Response<Body> {
    let body = json!({ "error": code, "error_description": description });
    unstored(answer::json(status, &body))
}

/// The answer to a client whose request failed for another reason than what it said.
fn failure(error: &Error) -> Response<Body> {
    match error {
        Error::Gate(_) => return unstored(error.answer()),
        Error::Failed(Failure::Slow) => {
            let words = "the request took too long to arrive";
            return refused(StatusCode::REQUEST_TIMEOUT, "invalid_request", words);
        }
        Error::Page(_)
        | Error::Failed(Failure::Host | Failure::Binding { .. } | Failure::Bug(_)) => {}
    }
    error.log();
    unavailable()
}

/// A failure of ours. Never `invalid_grant`, which would make a client throw
/// its tokens away.
fn unavailable() -> Response<Body> {
    let words = "something on our side failed: try again";
    let mut response = refused(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        words,
    );
    let retry = HeaderValue::from_static(RETRY_SECONDS);
    response.headers_mut().insert(header::RETRY_AFTER, retry);
    response
}

/// An answer that nobody keeps (RFC 6749 section 5.1).
fn unstored(mut response: Response<Body>) -> Response<Body> {
    let fields = response.headers_mut();
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
