//! What goes wrong, and the answer it gets: the only file that knows both.

use http::{Response, StatusCode};
use platform::answer::{self, Body};
use platform::failure::Failure;
use platform::random::NoRandomBytes;
use quota::Closed;
use serde_json::json;

use crate::page::{self, Problem};

/// A failure while answering a request.
#[derive(Debug)]
pub(crate) enum Error {
    /// Too many requests came from one network.
    Gate(Closed),
    /// Something a person has to be told.
    Page(Box<Problem>),
    /// Something that can fail in every Worker.
    Failed(Failure),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gate(closed) => write!(f, "a gate is closed: {}", closed.gate.binding()),
            Self::Page(problem) => write!(f, "a page says: {}", problem.title()),
            Self::Failed(failure) => write!(f, "{failure}"),
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Page(Box::new(problem))
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

    /// Writes the cause to the log, where it is handled.
    pub(crate) fn log(&self) {
        worker::console_error!("{self}");
    }

    /// The answer where a person is waiting.
    pub(crate) fn page(&self) -> Response<Body> {
        match self {
            Self::Page(_) | Self::Failed(Failure::Host | Failure::Slow) => self.answer(),
            Self::Gate(closed) => limited(*closed, page::problem(&Problem::TooOften)),
            Self::Failed(failure @ (Failure::Binding { .. } | Failure::Bug(_))) => {
                failure.log();
                let status = failure.status();
                page::problem(&Problem::Ours { status })
            }
        }
    }

    /// The HTTP answer; the cause goes to the log, never to the client.
    pub(crate) fn answer(&self) -> Response<Body> {
        match self {
            Self::Gate(closed) => limited(*closed, busy(*closed)),
            Self::Page(problem) => page::problem(problem),
            Self::Failed(failure) => failure.answer(),
        }
    }
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
