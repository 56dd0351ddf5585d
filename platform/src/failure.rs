//! What can go wrong in every Worker that answers HTTP, and the answer it gets.

use http::{Response, StatusCode};

use crate::answer::{self, Body};

/// A failure while answering a request that is not what the request asked for.
#[derive(Debug)]
pub enum Failure {
    /// The request was sent to a host that is not ours.
    Host,
    /// Somebody took too long to send a body.
    Slow,
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
pub fn doing(doing: &'static str) -> impl Fn(worker::Error) -> Failure {
    move |source| Failure::Binding { doing, source }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host => f.write_str("the host is not ours"),
            Self::Slow => f.write_str("a body did not come in time"),
            Self::Binding { doing, source } => write!(f, "{doing}: {source}"),
            Self::Bug(broken) => write!(f, "a bug: {broken}"),
        }
    }
}

impl Failure {
    /// Writes the cause to the log, where it is handled.
    pub fn log(&self) {
        worker::console_error!("{self}");
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        match self {
            // RFC 9110 section 15.5.20.
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            // RFC 9110 section 15.5.9.
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Binding { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Bug(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The HTTP answer; the cause goes to the log, never to the client.
    #[inline(never)] // it would be copied to each place
    pub fn answer(&self) -> Response<Body> {
        match self {
            Self::Host => answer::plain(
                self.status(),
                "This server is not known by that host name: use its public origin.\n",
            ),
            Self::Slow => answer::plain(self.status(), "The request took too long to arrive.\n"),
            Self::Binding { .. } | Self::Bug(_) => {
                self.log();
                answer::empty(self.status())
            }
        }
    }
}
