//! What a session's object answers to the front Worker.

use mcp::RequestId;
use mcp::era::Refusal;
use mcp::reply;
use worker::{Response, ResponseBuilder, Result, WebSocket};

/// The answer to one HTTP request.
#[derive(Debug)]
pub(super) enum Reply {
    /// JSON.
    Json(String),
    /// Noted; nothing to say.
    Accepted,
    /// Done; nothing to say.
    Done,
    /// The tools, which the object asks for first.
    ListTools(RequestId),
    /// A stream: the front Worker's end of its socket.
    Stream(WebSocket),
    /// A refusal.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The JSON-RPC error.
        text: String,
    },
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

    pub(super) fn into_response(self) -> Result<Response> {
        let builder = ResponseBuilder::new();
        Ok(match self {
            Self::Json(text) => json(builder, text)?,
            Self::Accepted => builder.with_status(202).empty(),
            Self::Done => builder.with_status(204).empty(),
            Self::Stream(socket) => Response::from_websocket(socket)?,
            Self::Refused { status, text } => json(builder.with_status(status), text)?,
            Self::Gone => builder.with_status(404).empty(),
            Self::ListTools(_) => {
                return Err(worker::Error::RustError("the list of tools was not asked for".into()));
            }
        })
    }
}

fn json(builder: ResponseBuilder, text: String) -> Result<Response> {
    Ok(builder.with_header("content-type", "application/json")?.fixed(text.into_bytes()))
}
