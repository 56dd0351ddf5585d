//! Answers: the bodies a response may have, and how they become the platform's.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use worker::{Headers, ResponseBuilder};

/// What a response carries.
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// A finished body.
    Bytes(Bytes),
    /// A body that is still being written, such as an SSE stream.
    Stream(futures_util::stream::LocalBoxStream<'static, Result<Vec<u8>, worker::Error>>),
}

/// A bare status.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    with(status, None, Body::Empty)
}

/// A verb that a path does not know (RFC 9110 section 15.5.6).
pub(crate) fn not_allowed(allow: &'static str) -> Response<Body> {
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// A JSON document.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(text) => with(status, Some("application/json"), Body::Bytes(text.into())),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// JSON that is already text.
pub(crate) fn json_text(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    with(status, Some("application/json"), Body::Bytes(text.into()))
}

/// A response with a content type known at compile time.
pub(crate) fn with(
    status: StatusCode,
    content_type: Option<&'static str>,
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

/// Sets fields whose names are known at compile time.
pub(crate) fn set(
    response: &mut Response<Body>,
    fields: impl Iterator<Item = (&'static str, String)>,
) {
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_str(&value) {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, value);
        }
    }
}

/// Hands a response to the platform.
pub(crate) fn into_worker(response: Response<Body>) -> worker::Result<worker::Response> {
    let (parts, body) = response.into_parts();
    let headers = Headers::new();
    for (name, value) in &parts.headers {
        headers.append(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let builder = ResponseBuilder::new()
        .with_status(parts.status.as_u16())
        .with_headers(headers);
    Ok(match body {
        Body::Empty => builder.empty(),
        Body::Bytes(bytes) => builder.fixed(bytes.to_vec()),
        Body::Stream(stream) => builder.from_stream(stream)?,
    })
}
