//! The OAuth endpoints: `oauth`'s rules, met by requests.

pub(crate) mod authorize;
pub(crate) mod metadata;
pub(crate) mod register;
pub(crate) mod token;

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use crate::answer::{self, Body};

/// When to try again after a failure of ours, in seconds.
const RETRY_SECONDS: &str = "5";

/// An error in the words of RFC 6749 section 5.2.
fn refused(status: StatusCode, code: &str, description: &str) -> Response<Body> {
    let body = json!({ "error": code, "error_description": description });
    unstored(answer::json(status, &body))
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
