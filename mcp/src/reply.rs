//! The text of what we send: responses, errors and notifications.

use rmcp::model::{ErrorCode, ErrorData, RequestId};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::long_texts;

#[derive(Serialize)]
struct ResultReply<'a, R: ?Sized> {
    jsonrpc: &'static str,
    id: &'a RequestId,
    result: &'a R,
}

#[derive(Serialize)]
struct ErrorReply<'a> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RequestId>,
    error: &'a ErrorData,
}

#[derive(Serialize)]
struct Outgoing<'a, P: ?Sized> {
    jsonrpc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RequestId>,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a P>,
}

/// A response with this result.
pub fn result<R: Serialize + ?Sized>(id: &RequestId, result: &R) -> String {
    text(&ResultReply {
        jsonrpc: "2.0",
        id,
        result,
    })
}

/// A response with the members of the result of a call, which may be long.
pub fn call_result(id: &RequestId, members: &Map<String, Value>) -> String {
    if !long_texts::are_in(members) {
        return result(id, members);
    }
    let mut reply = format!(r#"{{"jsonrpc":"2.0","id":{},"result":"#, text(id));
    long_texts::write(members, &mut reply);
    reply.push('}');
    reply
}

/// An error response; `id` is left out where the request's could not be read
/// (MCP forbids `id: null`).
pub fn error(id: Option<&RequestId>, error: &ErrorData) -> String {
    text(&ErrorReply {
        jsonrpc: "2.0",
        id,
        error,
    })
}

/// A request of ours.
pub fn request<P: Serialize + ?Sized>(id: &RequestId, method: &str, params: Option<&P>) -> String {
    text(&Outgoing {
        jsonrpc: "2.0",
        id: Some(id),
        method,
        params,
    })
}

/// A notification whose params are already text.
pub fn notification(method: &str, params: Option<&RawValue>) -> String {
    text(&Outgoing {
        jsonrpc: "2.0",
        id: None,
        method,
        params,
    })
}

fn text<T: Serialize>(message: &T) -> String {
    serde_json::to_string(message).unwrap_or_else(|_| {
        // Only a map with keys that are no strings fails, and we have none.
        r#"{"jsonrpc":"2.0","error":{"code":-32603,"message":"unserialisable"}}"#.to_owned()
    })
}

/// An error of the protocol, in one word and one sentence.
pub fn fault(code: ErrorCode, message: impl Into<String>) -> ErrorData {
    ErrorData::new(code, message.into(), None)
}

/// Most of what a parser says that we pass on, in characters: it quotes what it
/// was given, which may be megabytes.
const PARSER_CHARS_MAX: usize = 120;

/// What a parser says of what it cannot read, for the client's developer.
pub fn parser_words(error: &serde_json::Error) -> String {
    error.to_string().chars().take(PARSER_CHARS_MAX).collect()
}

/// "Method not found": the same words in both eras.
pub fn method_not_found(method: &str) -> ErrorData {
    fault(
        ErrorCode::METHOD_NOT_FOUND,
        format!("method not found: {method}"),
    )
}
