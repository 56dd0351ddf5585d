//! `/.well-known/oauth-protected-resource…`: the documents by which clients find who
//! gives tokens for the endpoint (RFC 9728).

use http::Response;
use oauth::metadata::{ResourceMetadata, path};
use oauth::origin::{HTTP_SSE_PATH, MCP_PATH};
use platform::answer::{self, Body};

use crate::app::App;

/// Where the resource's metadata is for clients of HTTP+SSE: each finds the identifier that it used
/// (RFC 9728 section 3.3), and tokens for one are good for the other.
pub(crate) const HTTP_SSE_METADATA_PATH: &str = "/.well-known/oauth-protected-resource/sse";
/// The same without a resource, which some clients try.
const BARE_PATH: &str = "/.well-known/oauth-protected-resource";

/// Whether a path is one of them.
pub(crate) fn has(path: &str) -> bool {
    path.starts_with(BARE_PATH)
}

/// The document at a path, if there is one.
pub(crate) fn at(app: &App, reached: &str, path: &str) -> Option<Response<Body>> {
    match path {
        BARE_PATH | path::RESOURCE => Some(described(app, reached, MCP_PATH)),
        HTTP_SSE_METADATA_PATH if app.config.http_sse => {
            Some(described(app, reached, HTTP_SSE_PATH))
        }
        _ => None,
    }
}

fn described(app: &App, reached: &str, path: &str) -> Response<Body> {
    let resource = format!("{reached}{path}");
    answer::document(&ResourceMetadata::new(&app.config.public_origin, resource))
}
