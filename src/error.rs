//! What goes wrong, and the answer it gets: the only file that knows both.

use http::{Response, StatusCode, header};
use oauth::bearer::{Challenge, Refusal};
use quota::Closed;
use serde_json::json;

use crate::answer::{self, Body};
use crate::config::ConfigError;
use crate::page::{self, Problem};

/// A failure while answering a request.
#[derive(Debug)]
pub(crate) enum Error {
    /// The request was sent to a host that is not ours.
    Host,
    /// A page that is not allowed used the MCP endpoint.
    Origin,
    /// The token is missing or not good enough.
    Bearer(Challenge),
    /// Too many requests came from one network.
    Gate(Closed),
    /// A stranger took too long to send a body.
    Slow,
    /// Something a person has to be told.
    Page(Box<Problem>),
    /// A binding of the platform failed while `doing` something.
    Binding {
        /// What was being done, for the log.
        doing: &'static str,
        /// The platform's own words, for the log.
        source: worker::Error,
    },
    /// So many sessions of one user were opened at once that this one had to give
    /// way before it was there.
    GaveWay,
    /// An invariant of ours does not hold.
    Bug(&'static str),
}

/// Names what was being done when a binding failed.
pub(crate) fn doing(doing: &'static str) -> impl Fn(worker::Error) -> Error {
    move |source| Error::Binding { doing, source }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host => f.write_str("the host is not ours"),
            Self::Origin => f.write_str("the origin is not allowed"),
            Self::Bearer(challenge) => write!(f, "access refused: {:?}", challenge.refusal),
            Self::Gate(closed) => write!(f, "a gate is closed: {}", closed.gate.binding()),
            Self::Slow => f.write_str("a body did not come in time"),
            Self::Page(problem) => write!(f, "a page says: {}", problem.title()),
            Self::Binding { doing, source } => write!(f, "{doing}: {source}"),
            Self::GaveWay => f.write_str("a session gave way before it was opened"),
            Self::Bug(broken) => write!(f, "a bug: {broken}"),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Page(Box::new(problem))
    }
}

impl Error {
    /// Writes the cause to the log, where it is handled.
    pub(crate) fn log(&self) {
        worker::console_error!("{self}");
    }

    /// The answer where a person is waiting.
    pub(crate) fn page(&self) -> Response<Body> {
        match self {
            Self::Host | Self::Origin | Self::Bearer(_) | Self::Slow | Self::Page(_) => {
                self.answer()
            }
            Self::Gate(closed) => limited(*closed, page::problem(&Problem::TooOften)),
            Self::Binding { .. } | Self::GaveWay | Self::Bug(_) => {
                let status = self.answer().status();
                page::problem(&Problem::Ours { status })
            }
        }
    }

    /// The HTTP answer; the cause goes to the log, never to the client.
    pub(crate) fn answer(&self) -> Response<Body> {
        match self {
            // RFC 9110 section 15.5.20.
            Self::Host => plain(
                StatusCode::MISDIRECTED_REQUEST,
                "This server is not known by that host name: use its public origin.\n",
            ),
            // Checklist G-01.
            Self::Origin => plain(
                StatusCode::FORBIDDEN,
                "Pages of this origin may not use this server: see ALLOWED_ORIGINS.\n",
            ),
            Self::Bearer(challenge) => challenged(challenge),
            Self::Gate(closed) => limited(*closed, busy(*closed)),
            // RFC 9110 section 15.5.9.
            Self::Slow => plain(
                StatusCode::REQUEST_TIMEOUT,
                "The request took too long to arrive.\n",
            ),
            Self::Page(problem) => page::problem(problem),
            Self::Binding { .. } => {
                self.log();
                answer::empty(StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::GaveWay => plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "More sessions are being opened at once than a user may have: try again.\n",
            ),
            Self::Bug(_) => {
                self.log();
                answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
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

/// Where a client asked: RFC 6749 section 5.2 and RFC 7591 section 3.2.2 have a code
/// for each refusal but this one. Never one that makes a client throw away its
/// tokens or its registration.
fn busy(closed: Closed) -> Response<Body> {
    let words = format!(
        "too many requests came from your network: try again in {} s",
        closed.retry_after_s()
    );
    let body = json!({ "error": "temporarily_unavailable", "error_description": words });
    answer::json(StatusCode::TOO_MANY_REQUESTS, &body)
}

/// What a closed gate tells (RFC 6585 section 4, and the fields of the quota).
fn limited(closed: Closed, mut response: Response<Body>) -> Response<Body> {
    let fields = closed.fields();
    answer::set(
        &mut response,
        fields.of_response(Some(closed.retry_after_s())),
    );
    response
}

/// The answer of a Worker whose configuration cannot be used.
pub(crate) fn misconfigured(refused: &ConfigError) -> Response<Body> {
    worker::console_error!("configuration: {refused}");
    let text = format!("This server is not configured: {refused}\n");
    plain(StatusCode::SERVICE_UNAVAILABLE, &text)
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let body = Body::Bytes(text.to_owned().into());
    answer::with(status, Some("text/plain; charset=utf-8"), body)
}
