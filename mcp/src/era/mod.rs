//! Which era a request belongs to, decided once, as a value.
//!
//! The rows are those of the decision tables 1.2 to 1.4 in the protocol
//! checklist; each arm names its row. Nothing but the request itself counts:
//! two headers, the session id, the method and `params._meta` (ERA-01).

mod header_rules;
mod request_meta;

use rmcp::model::{ErrorCode, ErrorData, RequestId};
use serde_json::json;

pub use header_rules::{decode_value, encode_value};
pub use request_meta::RequestMeta;

use crate::envelope::{Malformed, Message, Request};
use crate::reply::{fault, method_not_found};
use crate::revision::Revision;

/// The headers that say how a request wants to be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `MCP-Protocol-Version`.
    pub version: Option<&'a str>,
    /// `Mcp-Method`.
    pub method: Option<&'a str>,
    /// `Mcp-Name`.
    pub name: Option<&'a str>,
    /// What is known of `Mcp-Session-Id` without asking its object.
    pub session: SessionClaim,
}

/// What `Mcp-Session-Id` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionClaim {
    /// No such header.
    #[default]
    Absent,
    /// Not minted by us for this account.
    Foreign,
    /// Minted for this account; its object knows whether it still lives.
    Genuine,
}

/// What to do with a request.
#[derive(Debug)]
pub enum Verdict {
    /// Open a session (`initialize`).
    Open,
    /// Hand it to the object of its session.
    Session,
    /// Serve it statelessly, with what its `_meta` says.
    Stateless(RequestMeta),
    /// Take note of it and do nothing: 202.
    Ignore,
    /// Refuse it.
    Refuse(Refusal),
}

/// An answer that is not served: an HTTP status and a JSON-RPC error.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The id of the request, if there is one.
    pub id: Option<RequestId>,
    /// What is wrong.
    pub error: ErrorData,
    /// The verbs that would have been allowed, for a 405.
    pub allow: Option<&'static str>,
}

impl Refusal {
    /// A refusal of a request.
    pub fn new(status: u16, id: Option<RequestId>, error: ErrorData) -> Self {
        Self {
            status,
            id,
            error,
            allow: None,
        }
    }

    /// The session is ended, expired, foreign or made up: one and the same
    /// answer (architecture, promise 2; checklist P15, N4, R5).
    pub fn no_such_session(id: Option<RequestId>) -> Self {
        let words = "no such session: initialize again without a session id";
        Self::new(404, id, fault(ErrorCode::INVALID_REQUEST, words))
    }

    /// A stream that is over, or whose events are not kept any more, has nothing
    /// to come back for. Not 404, which would end the client's session; and no
    /// empty stream, after which clients come back again and again.
    pub fn nothing_follows() -> Self {
        let words = "nothing follows this event: its stream is over, or its events are not kept";
        Self::new(410, None, fault(ErrorCode::INVALID_REQUEST, words))
    }

    /// The body is not a message (G-05).
    pub fn malformed(malformed: Malformed) -> Self {
        match malformed {
            Malformed::NotJson => Self::new(
                400,
                None,
                fault(ErrorCode::PARSE_ERROR, "the body is not JSON"),
            ),
            Malformed::NotAMessage { id, reason } => {
                Self::new(400, id, fault(ErrorCode::INVALID_REQUEST, reason))
            }
        }
    }
}

/// What the version header says.
enum Version<'a> {
    Absent,
    Unknown(&'a str),
    Known(Revision),
}

impl<'a> Version<'a> {
    fn of(header: Option<&'a str>) -> Self {
        match header {
            None => Self::Absent,
            Some(text) => Revision::parse(text).map_or(Self::Unknown(text), Self::Known),
        }
    }
}

/// Whether the body of a POST is for the object of its session to judge: with these
/// headers none opens a session, and none is served without one.
pub fn is_for_the_session(headers: Headers<'_>) -> bool {
    let is_modern = |revision: Revision| revision.is_modern();
    headers.session == SessionClaim::Genuine
        && !headers
            .version
            .and_then(Revision::parse)
            .is_some_and(is_modern)
}

/// A POST with one message.
pub fn message(headers: Headers<'_>, message: &Message<'_>) -> Verdict {
    match message {
        Message::Request(asked) => request(headers, asked),
        Message::Notification(told) => notification(headers, told.params),
        Message::Response(_) => response(headers),
    }
}

/// Methods that exist only without sessions.
fn is_modern_only(method: &str) -> bool {
    matches!(method, "server/discover" | "subscriptions/listen")
}

/// Table 1.2: a POST with one request.
pub fn request(headers: Headers<'_>, request: &Request<'_>) -> Verdict {
    let id = || Some(request.id.clone());
    let refuse = |status, error| Verdict::Refuse(Refusal::new(status, id(), error));
    let mismatch = |words: &str| refuse(400, fault(ErrorCode::HEADER_MISMATCH, words));
    let meta = match RequestMeta::read(&request.params) {
        Ok(meta) => meta,
        Err(words) => return refuse(400, fault(ErrorCode::INVALID_PARAMS, words)),
    };
    let version = Version::of(headers.version);
    match (headers.version, meta.version()) {
        // P1
        (None, Some(_)) => return mismatch("MCP-Protocol-Version is required beside `_meta`"),
        // P2
        (Some(header), Some(body)) if header != body => {
            return mismatch("MCP-Protocol-Version and `_meta` name different revisions");
        }
        _ => {}
    }
    match version {
        Version::Unknown(asked) if meta.version().is_some() => {
            refuse(400, unsupported(asked, &Revision::ALL)) // P3
        }
        Version::Known(revision) if meta.version().is_some() && !revision.is_modern() => {
            match headers.session {
                SessionClaim::Genuine => Verdict::Session, // P4
                SessionClaim::Absent | SessionClaim::Foreign => {
                    refuse(400, unsupported(revision.as_str(), &[Revision::MODERN])) // P5
                }
            }
        }
        Version::Known(revision)
            if revision.is_modern()
                && (meta.version().is_some() || request.method != "initialize") =>
        {
            stateless(headers, request, meta)
        }
        // P12
        Version::Unknown(asked) => refuse(400, unsupported(asked, &Revision::ALL)),
        Version::Absent | Version::Known(_) => match headers.session {
            SessionClaim::Foreign => Verdict::Refuse(Refusal::no_such_session(id())), // P15
            SessionClaim::Absent if request.method == "initialize" => Verdict::Open,  // P11
            SessionClaim::Absent if is_modern_only(&request.method) => {
                let words = "this method needs the request metadata of 2026-07-28";
                refuse(400, fault(ErrorCode::INVALID_PARAMS, words)) // P13
            }
            SessionClaim::Absent => {
                let words = "Mcp-Session-Id is required: initialize first";
                refuse(400, fault(ErrorCode::INVALID_REQUEST, words)) // P14
            }
            SessionClaim::Genuine if request.method == "initialize" => {
                let words = "this session is initialized already";
                refuse(400, fault(ErrorCode::INVALID_REQUEST, words)) // P16
            }
            SessionClaim::Genuine => Verdict::Session, // P17 to P19
        },
    }
}

/// Rows P6 to P10: the header names the stateless revision.
fn stateless(headers: Headers<'_>, request: &Request<'_>, meta: RequestMeta) -> Verdict {
    let refuse =
        |status, error| Verdict::Refuse(Refusal::new(status, Some(request.id.clone()), error));
    if let Err(words) = meta.complete() {
        return refuse(400, fault(ErrorCode::INVALID_PARAMS, words)); // P6, P7
    }
    if let Err(words) = header_rules::check(headers, request) {
        return refuse(400, fault(ErrorCode::HEADER_MISMATCH, words)); // P8
    }
    if matches!(
        request.method.as_ref(),
        "initialize"
            | "ping"
            | "logging/setLevel"
            | "resources/subscribe"
            | "resources/unsubscribe"
            | "tasks/result"
            | "tasks/list"
    ) {
        return refuse(404, method_not_found(&request.method)); // P9
    }
    Verdict::Stateless(meta) // P10
}

/// Table 1.3, rows N1 to N4: a POST with a notification.
pub fn notification(headers: Headers<'_>, params: Option<&serde_json::value::RawValue>) -> Verdict {
    let named = RequestMeta::read(&params.into())
        .ok()
        .and_then(|meta| meta.version().map(Revision::parse));
    match (Version::of(headers.version), named) {
        (Version::Known(revision), _) | (_, Some(Some(revision))) if revision.is_modern() => {
            Verdict::Ignore // N2
        }
        (version, _) => session_only(headers.session, &version), // N1, N3, N4
    }
}

/// Table 1.3, rows N3 to N6: a POST with a response.
pub fn response(headers: Headers<'_>) -> Verdict {
    match Version::of(headers.version) {
        Version::Known(revision) if revision.is_modern() => {
            let words = "a client of 2026-07-28 sends no responses";
            Verdict::Refuse(Refusal::new(
                400,
                None,
                fault(ErrorCode::INVALID_REQUEST, words),
            )) // N6
        }
        version @ (Version::Absent | Version::Unknown(_) | Version::Known(_)) => {
            session_only(headers.session, &version)
        }
    }
}

/// Table 1.3, rows N7 and N8: a POST with an array. Whether the session speaks
/// 2025-03-26 is known to its object.
pub fn array(headers: Headers<'_>) -> Verdict {
    match (Version::of(headers.version), headers.session) {
        (Version::Absent | Version::Known(_), SessionClaim::Genuine)
            if headers.version != Some(Revision::MODERN.as_str()) =>
        {
            Verdict::Session
        }
        _ => Verdict::Refuse(batch_refused()),
    }
}

/// A batch where none may be (N8).
pub fn batch_refused() -> Refusal {
    let words = "one message a request: batches exist only in sessions of 2025-03-26";
    Refusal::new(400, None, fault(ErrorCode::INVALID_REQUEST, words))
}

/// Table 1.4: GET and DELETE on the endpoint.
pub fn get_or_delete(headers: Headers<'_>) -> Verdict {
    match Version::of(headers.version) {
        Version::Known(revision) if revision.is_modern() => {
            let words = "2026-07-28 knows POST only";
            let error = fault(ErrorCode::INVALID_REQUEST, words);
            Verdict::Refuse(Refusal {
                allow: Some("POST"),
                ..Refusal::new(405, None, error)
            }) // R1
        }
        version @ (Version::Absent | Version::Unknown(_) | Version::Known(_)) => {
            session_only(headers.session, &version) // R1, R3 to R5, R7, R8
        }
    }
}

fn session_only(session: SessionClaim, version: &Version<'_>) -> Verdict {
    match (version, session) {
        (Version::Unknown(asked), _) => {
            Verdict::Refuse(Refusal::new(400, None, unsupported(asked, &Revision::ALL)))
        }
        (_, SessionClaim::Genuine) => Verdict::Session,
        (_, SessionClaim::Foreign) => Verdict::Refuse(Refusal::no_such_session(None)),
        (_, SessionClaim::Absent) => {
            let words = "Mcp-Session-Id is required: initialize first";
            Verdict::Refuse(Refusal::new(
                400,
                None,
                fault(ErrorCode::INVALID_REQUEST, words),
            ))
        }
    }
}

/// "Unsupported protocol version" (M-VER-01).
fn unsupported(requested: &str, supported: &[Revision]) -> ErrorData {
    let supported: Vec<_> = supported.iter().map(|revision| revision.as_str()).collect();
    ErrorData::new(
        ErrorCode::UNSUPPORTED_PROTOCOL_VERSION,
        "unsupported protocol version",
        Some(json!({ "supported": supported, "requested": requested })),
    )
}

#[cfg(test)]
mod tests;
