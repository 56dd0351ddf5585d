//! Answers: the bodies a response may have, and how they become the platform's.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use worker::wasm_bindgen::{self, JsValue};
use worker::{ResponseBuilder, web_sys};

use crate::config::ConfigError;

/// How long clients may keep a document, in seconds: a changed configuration
/// should be known soon.
const KEPT_SECONDS: &str = "max-age=300";

/// What a response carries.
pub enum Body {
    /// Nothing.
    Empty,
    /// A finished body.
    Bytes(Bytes),
    /// A body that is still being written, such as an SSE stream.
    Stream(futures_util::stream::LocalBoxStream<'static, Result<Vec<u8>, worker::Error>>),
    /// The body of another Worker's answer, which is passed on as it comes.
    Passed(worker::Body),
    /// An object's answer, whose head is passed on as well: the response that has it
    /// has no fields of its own.
    AsItCame(web_sys::Response),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "Empty",
            Self::Bytes(_) => "Bytes",
            Self::Stream(_) => "Stream",
            Self::Passed(_) => "Passed",
            Self::AsItCame(_) => "AsItCame",
        })
    }
}

/// A bare status.
pub fn empty(status: StatusCode) -> Response<Body> {
    with(status, None, Body::Empty)
}

/// A verb that a path does not know (RFC 9110 section 15.5.6).
pub fn not_allowed(allow: &'static str) -> Response<Body> {
    let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// A line of text.
pub fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let body = Body::Bytes(text.to_owned().into());
    with(status, Some("text/plain; charset=utf-8"), body)
}

/// The answer of a Worker whose configuration cannot be used.
pub fn misconfigured(refused: &ConfigError) -> Response<Body> {
    worker::console_error!("configuration: {refused}");
    let text = format!("This server is not configured: {refused}\n");
    plain(StatusCode::SERVICE_UNAVAILABLE, &text)
}

/// A public JSON document of a kind that every client asks for, which it may keep
/// for five minutes.
pub fn document<T: Serialize>(document: &T) -> Response<Body> {
    let mut response = json(StatusCode::OK, document);
    let kept = HeaderValue::from_static(KEPT_SECONDS);
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}

/// A JSON document.
pub fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(text) => with(status, Some("application/json"), Body::Bytes(text.into())),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// JSON that is already text.
pub fn json_text(status: StatusCode, text: impl Into<Bytes>) -> Response<Body> {
    with(status, Some("application/json"), Body::Bytes(text.into()))
}

/// A response with a content type known at compile time.
pub fn with(status: StatusCode, content_type: Option<&'static str>, body: Body) -> Response<Body> {
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
pub fn set(response: &mut Response<Body>, fields: impl Iterator<Item = (&'static str, String)>) {
    for (name, value) in fields {
        if let Ok(value) = HeaderValue::from_str(&value) {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, value);
        }
    }
}

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/hop.js"
)]
extern "C" {
    #[wasm_bindgen(catch)]
    fn respond(
        status: u16,
        fields: &str,
        bytes: Option<&[u8]>,
    ) -> Result<web_sys::Response, JsValue>;

    #[wasm_bindgen(catch)]
    fn respond_with(
        status: u16,
        fields: &str,
        body: Option<&web_sys::ReadableStream>,
    ) -> Result<web_sys::Response, JsValue>;
}

/// A finished response of the platform, which crosses as two texts, see [`crate::hop`].
pub fn finished(
    status: u16,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> worker::Result<web_sys::Response> {
    Ok(respond(status, &serde_json::to_string(headers)?, body)?)
}

/// Hands a response to the platform.
#[inline(never)] // it would be copied to each place
pub fn into_platform(response: Response<Body>) -> worker::Result<web_sys::Response> {
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    let fields = parts.headers.iter();
    let fields = fields.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let headers: &[_] = &fields.collect::<Vec<_>>();
    let stream = match body {
        Body::AsItCame(response) => return Ok(response),
        Body::Empty => return finished(status, headers, None),
        Body::Bytes(bytes) => return finished(status, headers, Some(&bytes)),
        Body::Stream(stream) => {
            let carrier = ResponseBuilder::new().from_stream(stream)?;
            web_sys::Response::from(carrier).body()
        }
        Body::Passed(body) => body.into_inner(),
    };
    let fields = serde_json::to_string(headers)?;
    Ok(respond_with(status, &fields, stream.as_ref())?)
}
