//! A request as the platform brings it, becoming one of `http`'s.
//!
//! `worker` does the same and crosses between JavaScript and wasm six times for each
//! header field; here all of them cross as one piece of memory (see [`crate::hop`]).

use http::{HeaderName, HeaderValue, Request, header};
use worker::send::SendWrapper;
use worker::{AbortSignal, Error, Result, wasm_bindgen, web_sys};

use crate::body::Sent;

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/hop.js"
)]
extern "C" {
    fn head_of(request: &web_sys::Request) -> Vec<u8>;
    fn head_of_client(request: &web_sys::Request) -> Vec<u8>;
}

/// A request as the platform brought it, kept with what was read of it.
#[derive(Debug, Clone)]
struct Came(SendWrapper<web_sys::Request>);

/// The request as the platform brought it.
pub fn came<B>(request: &Request<B>) -> Option<&web_sys::Request> {
    let Came(came) = request.extensions().get()?;
    Some(came)
}

/// A field of a request, also one that [`of_client`] leaves out; empty if it is no visible
/// ASCII.
pub fn field<B>(request: &Request<B>, name: &str) -> Option<String> {
    let value = came(request)?.headers().get(name).ok().flatten()?;
    let is_text = value
        .bytes()
        .all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
    Some(if is_text { value } else { String::new() })
}

/// The head of a request that has the same fields as one that came before, with what the
/// platform brought, if it is one that came.
pub fn like(head: &Request<()>, request: Option<web_sys::Request>) -> Request<()> {
    let mut head = head.clone();
    head.extensions_mut().remove::<Came>();
    if let Some(request) = request {
        head.extensions_mut()
            .insert(Came(SendWrapper::new(request)));
    }
    head
}

/// What tells when the client of a request has left. It is made when it is asked for.
pub fn left<B>(request: &Request<B>) -> Option<AbortSignal> {
    let Came(came) = request.extensions().get()?;
    Some(AbortSignal::from(came.signal()))
}

/// The request.
pub fn read(request: web_sys::Request) -> Result<Request<Sent>> {
    let head = head_of(&request);
    with_head(request, head)
}

/// A client's request to the endpoint, with the fields alone that decide anything about it;
/// any other is a [`field`].
pub fn of_client(request: web_sys::Request) -> Result<Request<Sent>> {
    let head = head_of_client(&request);
    with_head(request, head)
}

fn with_head(request: web_sys::Request, head: Vec<u8>) -> Result<Request<Sent>> {
    let text = String::from_utf8(head).map_err(|_| malformed())?;
    let mut lines = text.split('\n');
    let mut next = || lines.next().ok_or_else(malformed);
    let mut head = Request::builder()
        .method(next()?)
        .uri(next()?)
        .extension(Came(SendWrapper::new(Clone::clone(&request))));
    while let Some(name) = lines.next() {
        let value = lines.next().ok_or_else(malformed)?;
        let name = HeaderName::try_from(name).map_err(unreadable)?;
        head = head.header(name, HeaderValue::try_from(value).map_err(unreadable)?);
    }
    let length = head.headers_ref().and_then(|fields| {
        let length = fields.get(header::CONTENT_LENGTH)?;
        length.to_str().ok()?.parse().ok()
    });
    head.body(Sent::of(request, length)).map_err(unreadable)
}

fn malformed() -> Error {
    Error::RustError("a request with no readable head".into())
}

fn unreadable(error: impl Into<http::Error>) -> Error {
    Error::RustError(error.into().to_string())
}
