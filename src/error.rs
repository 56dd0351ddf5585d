//! What goes wrong, and the answer it gets: the only file that knows both.

use http::{Response, StatusCode};

use crate::answer::{self, Body};
use crate::config::ConfigError;

/// A failure while answering a request.
#[derive(Debug)]
pub(crate) enum Error {
    /// A binding of the platform failed while `doing` something.
    Binding {
        /// What was being done, for the log.
        doing: &'static str,
        /// The platform's own words, for the log.
        source: worker::Error,
    },
    /// An invariant of ours does not hold.
    Bug(&'static str),
}

/// Names what was being done when a binding failed.
pub(crate) fn doing(doing: &'static str) -> impl Fn(worker::Error) -> Error {
    move |source| Error::Binding { doing, source }
}

impl Error {
    /// The HTTP answer; the cause goes to the log, never to the client.
    pub(crate) fn answer(&self) -> Response<Body> {
        worker::console_error!("{self:?}");
        answer::empty(match self {
            Self::Binding { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Bug(_) => StatusCode::INTERNAL_SERVER_ERROR,
        })
    }
}

/// The answer of a Worker whose configuration cannot be used.
pub(crate) fn misconfigured(refused: &ConfigError) -> Response<Body> {
    worker::console_error!("configuration: {refused}");
    answer::with(
        StatusCode::SERVICE_UNAVAILABLE,
        Some("text/plain; charset=utf-8"),
        Body::Bytes(format!("This server is not configured: {refused}\n").into()),
    )
}
