//! `/.well-known/…`: the documents by which clients find us.

use http::{HeaderValue, Response, StatusCode, header};
use oauth::metadata::{ResourceMetadata, ServerMetadata};
use oauth::origin::resource_at;
use serde::Serialize;

use crate::answer::{self, Body};
use crate::app::App;

/// Where the resource's metadata is (RFC 9728 section 3.1, with the path of
/// the resource inserted).
pub(crate) const RESOURCE_METADATA_PATH: &str = "/.well-known/oauth-protected-resource/mcp";

/// How long clients may keep a document, in seconds: a changed configuration
/// should be known soon.
const KEPT_SECONDS: &str = "max-age=300";

/// `GET /.well-known/oauth-protected-resource[/mcp]` (RFC 9728).
pub(crate) fn resource(app: &App, reached: &str) -> Response<Body> {
    document(&ResourceMetadata::new(
        &app.config.public_origin,
        resource_at(reached),
    ))
}

/// `GET /.well-known/oauth-authorization-server` and its aliases (RFC 8414).
pub(crate) fn server(app: &App) -> Response<Body> {
    document(&ServerMetadata::new(&app.config.public_origin))
}

/// `GET /.well-known/jwks.json` (RFC 7517 section 5).
pub(crate) fn keys(app: &App) -> Response<Body> {
    document(app.config.token_keys.public())
}

fn document<T: Serialize>(document: &T) -> Response<Body> {
    let mut response = answer::json(StatusCode::OK, document);
    let kept = HeaderValue::from_static(KEPT_SECONDS);
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}
