//! What a session's object answers to the front Worker.

use mcp::envelope::{self, Body, Message};
use mcp::era::Refusal;
use mcp::reply;
use mcp::tool::catalog::Place;
use mcp::{ErrorCode, RequestId};
use platform::quota::{Admission, too_many_calls};
use platform::session::{FAILED, Presented};
use platform::{answer, cors};
use worker::web_sys::Response;
use worker::{Headers, ResponseBuilder, Result, WebSocket};

use super::wire;

/// The answer to one HTTP request.
#[derive(Debug)]
pub(super) enum Reply {
    /// JSON.
    Json(String),
    /// Noted; nothing to say.
    Accepted,
    /// Done; nothing to say.
    Done,
    /// The request was cancelled: it has no response.
    Cancelled,
    /// A page of a list, which the object asks for first.
    List {
        /// The request.
        id: RequestId,
        /// The list, and where the client is in it.
        place: Place,
    },
    /// A stream has begun; the front Worker comes for it.
    Begun {
        /// The id of the place where it begins.
        at: String,
        /// Whether the client is told.
        primed: bool,
    },
    /// A stream: the front Worker's end of its socket.
    Attached(WebSocket),
    /// A refusal.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The JSON-RPC error.
        text: String,
    },
    /// A call that was admitted, but could not start: too many ran.
    Beyond {
        /// The JSON-RPC error.
        text: String,
        /// What the client is told beside it.
        refused: quota::Refused,
    },
    /// The token lacks a permission.
    Lacks(String),
    /// The grant has ended under which something was asked.
    GrantEnded,
    /// There is no such session.
    Gone,
    /// What came is this batch, of a session that may send one.
    Batch(Vec<u8>),
}

impl Reply {
    /// A refusal as the decision tables word it.
    pub(super) fn refused(refusal: &Refusal) -> Self {
        Self::Refused {
            status: refusal.status,
            text: reply::error(refusal.id.as_ref(), &refusal.error),
        }
    }

    /// A request beyond the user's quota.
    pub(super) fn too_many_calls(id: Option<&RequestId>, refused: &quota::Refused) -> Self {
        let error = too_many_calls(refused);
        Self::Refused {
            status: 429,
            text: reply::error(id, &error),
        }
    }

    /// The session failed during the request that came like this.
    pub(super) fn failed(body: &[u8]) -> Self {
        let id = match envelope::read(body) {
            Ok(Body::One(Message::Request(request))) => Some(request.id),
            _ => None,
        };
        let error = reply::fault(ErrorCode::INTERNAL_ERROR, FAILED);
        Self::refused(&Refusal::new(500, id, error))
    }

    /// The response to what is no message of the client's.
    pub(super) fn into_response(self) -> Result<Response> {
        self.for_client(&Presented::default(), None)
    }

    /// The response, with what is left of the quota.
    pub(super) fn for_client(
        self,
        presented: &Presented,
        admission: Option<&Admission>,
    ) -> Result<Response> {
        let told: Vec<_> = admission.into_iter().flat_map(Admission::fields).collect();
        let told = told.iter().map(|(name, value)| (*name, value.as_str()));
        let (status, own, text) = match self {
            Self::Json(text) => (200, Vec::new(), Some(text.into_bytes())),
            Self::Refused { status, text } => (status, Vec::new(), Some(text.into_bytes())),
            Self::Beyond { text, .. } => (429, Vec::new(), Some(text.into_bytes())),
            Self::Accepted => (202, Vec::new(), None),
            Self::Done => (204, Vec::new(), None),
            Self::Cancelled => (wire::CANCELLED, Vec::new(), None),
            Self::Batch(body) => (wire::BATCH, Vec::new(), Some(body)),
            Self::Begun { at, primed } => {
                let primed = if primed { "1" } else { "0" };
                let own = vec![(wire::BEGINS_AT, at), (wire::PRIMED, primed.to_owned())];
                (wire::BEGUN, own, None)
            }
            Self::Lacks(permission) => (403, vec![(wire::LACKS, permission)], None),
            Self::GrantEnded => (401, Vec::new(), None),
            Self::Gone => (404, Vec::new(), None),
            Self::Attached(socket) => {
                let headers = Headers::new();
                for (name, value) in told {
                    headers.set(name, value)?;
                }
                let builder = ResponseBuilder::new().with_status(101);
                return Ok(builder
                    .with_headers(headers)
                    .with_websocket(socket)
                    .empty()
                    .into());
            }
            Self::List { .. } => {
                return Err(worker::Error::RustError("the catalog was not asked".into()));
            }
        };
        // When to come back is told to nobody who was served.
        let told = told.filter(|(name, _)| status != 200 || *name != "retry-after");
        let kind = text.as_ref().map(|_| ("content-type", "application/json"));
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let opening = cors::OPENING.into_iter().filter(|_| presented.is_page);
        let fields: Vec<_> = told.chain(kind).chain(own).chain(opening).collect();
        answer::finished(status, &fields, text.as_deref())
    }
}
