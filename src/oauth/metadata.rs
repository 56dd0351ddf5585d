//! `/.well-known/…`: the documents by which clients find us.

use http::{HeaderValue, Response, StatusCode, header};
use oauth::metadata::{Others, ResourceMetadata, ServerMetadata};
use oauth::origin::{HTTP_SSE_PATH, MCP_PATH};
use serde::Serialize;

use super::scopes;
use crate::answer::{self, Body};
use crate::app::App;

/// Where the resource's metadata is (RFC 9728 section 3.1, with the path of
/// the resource inserted).
pub(crate) const RESOURCE_METADATA_PATH: &str = "/.well-known/oauth-protected-resource/mcp";
/// The same for clients of HTTP+SSE: each finds the identifier that it used
/// (RFC 9728 section 3.3), and tokens for one are good for the other.
pub(crate) const HTTP_SSE_METADATA_PATH: &str = "/.well-known/oauth-protected-resource/sse";

/// How long clients may keep a document, in seconds: a changed configuration
/// should be known soon.
const KEPT_SECONDS: &str = "max-age=300";

/// `GET /.well-known/oauth-protected-resource[/mcp]` (RFC 9728).
pub(crate) fn resource(app: &App, reached: &str) -> Response<Body> {
    described(app, reached, MCP_PATH)
}

/// `GET /.well-known/oauth-protected-resource/sse`.
pub(crate) fn http_sse_resource(app: &App, reached: &str) -> Response<Body> {
    described(app, reached, HTTP_SSE_PATH)
}

fn described(app: &App, reached: &str, path: &str) -> Response<Body> {
    let resource = format!("{reached}{path}");
    document(&ResourceMetadata::new(&app.config.public_origin, resource))
}

/// `GET /.well-known/oauth-authorization-server` and its aliases (RFC 8414).
pub(crate) async fn server(app: &App) -> Response<Body> {
    let others = Others {
        ask: !app.config.resource_servers.is_empty(),
        vouch: !app.config.vouching.is_empty(),
    };
    // A document without some scopes is better than none.
    let catalog = durable::tools::catalog_soon(&app.env).await;
    let existing = catalog.map(|catalog| scopes::existing(&catalog));
    let scopes = existing.unwrap_or_default().scopes;
    let (public, clients) = (&app.config.public_origin, &app.config.keys.clients);
    document(&ServerMetadata::new(public, clients, others, &scopes))
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
