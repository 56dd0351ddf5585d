//! The texts that clients and tools send.

use mcp::session::CallId;
use serde_json::{Value, json};

use crate::fed::Fed;
use crate::promises::Question;
use crate::transcript::{ReplyWith, Says};

/// Calls of every kind.
pub(crate) const CALLS: [(&str, &str); 5] = [
    ("tools/call", r#"{"name":"t","arguments":{"a":1}}"#),
    ("tools/call", r#"{"name":"t","_meta":{"progressToken":7}}"#),
    ("prompts/get", r#"{"name":"p"}"#),
    ("resources/read", r#"{"uri":"test://x"}"#),
    (
        "completion/complete",
        r#"{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}}"#,
    ),
];

pub(crate) fn resource(number: usize) -> String {
    format!("test://{number}")
}

/// Params that name a resource.
pub(crate) fn uri(number: usize) -> String {
    json!({ "uri": resource(number) }).to_string()
}

pub(crate) fn notification(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
}

/// A notification that changes nothing.
pub(crate) fn told(what: &str) -> String {
    notification(&format!("notifications/{what}"), &json!({ "none": 1 }))
}

/// Progress with a number of its own, and so many bytes.
pub(crate) fn progress(call: CallId, number: u64, bytes: usize) -> Fed {
    let params = format!(
        r#"{{"progress":{number},"message":"{}"}}"#,
        "x".repeat(bytes)
    );
    Fed::Notified(call, "notifications/progress", Some(params))
}

/// A client's answer to a question of ours.
pub(crate) fn reply(question: &Question, with: ReplyWith) -> String {
    let fitting = |text: &str| match question.method.as_str() {
        "elicitation/create" => json!({ "action": "accept", "content": { "text": text } }),
        "roots/list" => json!({ "roots": [text] }),
        _ => json!({ "role": "assistant", "content": { "type": "text", "text": text } }),
    };
    let error = |words: String| json!({ "error": { "code": -1, "message": words } });
    let mut message = match with {
        ReplyWith::Fitting | ReplyWith::UnknownId => json!({ "result": fitting("yes") }),
        ReplyWith::WrongShape => json!({ "result": 7 }),
        ReplyWith::Error => error("no form here".to_owned()),
        ReplyWith::LargeError(bytes) => error("x".repeat(bytes)),
        ReplyWith::LargeAnswer(bytes) => json!({ "result": fitting(&"x".repeat(bytes)) }),
    };
    let suffix = if matches!(with, ReplyWith::UnknownId) {
        "-0"
    } else {
        ""
    };
    message["jsonrpc"] = "2.0".into();
    message["id"] = format!("{}{suffix}", question.id).into();
    message.to_string()
}

/// A tool's last message. Its results name the request they are made for.
pub(crate) fn outcome(says: Says, request: usize) -> String {
    let complete = |text: &str, told: Value| {
        let content = json!([{ "type": "text", "text": text }]);
        let result = json!({ "resultType": "complete", "content": content, "madeFor": request,
            "_meta": told });
        json!({ "result": result }).to_string()
    };
    match says {
        Says::FinishedWithState => {
            let told = json!({ "sessile/state": { "request": request }, "sessile/changes": ["toolsList"] });
            complete("", told)
        }
        Says::LargeResult(bytes) => complete(&"x".repeat(bytes), json!({})),
        Says::Asks { questions, kinds } => asks(questions, kinds),
        Says::Failed(code) => json!({ "error": { "code": code, "message": "no" } }).to_string(),
        Says::Garbage(text) => text.to_owned(),
        _ => complete("", json!({})),
    }
}

fn asks(questions: usize, kinds: usize) -> String {
    // Most clients can be asked the first; nobody may be asked the last.
    const KINDS: [(&str, &str); 8] = [
        ("elicitation/create", "form"),
        ("elicitation/create", "form"),
        ("elicitation/create", "form"),
        ("elicitation/create", "url"),
        ("sampling/createMessage", "none"),
        ("sampling/createMessage", "none"),
        ("roots/list", "none"),
        ("tools/call", "none"),
    ];
    let question = |number: usize| {
        let (method, mode) = KINDS[(kinds >> number) % KINDS.len()];
        let ask = json!({ "method": method, "params": { "mode": mode, "message": "?" } });
        (format!("question-{number}"), ask)
    };
    let questions: serde_json::Map<_, _> = (0..questions).map(question).collect();
    let result = json!({ "resultType": "input_required", "inputRequests": questions,
        "requestState": "so far" });
    json!({ "result": result }).to_string()
}
