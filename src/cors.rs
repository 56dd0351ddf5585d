//! Cross-origin access for MCP clients that run in a browser.
//!
//! The outermost layer: it is on every answer of these paths, also on refusals,
//! because a page must be able to read `WWW-Authenticate` on a 401. No path
//! here looks at cookies, so that `*` gives nothing away; who may really use
//! the MCP endpoint is decided by `guard::origin`.

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

use crate::answer::{self, Body};
use crate::endpoint::http_sse;

/// Fields a page may send. The wildcard would not cover `Authorization`.
const ALLOWED_FIELDS: &str = "Authorization, Content-Type, Accept, MCP-Protocol-Version, \
    Mcp-Session-Id, Last-Event-ID, DPoP, Mcp-Method, Mcp-Name";
/// Fields a page may read.
const EXPOSED_FIELDS: &str = "Mcp-Session-Id, WWW-Authenticate, MCP-Protocol-Version, \
    Retry-After, RateLimit, RateLimit-Policy";
/// Fields with this prefix may be sent, too: one per parameter of a tool, so
/// that they cannot be listed (checklist M-PAR).
const PARAMETER_PREFIX: &str = "mcp-param-";
/// Most such fields that one preflight may ask for.
const PARAMETERS_MAX: usize = 32;
/// How long a browser remembers a preflight, in seconds; Chromium's limit.
const PREFLIGHT_SECONDS: &str = "7200";

/// Whether a path is for clients rather than for people.
pub(crate) fn covers(path: &str) -> bool {
    matches!(path, "/mcp" | "/token" | "/register" | "/revoke" | "/par")
        || http_sse::has(path)
        || path.starts_with("/.well-known/")
        || path.starts_with("/mcp/.well-known/")
}

/// The answer to a preflight.
pub(crate) fn preflight(asked: &HeaderMap) -> Response<Body> {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let fields = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, DELETE, OPTIONS");
    fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let age = HeaderValue::from_static(PREFLIGHT_SECONDS);
    fields.insert(header::ACCESS_CONTROL_MAX_AGE, age);
    let allowed = allowed_fields(asked);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    response
}

/// Lets a page read an answer.
pub(crate) fn open(response: &mut Response<Body>) {
    let fields = response.headers_mut();
    fields.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    let exposed = HeaderValue::from_static(EXPOSED_FIELDS);
    fields.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

fn allowed_fields(asked: &HeaderMap) -> String {
    let mut allowed = ALLOWED_FIELDS.to_owned();
    let asked = asked.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let parameters = asked
        .iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(','))
        .map(str::trim)
        .filter(|name| name.to_ascii_lowercase().starts_with(PARAMETER_PREFIX))
        .filter(|name| http::HeaderName::from_bytes(name.as_bytes()).is_ok());
    for name in parameters.take(PARAMETERS_MAX) {
        allowed.push_str(", ");
        allowed.push_str(name);
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(fields: &'static str) -> HeaderMap {
        let fields = HeaderValue::from_static(fields);
        HeaderMap::from_iter([(header::ACCESS_CONTROL_REQUEST_HEADERS, fields)])
    }

    /// Checklist §9 Q13.
    #[test]
    fn a_preflight_allows_a_tools_parameters_and_nothing_unheard_of() {
        let allowed = allowed_fields(&asking("authorization, Mcp-Param-City, x-evil"));
        assert!(allowed.ends_with("Mcp-Name, Mcp-Param-City"), "{allowed}");
    }

    #[test]
    fn pages_for_people_are_not_covered() {
        for path in ["/", "/authorize", "/login/start", "/assets/style.css"] {
            assert!(!covers(path), "{path}");
        }
    }
}
