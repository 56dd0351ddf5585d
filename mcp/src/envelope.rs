//! The JSON-RPC envelope: method, id and unread params.
//!
//! Only the envelope is read here. What a method's params mean is read by the
//! code that serves the method.

use std::borrow::Cow;

use rmcp::model::RequestId;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::limits::{BATCH_MESSAGES_MAX, METHOD_BYTES_MAX, REQUEST_ID_BYTES_MAX};
use crate::params::{Params, present};

/// One message of a client.
#[derive(Debug)]
pub enum Message<'a> {
    /// Wants an answer.
    Request(Request<'a>),
    /// Wants none.
    Notification(Notification<'a>),
    /// Answers a request of ours.
    Response(Response<'a>),
}

/// A message with an id and a method.
#[derive(Debug)]
pub struct Request<'a> {
    /// Echoed in the answer.
    pub id: RequestId,
    /// What is wanted.
    pub method: Cow<'a, str>,
    /// Its params.
    pub params: Params<'a>,
}

/// A message with a method and no id.
#[derive(Debug)]
pub struct Notification<'a> {
    /// What happened.
    pub method: Cow<'a, str>,
    /// Its params, unread.
    pub params: Option<&'a RawValue>,
}

/// A message with an id and no method.
#[derive(Debug)]
pub struct Response<'a> {
    /// The id of our request.
    pub id: RequestId,
    /// What the client answers.
    pub outcome: Result<&'a RawValue, &'a RawValue>,
}

/// What a POST carries.
#[derive(Debug)]
pub enum Body<'a> {
    /// One message.
    One(Message<'a>),
    /// A JSON array, which only 2025-03-26 knows; see [`batch`].
    Array,
}

/// Why a body is not a message (checklist G-05).
#[derive(Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Not JSON: -32700.
    NotJson,
    /// JSON, but no message: -32600, with the id if it could be read.
    NotAMessage {
        /// The id, where it is readable.
        id: Option<RequestId>,
        /// What is wrong, for the client's developer.
        reason: &'static str,
    },
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    error: Option<&'a RawValue>,
}

/// Reads the body of a POST.
pub fn read(body: &[u8]) -> Result<Body<'_>, Malformed> {
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotJson)?;
    match text.trim_ascii_start().as_bytes().first() {
        Some(b'[') => serde_json::from_str::<&RawValue>(text)
            .map(|_| Body::Array)
            .map_err(|_| Malformed::NotJson),
        _ => message(text).map(Body::One),
    }
}

/// Reads the messages of an array (2025-03-26, Basic, Batching).
pub fn batch(body: &[u8]) -> Result<Vec<Message<'_>>, Malformed> {
    let refuse = |reason| Malformed::NotAMessage { id: None, reason };
    let text = std::str::from_utf8(body).map_err(|_| Malformed::NotJson)?;
    let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| Malformed::NotJson)?;
    if items.is_empty() {
        return Err(refuse("a batch holds at least one message"));
    }
    if items.len() > BATCH_MESSAGES_MAX {
        return Err(refuse(
            "the batch holds more messages than this server takes at once",
        ));
    }
    items.into_iter().map(|item| message(item.get())).collect()
}

fn message(text: &str) -> Result<Message<'_>, Malformed> {
    // Serde would read the members of an array as those of a message.
    let is_object = text.trim_ascii_start().starts_with('{');
    let raw: Option<Raw<'_>> = serde_json::from_str(text).ok().filter(|_| is_object);
    let raw = raw.ok_or_else(|| {
        // The parser stops at the first thing that is wrong, whichever it is.
        if serde_json::from_str::<IgnoredAny>(text).is_ok() {
            Malformed::NotAMessage {
                id: None,
                reason: "not a JSON-RPC message",
            }
        } else {
            Malformed::NotJson
        }
    })?;
    let id = raw.id.map(|id| readable_id(id.get()));
    let readable = id.clone().flatten();
    let refuse = |reason| Malformed::NotAMessage {
        id: readable.clone(),
        reason,
    };
    if raw.jsonrpc.and_then(as_text).as_deref() != Some("2.0") {
        return Err(refuse("`jsonrpc` must be \"2.0\""));
    }
    let id = match id {
        Some(None) => return Err(refuse("`id` must be a string or an integer")),
        Some(Some(id)) => Some(id),
        None => None,
    };
    let method = match raw.method.map(as_text) {
        Some(None) => return Err(refuse("`method` must be a string")),
        Some(method) => method,
        None => None,
    };
    match (method, id) {
        (Some(method), _) if method.is_empty() || method.len() > METHOD_BYTES_MAX => {
            Err(refuse("`method` is empty or too long"))
        }
        (Some(_), _)
            if raw
                .params
                .is_some_and(|params| !params.get().starts_with('{')) =>
        {
            Err(refuse("`params` must be an object"))
        }
        (Some(method), Some(id)) => Ok(Message::Request(Request {
            id,
            method,
            params: raw.params.into(),
        })),
        (Some(method), None) => Ok(Message::Notification(Notification {
            method,
            params: raw.params,
        })),
        (None, Some(id)) => match (raw.result, raw.error) {
            (Some(result), None) => Ok(Message::Response(Response {
                id,
                outcome: Ok(result),
            })),
            (None, Some(error)) => Ok(Message::Response(Response {
                id,
                outcome: Err(error),
            })),
            _ => Err(refuse("a response has either `result` or `error`")),
        },
        (None, None) => Err(refuse("neither a request, a notification nor a response")),
    }
}

fn as_text(raw: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    serde_json::from_str(raw.get()).ok().map(|Text(text)| text)
}

/// A string or an integer; never null, a fraction or a boolean (MCP, basic).
fn readable_id(text: &str) -> Option<RequestId> {
    if text.len() > REQUEST_ID_BYTES_MAX {
        return None;
    }
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(body: &str) -> Option<RequestId> {
        match read(body.as_bytes()) {
            Err(Malformed::NotAMessage { id, .. }) => id,
            other => panic!("{body}: {other:?}"),
        }
    }

    /// Checklist G-05.
    #[test]
    fn what_is_not_json_is_told_from_what_is_no_message() {
        for body in [
            "",
            "{",
            "nonsense",
            "{\"a\":}",
            "[1,",
            "\u{feff}{}",
            "1 2",
            "{\"id\":1,\"id\":1",
        ] {
            assert_eq!(
                read(body.as_bytes()).unwrap_err(),
                Malformed::NotJson,
                "{body}"
            );
        }
        assert_eq!(read(b"\xff\xfe").unwrap_err(), Malformed::NotJson);
        for body in [
            "1",
            "1e999",
            "null",
            "\"text\"",
            "{}",
            r#"{"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":[],"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":""}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#,
            r#"{"jsonrpc":"2.0"}"#,
        ] {
            assert!(
                matches!(read(body.as_bytes()), Err(Malformed::NotAMessage { .. })),
                "{body}"
            );
        }
    }

    /// Checklist G-05: the id is echoed if it is readable.
    #[test]
    fn a_refused_message_keeps_its_readable_id() {
        for body in [
            r#"{"jsonrpc":"2.0","id":7,"method":7}"#,
            r#"{"jsonrpc":2.0,"id":7,"method":"ping"}"#,
            r#"{"id":7,"method":"ping"}"#,
        ] {
            assert_eq!(id_of(body), Some(RequestId::Number(7)), "{body}");
        }
        assert_eq!(
            id_of(r#"{"jsonrpc":"2.0","id":7,"method":""}"#),
            Some(RequestId::Number(7))
        );
        assert_eq!(
            id_of(r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#),
            None
        );
    }

    #[test]
    fn the_params_are_left_as_they_were_written() {
        let body = br#"{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{ "x" : 1 }}"#;
        let Ok(Body::One(Message::Request(request))) = read(body) else {
            panic!("not a request");
        };
        assert_eq!(request.params.text().unwrap().get(), r#"{ "x" : 1 }"#);
    }

    #[test]
    fn a_batch_has_a_largest_size() {
        let one = r#"{"jsonrpc":"2.0","method":"m"}"#;
        let many = format!("[{}]", vec![one; BATCH_MESSAGES_MAX].join(","));
        assert_eq!(batch(many.as_bytes()).unwrap().len(), BATCH_MESSAGES_MAX);
        let more = format!("[{}]", vec![one; BATCH_MESSAGES_MAX + 1].join(","));
        assert!(batch(more.as_bytes()).is_err());
        assert!(batch(b"[]").is_err());
    }

    #[test]
    fn an_array_in_a_batch_is_no_message() {
        assert!(batch(br#"[["2.0", 1, "ping"]]"#).is_err());
    }
}
