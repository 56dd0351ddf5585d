//! A plain call of a session, from the bytes of its request to the bytes of its answer:
//! what `benches/call.rs` times, and of which `tests/allocations.rs` counts the memory.

use jiff::Timestamp;
use mcp::envelope::{self, Body, Message, Request};
use mcp::era::{Headers, SessionClaim, Verdict};
use mcp::principal::Principal;
use mcp::revision::Revision;
use mcp::session::{CallId, Effect, Initialize, Input, Record, Retention, Session};
use mcp::session_id::SessionId;
use mcp::tool::Said;
use mcp::tool::catalog::Features;
use mcp::{NameKey, era};
use serde_json::{Map, json};

/// When it all happens.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// A session that was opened, with nothing in it.
pub(crate) fn session() -> Session {
    let principal = Principal {
        account: "alice".into(),
        ledger: "alice".into(),
        provider: "dev".into(),
        issuer: "dev".into(),
        subject: "alice".into(),
        client: "Inspector".into(),
        scopes: vec!["mcp".into()],
    };
    let id = SessionId::mint(&NameKey::new([7; 32]), &principal, [1; 16]);
    let asked = Initialize {
        protocol_version: Revision::V20251125.as_str().into(),
        capabilities: Map::new(),
        client_info: Map::new(),
    };
    let record = Record::new(&id, principal, asked, Features::ALL, NOW);
    Session::open(record, Retention::default())
}

/// A call of `echo` with so many bytes of text.
pub(crate) fn call(bytes: usize) -> Vec<u8> {
    let arguments = json!({ "text": "x".repeat(bytes) });
    let params = json!({ "name": "echo", "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
        .to_string()
        .into_bytes()
}

/// What the tool's Worker answers.
pub(crate) fn answer(bytes: usize) -> String {
    let content = json!([{ "type": "text", "text": "x".repeat(bytes) }]);
    let result = json!({ "resultType": "complete", "content": content });
    json!({ "jsonrpc": "2.0", "id": 0, "result": result }).to_string()
}

/// The request in a body.
pub(crate) fn request(body: &[u8]) -> Request<'_> {
    match envelope::read(body) {
        Ok(Body::One(Message::Request(request))) => request,
        other => panic!("{other:?}"),
    }
}

/// What the front Worker decides of it.
pub(crate) fn verdict(request: &Request<'_>) -> Verdict {
    let headers = Headers {
        version: Some("2025-11-25"),
        session: SessionClaim::Genuine,
        ..Headers::default()
    };
    era::request(headers, request)
}

/// The session takes the call.
pub(crate) fn begin(session: &mut Session, body: &[u8]) -> CallId {
    let input = Input::Request(request(body));
    match session.step(NOW, input).as_deref() {
        Ok([Effect::Invoke { call, .. }]) => *call,
        other => panic!("{other:?}"),
    }
}

/// The session answers it.
pub(crate) fn end(session: &mut Session, call: CallId, answer: &str) -> String {
    let Said::Finished(outcome) = Said::read(answer) else {
        panic!("{answer}")
    };
    let effects = session.step(NOW, Input::ToolFinished { call, outcome });
    match effects.map(|mut effects| effects.remove(0)) {
        Ok(Effect::Answer(text)) => text,
        other => panic!("{other:?}"),
    }
}
