//! The JSON-RPC envelope, beside `serde_json`'s own reading of the same bytes.

use mcp::envelope::{self, Body, Malformed, Message};
use mcp::era::Refusal;
use mcp::limits::{BATCH_MESSAGES_MAX, METHOD_BYTES_MAX, REQUEST_ID_BYTES_MAX};
use mcp::{RequestId, reply};
use serde::de::IgnoredAny;
use serde_json::Value;

/// The input is the body of a POST.
///
/// A body is refused as "not JSON" exactly if it is none; a message says what
/// the JSON says, within the limits; a batch holds what its members are alone;
/// a refusal echoes the id and nothing else.
pub fn envelope(data: &[u8]) {
    let json = std::str::from_utf8(data)
        .is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    // None too for what only a reader of all values minds: 1e999, deep nesting.
    let value: Option<Value> = serde_json::from_slice(data).ok();
    match envelope::read(data) {
        Ok(Body::Array) => {
            assert!(json);
            assert!(value.is_none_or(|value| value.is_array()));
            batch(data);
        }
        Ok(Body::One(message)) => {
            assert!(json);
            faithful(&message, value.as_ref());
            assert!(envelope::batch(data).is_err(), "one message is no batch");
            let alone = [b"[".as_slice(), data, b"]"].concat();
            let batch = envelope::batch(&alone).unwrap();
            assert_eq!(format!("{batch:?}"), format!("[{message:?}]"));
        }
        Err(malformed) => {
            assert_eq!(malformed == Malformed::NotJson, !json);
            refused(malformed, value.as_ref());
        }
    }
}

fn batch(data: &[u8]) {
    match envelope::batch(data) {
        Ok(messages) => {
            assert!((1..=BATCH_MESSAGES_MAX).contains(&messages.len()));
            let value: Option<Value> = serde_json::from_slice(data).ok();
            for (at, message) in messages.iter().enumerate() {
                faithful(message, value.as_ref().and_then(|value| value.get(at)));
            }
        }
        Err(malformed) => {
            assert_ne!(malformed, Malformed::NotJson, "it was read as an array");
            refused(malformed, None);
        }
    }
}

fn faithful(message: &Message<'_>, value: Option<&Value>) {
    let (id, method, params) = match message {
        Message::Request(request) => (
            Some(&request.id),
            Some(&request.method),
            request.params.text(),
        ),
        Message::Notification(told) => (None, Some(&told.method), told.params),
        Message::Response(response) => (Some(&response.id), None, None),
    };
    if let Some(RequestId::String(text)) = id {
        assert!(text.len() <= REQUEST_ID_BYTES_MAX);
    }
    if let Some(method) = method {
        assert!((1..=METHOD_BYTES_MAX).contains(&method.len()));
    }
    if let Some(params) = params {
        assert!(params.get().starts_with('{'));
    }
    let Some(value) = value else { return };
    assert_eq!(value.get("jsonrpc"), Some(&Value::from("2.0")));
    is_id(id, value.get("id"));
    if let Some(method) = method {
        assert_eq!(value.get("method"), Some(&Value::from(method.as_ref())));
        let params = params.map(|params| serde_json::from_str::<Value>(params.get()).unwrap());
        assert_eq!(params.as_ref(), value.get("params"));
    }
    if let Message::Response(response) = message {
        let (member, raw) = match response.outcome {
            Ok(result) => ("result", result),
            Err(error) => ("error", error),
        };
        let read: Value = serde_json::from_str(raw.get()).unwrap();
        assert_eq!(Some(&read), value.get(member));
    }
}

/// An integer may be written as 1.0 or 1e3; below 2^53 that is no other number.
fn is_id(id: Option<&RequestId>, value: Option<&Value>) {
    let read = id.map(|id| serde_json::to_value(id).unwrap());
    match (&read, value) {
        (Some(Value::Number(id)), Some(Value::Number(number))) if number.is_f64() => {
            assert_eq!(id.as_f64(), number.as_f64());
            assert!(id.as_i64().is_some_and(|id| id.unsigned_abs() < 1 << 53));
        }
        _ => assert_eq!(read.as_ref(), value),
    }
}

fn refused(malformed: Malformed, value: Option<&Value>) {
    let refusal = Refusal::malformed(malformed);
    if let (Some(id), Some(value)) = (&refusal.id, value) {
        is_id(Some(id), value.get("id"));
    }
    let text = reply::error(refusal.id.as_ref(), &refusal.error);
    // The longest of our own sentences, and an id of which each byte is escaped.
    assert!(text.len() <= 256 + 6 * REQUEST_ID_BYTES_MAX, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_ne!(answer.get("id"), Some(&Value::Null), "MCP forbids it");
}
