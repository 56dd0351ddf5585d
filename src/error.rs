//! What goes wrong, and the answer it gets: the only file that knows both.

use http::{Response, StatusCode, header};
use oauth::bearer::{Challenge, Refusal};
use platform::answer::{self, Body};
use platform::failure::Failure;
use platform::random::NoRandomBytes;
use serde_json::json;

/// A failure while answering a request.
#[derive(Debug)]
pub(crate) enum Error {
    /// A page that is not allowed used the MCP endpoint.
    Origin,
    /// The token is missing or not good enough.
    Bearer(Challenge),
    /// Something that can fail in every Worker.
    Failed(Failure),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Origin => f.write_str("the origin is not allowed"),
            Self::Bearer(challenge) => write!(f, "access refused: {:?}", challenge.refusal),
            Self::Failed(failure) => write!(f, "{failure}"),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<NoRandomBytes> for Error {
    fn from(none: NoRandomBytes) -> Self {
        Self::Failed(none.into())
    }
}

/// Names what was being done when a binding failed.
pub(crate) fn doing(doing: &'static str) -> impl Fn(worker::Error) -> Error {
    move |source| Failure::Binding { doing, source }.into()
}

impl Error {
    /// An invariant of ours does not hold.
    pub(crate) const fn bug(broken: &'static str) -> Self {
        Self::Failed(Failure::Bug(broken))
    }

    /// The HTTP answer; the cause goes to the log, never to the client.
    #[inline(never)] // it would be copied to each place
    pub(crate) fn answer(&self) -> Response<Body> {
        match self {
            // Checklist G-01.
            Self::Origin => answer::plain(
                StatusCode::FORBIDDEN,
                "Pages of this origin may not use this server: see ALLOWED_ORIGINS.\n",
            ),
            Self::Bearer(challenge) => challenged(challenge),
            Self::Failed(failure) => failure.answer(),
        }
    }
}

/// RFC 6750 section 3.1, RFC 9728 section 5.1, RFC 9449 section 7.1.
fn challenged(challenge: &Challenge) -> Response<Body> {
    let status = match challenge.refusal {
        Refusal::Missing | Refusal::InvalidToken | Refusal::InvalidProof => {
            StatusCode::UNAUTHORIZED
        }
        Refusal::InvalidRequest => StatusCode::BAD_REQUEST,
        Refusal::InsufficientScope => StatusCode::FORBIDDEN,
    };
    let body = json!({
        "error": challenge.refusal.code().unwrap_or("unauthorized"),
        "error_description": challenge.refusal.description(),
    });
    let mut response = answer::json(status, &body);
    let fields = challenge.fields();
    for field in fields.iter().filter_map(|field| field.parse().ok()) {
        let fields = response.headers_mut();
        fields.append(header::WWW_AUTHENTICATE, field);
    }
    response
}
