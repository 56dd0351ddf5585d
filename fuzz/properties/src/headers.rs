//! Which era a request belongs to, and the headers that repeat its body.

use mcp::envelope::{self, Body, Message, Request};
use mcp::era::{self, Headers, Refusal, SessionClaim, Verdict, decode_value, encode_value};
use mcp::revision::Revision;
use mcp::{RequestId, meta, reply};
use serde_json::Value;

use crate::fields::fields;

const CLAIMS: [SessionClaim; 3] = [
    SessionClaim::Absent,
    SessionClaim::Foreign,
    SessionClaim::Genuine,
];

/// The input is `MCP-Protocol-Version`, `Mcp-Method` and `Mcp-Name`, each after
/// a `=` or absent, what the session id is worth (`F`, `G` or nothing), and the
/// body.
///
/// What is served statelessly has the headers its body asks for, whatever the
/// session id; what reaches a session has a genuine id; a foreign id is refused
/// in the same words every time; each value comes back through a header.
pub fn headers(data: &[u8]) {
    let Some([version, method, name, session, body]) = fields(data) else {
        return;
    };
    through_a_header(name);
    let headers = Headers {
        version: version.strip_prefix('='),
        method: method.strip_prefix('='),
        name: name.strip_prefix('='),
        session: match session {
            "F" => SessionClaim::Foreign,
            "G" => SessionClaim::Genuine,
            _ => SessionClaim::Absent,
        },
    };
    for verdict in [
        era::response(headers),
        era::array(headers),
        era::get_or_delete(headers),
    ] {
        assert!(!matches!(verdict, Verdict::Open | Verdict::Stateless(_)));
        sound(headers, &verdict, None);
    }
    match envelope::read(body.as_bytes()) {
        Ok(Body::One(Message::Request(request))) => one_request(headers, &request),
        Ok(Body::One(Message::Notification(told))) => {
            let verdict = era::notification(headers, told.params);
            assert!(!matches!(verdict, Verdict::Open | Verdict::Stateless(_)));
            sound(headers, &verdict, None);
        }
        Ok(Body::One(Message::Response(_)) | Body::Array) | Err(_) => {}
    }
}

fn one_request(headers: Headers<'_>, request: &Request<'_>) {
    let verdict = era::request(headers, request);
    sound(headers, &verdict, Some(&request.id));
    match &verdict {
        Verdict::Open => {
            assert_eq!(request.method, "initialize");
            assert_eq!(headers.session, SessionClaim::Absent);
        }
        Verdict::Stateless(served) => {
            assert_eq!(headers.version, Some(Revision::MODERN.as_str()));
            assert_eq!(headers.method.map(str::trim), Some(request.method.as_ref()));
            let params = request.params.text().expect("`_meta` is in it").get();
            if let Ok(params) = serde_json::from_str::<Value>(params) {
                let told = |key: &str| params.get("_meta").and_then(|meta| meta.get(key));
                assert_eq!(
                    told(meta::PROTOCOL_VERSION).and_then(Value::as_str),
                    headers.version
                );
                let capabilities = Value::Object(served.capabilities());
                assert_eq!(told(meta::CLIENT_CAPABILITIES), Some(&capabilities));
                if let Some(name) = name_in(&request.method, &params) {
                    let header = headers.name.expect("Mcp-Name is required").trim();
                    assert_eq!(decode_value(header).as_deref(), Some(name));
                }
            }
            for session in CLAIMS {
                let again = era::request(Headers { session, ..headers }, request);
                assert_eq!(format!("{again:?}"), format!("{verdict:?}"));
            }
        }
        Verdict::Ignore => panic!("a request wants an answer"),
        Verdict::Session | Verdict::Refuse(_) => {}
    }
}

/// What `Mcp-Name` repeats of these params (M-HDR-01).
fn name_in<'a>(method: &str, params: &'a Value) -> Option<&'a str> {
    let member = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" => "uri",
        "tasks/get" | "tasks/update" | "tasks/cancel" => "taskId",
        _ => return None,
    };
    params.get(member)?.as_str()
}

fn sound(headers: Headers<'_>, verdict: &Verdict, id: Option<&RequestId>) {
    match verdict {
        Verdict::Session => {
            assert_eq!(headers.session, SessionClaim::Genuine);
            let known = headers
                .version
                .is_none_or(|name| Revision::parse(name).is_some());
            assert!(known, "a session has a revision we speak");
        }
        Verdict::Refuse(refusal) => {
            assert!([400, 404, 405].contains(&refusal.status));
            assert_eq!(refusal.id.as_ref(), id);
            let foreign = Refusal::no_such_session(id.cloned());
            if refusal.error.message == foreign.error.message {
                assert_eq!(*refusal, foreign, "one answer for all of them");
                assert_eq!(headers.session, SessionClaim::Foreign);
            }
            let text = reply::error(id, &refusal.error);
            assert!(!text.contains(['\n', '\r']), "it fits into one event");
            if id.is_some() {
                let read = envelope::read(text.as_bytes());
                assert!(
                    matches!(&read, Ok(Body::One(Message::Response(answer))) if Some(&answer.id) == id),
                    "{read:?}"
                );
            }
        }
        Verdict::Open | Verdict::Stateless(_) | Verdict::Ignore => {}
    }
}

fn through_a_header(value: &str) {
    let header = encode_value(value);
    assert!(header.bytes().all(|byte| (0x21..=0x7e).contains(&byte)));
    assert_eq!(decode_value(&header).as_deref(), Some(value));
    // What is decoded at all is text, whatever was sent.
    if let Some(decoded) = decode_value(value) {
        assert_eq!(
            decode_value(&encode_value(&decoded)).as_deref(),
            Some(&*decoded)
        );
    }
}
