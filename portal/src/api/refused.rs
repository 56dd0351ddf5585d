//! Refusals, and how they are answered: RFC 9457.

use http::header::{self, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use oauth::bearer::Challenge;
use platform::answer::{self, Body};
use platform::failure::Failure;
use rest::openapi::PROBLEM_TYPE;
use rest::{Code, Problem};

use super::guarded;
use crate::error::Error;

/// Why something is not done.
#[derive(Debug)]
pub(crate) enum Refused {
    /// What was asked for is refused, with these fields.
    Problem(Box<Problem>, Vec<(HeaderName, String)>),
    /// It could not be tried.
    Failed(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.into())
    }
}

impl Refused {
    /// Refuses, and says what to do.
    pub(super) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::Problem(Box::new(Problem::new(code, detail)), Vec::new())
    }

    /// There is no such thing; or for this caller there is none, which is the same.
    pub(super) fn nothing() -> Self {
        Self::new(
            Code::NotFound,
            "There is nothing at this path, or you may not see it.",
        )
    }

    /// Whoever asks is told how to show who they are (RFC 6750 section 3).
    pub(super) fn challenged(code: Code, detail: &str, challenge: &Challenge) -> Self {
        let mut refused = Self::new(code, detail);
        for field in challenge.fields() {
            refused = refused.with(header::WWW_AUTHENTICATE, &field);
        }
        refused
    }

    /// With one more field.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Self::Problem(_, fields) = &mut self {
            fields.push((name, value.to_owned()));
        }
        self
    }

    /// The answer; the cause of a failure goes to the log, never to the client.
    pub(crate) fn answer(self) -> Response<Body> {
        match self {
            Self::Problem(problem, fields) => {
                let mut response = problem_answer(&problem);
                for (name, value) in fields {
                    if let Ok(value) = HeaderValue::from_str(&value) {
                        response.headers_mut().append(name, value);
                    }
                }
                response
            }
            Self::Failed(Error::Gate(closed)) => {
                let wait = closed.retry_after_s();
                let detail = format!("Too many requests came from your network: wait {wait} s.");
                let mut response = problem_answer(&Problem::new(Code::TooManyRequests, detail));
                answer::set(&mut response, closed.fields().of_response(Some(wait)));
                response
            }
            Self::Failed(error) => problem_answer(&failed(&error)),
        }
    }
}

fn failed(error: &Error) -> Problem {
    match error {
        Error::Failed(Failure::Host) => Problem::new(
            Code::Misdirected,
            "This server is not known by that host name: use its public origin.",
        ),
        Error::Failed(Failure::Slow) => Problem::new(
            Code::Timeout,
            "The body took too long to arrive: send it again.",
        ),
        Error::Failed(Failure::Binding { .. }) => {
            error.log();
            Problem::new(
                Code::Unavailable,
                "Nothing is known of whether it was done: look, or try again in a while.",
            )
        }
        Error::Failed(Failure::Bug(_)) | Error::Page(_) | Error::Gate(_) => {
            error.log();
            Problem::new(
                Code::Internal,
                "This is a fault of the server, and in its log.",
            )
        }
    }
}

fn problem_answer(problem: &Problem) -> Response<Body> {
    let status = StatusCode::from_u16(problem.status());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = guarded(answer::json(status, problem));
    let kind = HeaderValue::from_static(PROBLEM_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
