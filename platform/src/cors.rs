//! Cross-origin access for MCP clients that run in a browser.
//!
//! The outermost layer: it is on every answer of the paths for clients, also on
//! refusals, because a page must be able to read `WWW-Authenticate` on a 401. What the
//! endpoint answers has it if the request named an origin, as those of pages do. No such
//! path looks at cookies but the API's, which takes none that comes with another site's
//! page; and no browser shows a page what it got with cookies under `*`. So `*` gives
//! nothing away; who may really use the MCP endpoint is decided by the front Worker's guard.

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::answer::{self, Body};

/// Fields a page may send. The wildcard would not cover `Authorization`.
const ALLOWED_FIELDS: &str = "Authorization, Content-Type, Accept, MCP-Protocol-Version, \
    Mcp-Session-Id, Last-Event-ID, If-Match, Idempotency-Key, DPoP, X-API-Key, Mcp-Method, \
    Mcp-Name";
/// Fields a page may read.
const EXPOSED_FIELDS: &str = "Mcp-Session-Id, WWW-Authenticate, MCP-Protocol-Version, \
    Retry-After, RateLimit, RateLimit-Policy, ETag, Link, Location";
/// Fields with this prefix may be sent, too: one per parameter of a tool, so
/// that they cannot be listed (checklist M-PAR).
const PARAMETER_PREFIX: &str = "mcp-param-";
/// Most such fields that one preflight may ask for.
const PARAMETERS_MAX: usize = 32;
/// How long a browser remembers a preflight, in seconds; Chromium's limit.
const PREFLIGHT_SECONDS: &str = "7200";

/// The verbs that a page may send to most paths.
pub const METHODS: &str = "GET, POST, DELETE, OPTIONS";

/// The answer to a preflight.
pub fn preflight(asked: &HeaderMap, methods: &'static str) -> Response<Body> {
    let mut response = answer::empty(StatusCode::NO_CONTENT);
    let fields = response.headers_mut();
    let methods = HeaderValue::from_static(methods);
    fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let age = HeaderValue::from_static(PREFLIGHT_SECONDS);
    fields.insert(header::ACCESS_CONTROL_MAX_AGE, age);
    let allowed = allowed_fields(asked);
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    response
}

/// What lets a page read an answer.
pub const OPENING: [(&str, &str); 2] = [
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", EXPOSED_FIELDS),
];

/// Lets a page read an answer. One of an object that is passed on as it came lets it
/// already, if it was a page that asked: each field of an answer is written and read
/// several times on its way.
#[inline(never)] // it would be copied to each place
pub fn open(response: &mut Response<Body>) {
    for (name, value) in OPENING {
        let (name, value) = (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        response.headers_mut().insert(name, value);
    }
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
}
