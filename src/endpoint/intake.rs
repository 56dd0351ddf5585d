//! What a POST has to look like before its body is read as a message (G-04).

use http::{HeaderMap, Response, StatusCode, header};
use mcp::ErrorCode;
use mcp::limits::BODY_BYTES_MAX;
use mcp::reply::{self, fault};
use platform::answer::{self, Body};
use platform::body;

/// Refuses a POST that is not JSON, or whose client cannot read our answers.
pub(super) fn check(fields: &HeaderMap) -> Option<Response<Body>> {
    if let Some(refused) = not_json(fields) {
        return Some(refused);
    }
    let readable = accepts(fields, "application/json") && accepts(fields, "text/event-stream");
    (!readable).then(not_acceptable)
}

/// Refuses a POST that is not JSON.
pub(super) fn not_json(fields: &HeaderMap) -> Option<Response<Body>> {
    let words = "Content-Type must be application/json";
    (!body::is_of_type(fields, "application/json"))
        .then(|| refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, words))
}

/// Whether the client takes answers of that type. A client that says nothing
/// takes everything (RFC 9110, 12.5.1).
pub(super) fn accepts(fields: &HeaderMap, kind: &str) -> bool {
    let mut values = fields.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    let family = kind.split('/').next().unwrap_or_default();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .map(str::trim)
        .any(|range| {
            range == "*/*"
                || range.eq_ignore_ascii_case(kind)
                || range
                    .strip_suffix("/*")
                    .is_some_and(|range| range.eq_ignore_ascii_case(family))
        })
}

/// 406, with what is needed.
pub(super) fn not_acceptable() -> Response<Body> {
    let words = "Accept must allow application/json and text/event-stream";
    refuse(StatusCode::NOT_ACCEPTABLE, words)
}

/// The answer to a body beyond [`BODY_BYTES_MAX`].
pub(super) fn too_large() -> Response<Body> {
    let words = format!("the body is larger than {BODY_BYTES_MAX} bytes");
    refuse(StatusCode::PAYLOAD_TOO_LARGE, &words)
}

fn refuse(status: StatusCode, words: &str) -> Response<Body> {
    let error = fault(ErrorCode::INVALID_REQUEST, words.to_owned());
    answer::json_text(status, reply::error(None, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn fields(accept: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))])
    }

    /// RFC 9110, section 12.5.1.
    /// Checklist G-04, R2.
    #[test]
    fn ranges_and_parameters_of_accept_are_understood() {
        for (accept, taken) in [
            ("text/event-stream", true),
            ("application/json, text/event-stream;q=0.5", true),
            ("*/*", true),
            ("text/*", true),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(
                accepts(&fields(accept), "text/event-stream"),
                taken,
                "{accept}"
            );
        }
        assert!(accepts(&HeaderMap::new(), "text/event-stream"));
    }
}
