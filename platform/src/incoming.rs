//! A request as the platform brings it, becoming one of `http`'s.
//!
//! `worker` does the same and crosses between JavaScript and wasm six times for each
//! header field; here all of them cross as one text (see [`crate::hop`]).

use http::{HeaderName, HeaderValue, Request, header};
use worker::js_sys::{Array, JSON};
use worker::send::SendWrapper;
use worker::{AbortSignal, Error, Result, web_sys};

use crate::body::Sent;

/// A request as the platform brought it, kept with what was read of it.
#[derive(Debug, Clone)]
struct Came(SendWrapper<web_sys::Request>);

/// What tells when the client of a request has left. It is made when it is asked for.
pub fn left<B>(request: &Request<B>) -> Option<AbortSignal> {
    let Came(came) = request.extensions().get()?;
    Some(AbortSignal::from(came.signal()))
}

/// The request.
pub fn read(request: web_sys::Request) -> Result<Request<Sent>> {
    let mut head = Request::builder()
        .method(request.method().as_str())
        .uri(request.url())
        .extension(Came(SendWrapper::new(Clone::clone(&request))));
    let text: String = JSON::stringify(&Array::from(&request.headers()))?.into();
    let fields: Vec<(String, String)> = serde_json::from_str(&text)?;
    for (name, value) in fields {
        let name = HeaderName::try_from(name).map_err(unreadable)?;
        head = head.header(name, HeaderValue::try_from(value).map_err(unreadable)?);
    }
    let length = head.headers_ref().and_then(|fields| {
        let length = fields.get(header::CONTENT_LENGTH)?;
        length.to_str().ok()?.parse().ok()
    });
    head.body(Sent::of(request, length)).map_err(unreadable)
}

fn unreadable(error: impl Into<http::Error>) -> Error {
    Error::RustError(error.into().to_string())
}
