//! What a session's object answers to the front Worker.

use mcp::RequestId;
use mcp::era::Refusal;
use mcp::reply;
use mcp::tool::catalog::Place;
use worker::{Headers, Response, ResponseBuilder, Result, WebSocket};

use super::wire;
use crate::quota::{Admission, too_many_calls};

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
    /// The token lacks a permission.
    Lacks(String),
    /// The grant has ended under which something was asked.
    GrantEnded,
    /// There is no such session.
    Gone,
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
    pub(super) fn too_many_calls(id: Option<&RequestId>, retry_after_s: u64) -> Self {
        let error = too_many_calls(retry_after_s);
        Self::Refused {
            status: 429,
            text: reply::error(id, &error),
        }
    }

    /// The response, with what is left of the quota.
    pub(super) fn into_response(self, admission: Option<&Admission>) -> Result<Response> {
        let headers = Headers::new();
        for (name, value) in admission.into_iter().flat_map(Admission::fields) {
            headers.set(name, &value)?;
        }
        if matches!(self, Self::Json(_) | Self::Refused { .. }) {
            headers.set("content-type", "application/json")?;
        }
        let builder = ResponseBuilder::new().with_headers(headers);
        Ok(match self {
            Self::Json(text) => builder.fixed(text.into_bytes()),
            Self::Accepted => builder.with_status(202).empty(),
            Self::Done => builder.with_status(204).empty(),
            Self::Cancelled => builder.with_status(wire::CANCELLED).empty(),
            Self::Begun { at, primed } => builder
                .with_status(wire::BEGUN)
                .with_header(wire::BEGINS_AT, &at)?
                .with_header(wire::PRIMED, if primed { "1" } else { "0" })?
                .empty(),
            Self::Attached(socket) => builder.with_status(101).with_websocket(socket).empty(),
            Self::Refused { status, text } => builder.with_status(status).fixed(text.into_bytes()),
            Self::Lacks(permission) => builder
                .with_status(403)
                .with_header(wire::LACKS, &permission)?
                .empty(),
            Self::GrantEnded => builder.with_status(401).empty(),
            Self::Gone => builder.with_status(404).empty(),
            Self::List { .. } => {
                return Err(worker::Error::RustError("the catalog was not asked".into()));
            }
        })
    }
}
