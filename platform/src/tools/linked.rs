//! Asking tools that are linked into this Worker: without a way to another Worker, and of
//! a call without the texts of a request and an answer.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::rc::Rc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, pending, select};
use futures_util::stream::LocalBoxStream;
use linked::Make;
use mcp::era::{Headers, SessionClaim};
use mcp::limits::{TOOL_ANSWER_BYTES_MAX, TOOL_SILENCE_MAX};
use mcp::revision::Revision;
use mcp::sse;
use mcp::tool::{Aid, Invocation, Outcome};
use serde_json::Value;
use toolkit::{Called, Served, Server};
use worker::js_sys::Promise;
use worker::wasm_bindgen;
use worker::{AbortSignal, Error, web_sys};

use super::answer::{Messages, ToolAnswer, within};
use super::call::Sent;
use crate::awaited::Awaited;
use crate::panics::caught;

/// What the name of linked tools begins with, where other names are those of service
/// bindings.
const LINKED: &str = "linked:";

const TOO_LARGE: &str = "its answer is too large";

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/tools/linked.js"
)]
extern "C" {
    /// Settles when the caller has left.
    fn left_of(signal: &web_sys::AbortSignal) -> Promise;
}

/// Whether that is the name of linked tools.
pub(super) fn is_linked(name: &str) -> bool {
    name.starts_with(LINKED)
}

/// What the linked tools of that name answer to a request.
pub(super) async fn answer(
    name: &str,
    sent: &Sent<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer, Error> {
    asked(server(name)?, sent, left).await
}

/// What comes of a call of theirs.
pub(super) async fn call(
    name: &str,
    invocation: &Rc<Invocation>,
    aid: &Aid<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer, Error> {
    called(server(name)?, invocation, aid, left).await
}

fn server(name: &str) -> Result<Make, Error> {
    let linked = linked::servers();
    let mut named = linked.iter();
    let found = named.find(|(it, _)| name.strip_prefix(LINKED) == Some(*it));
    found.map(|(_, make)| *make).ok_or_else(|| {
        let known = linked.map(|(name, _)| format!("{LINKED}{name}")).join(", ");
        failure(&format!("no such tools are linked, but these are: {known}"))
    })
}

async fn asked(
    make: Make,
    sent: &Sent<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer, Error> {
    let linked = Server::made_once(make);
    let header = sent.name.map(mcp::era::encode_value);
    let headers = Headers {
        version: Some(Revision::MODERN.as_str()),
        method: Some(sent.method),
        name: header.as_deref(),
        session: SessionClaim::Absent,
    };
    match in_time(linked.serve(headers, sent.body.as_bytes()), left).await? {
        Served::Json { text, .. } if text.len() > TOOL_ANSWER_BYTES_MAX => Err(failure(TOO_LARGE)),
        Served::Json { text, .. } => Ok(ToolAnswer::Whole(text)),
        Served::Events(events) => Ok(ToolAnswer::Streams(streamed(events))),
    }
}

async fn called(
    make: Make,
    invocation: &Rc<Invocation>,
    aid: &Aid<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer, Error> {
    let linked = Server::made_once(make);
    let told = invocation.told(aid);
    match in_time(linked.call(Rc::clone(invocation), told), left).await? {
        Called::Ended(outcome) if is_too_large(&outcome) => Err(failure(TOO_LARGE)),
        Called::Ended(outcome) => Ok(ToolAnswer::Ended(Box::new(outcome))),
        Called::Speaks(messages) => {
            let events = messages.map(|message| sse::event(None, &message));
            Ok(ToolAnswer::Streams(streamed(events.boxed_local())))
        }
    }
}

/// What a server answers. When the caller leaves before it says anything, its function
/// is dropped (M-CANC-01); afterwards, dropping the stream does the same.
async fn in_time<T>(
    serving: impl Future<Output = T>,
    left: Option<&AbortSignal>,
) -> Result<T, Error> {
    let serving = pin!(within(TOOL_SILENCE_MAX, caught(serving)));
    match select(serving, pin!(gone(left))).await {
        Either::Left((Some(Ok(answer)), _)) => Ok(answer),
        Either::Left((Some(Err(_)), _)) => Err(failure("it panicked")),
        Either::Left((None, _)) => Err(failure("it gave no answer")),
        Either::Right(((), _)) => Err(failure("its caller has left")),
    }
}

/// Whether the texts in a result are larger than an answer may be.
fn is_too_large(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Complete { result, .. } => {
            result.values().map(text_bytes).sum::<usize>() > TOOL_ANSWER_BYTES_MAX
        }
        Outcome::BecomesTask | Outcome::Asks { .. } | Outcome::Failed(_) => false,
    }
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(text_bytes).sum(),
        Value::Object(members) => members.values().map(text_bytes).sum(),
    }
}

/// What is said over time; a panic ends it.
fn streamed(events: LocalBoxStream<'static, String>) -> Messages {
    let events = AssertUnwindSafe(events).catch_unwind().map(|event| {
        let panicked = |_| Error::RustError("it panicked".into());
        event.map(Bytes::from).map_err(panicked)
    });
    Messages::of(events.boxed_local())
}

/// Ends when the caller leaves. JavaScript is asked only if the tools do not answer at
/// once.
async fn gone(left: Option<&AbortSignal>) {
    match left {
        Some(left) => {
            let left: &web_sys::AbortSignal = left;
            // However it settles, the caller has left.
            let _ = Awaited::of(&left_of(left)).await;
        }
        None => pending().await,
    }
}

fn failure(why: &str) -> Error {
    Error::RustError(why.to_owned())
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};
    use serde_json::Map;
    use serde_json::value::RawValue;
    use toolkit::{Call, NoArguments, Reply, Tool};

    use super::*;

    fn server() -> Server {
        let tool = |name| Tool::new::<NoArguments>(name, "For a test.");
        Server::new("test", "1")
            .tool(tool("fine"), async |_: Call<NoArguments>| {
                Ok(Reply::text("well"))
            })
            .tool(tool("talks"), async |_: Call<NoArguments>| {
                Ok(Reply::text("x".repeat(TOOL_ANSWER_BYTES_MAX + 1)))
            })
            .tool(tool("panics"), async |_: Call<NoArguments>| {
                panic!("as it was asked to")
            })
    }

    /// What a call of that tool is answered, all of it without waiting for anything.
    fn call_of(tool: &str) -> Result<ToolAnswer, Error> {
        let params = RawValue::from_string(format!(r#"{{"name":"{tool}"}}"#)).unwrap();
        let read = Invocation::read("tools/call", &(&*params).into(), Map::new(), true);
        let (invocation, aid) = (Rc::new(read.unwrap()), Aid::default());
        let called = called(server, &invocation, &aid, None).now_or_never();
        called.unwrap()
    }

    #[test]
    fn a_linked_tool_answers_at_once() {
        let Outcome::Complete { result, .. } = call_of("fine").unwrap().ended().unwrap() else {
            panic!("no result")
        };
        assert_eq!(result["content"][0]["text"], "well");
    }

    #[test]
    fn a_panic_costs_the_call() {
        let error = call_of("panics").unwrap_err();
        assert_eq!(error.to_string(), "it panicked");
        assert!(call_of("fine").is_ok());
    }

    #[test]
    fn an_answer_may_not_be_larger_than_that_of_a_tool_worker() {
        let error = call_of("talks").unwrap_err();
        assert_eq!(error.to_string(), TOO_LARGE);
    }

    #[test]
    fn a_request_is_answered_like_one_to_a_tool_worker() {
        let body = r#"{"jsonrpc":"2.0","id":0,"method":"tools/list","params":{"_meta":{
            "io.modelcontextprotocol/protocolVersion":"2026-07-28",
            "io.modelcontextprotocol/clientCapabilities":{}}}}"#;
        let sent = Sent {
            method: "tools/list",
            name: None,
            body: body.to_owned(),
        };
        let answered = asked(server, &sent, None).now_or_never();
        let ToolAnswer::Whole(text) = answered.unwrap().unwrap() else {
            panic!("no text")
        };
        assert!(text.contains(r#""name":"panics""#), "{text}");
    }

    #[test]
    fn a_panic_ends_the_stream_that_it_happens_in() {
        let said = stream::iter(["data: 1\n\n".to_owned()]);
        let panics = stream::poll_fn(|_| panic!("as it was asked to"));
        let mut messages = streamed(said.chain(panics).boxed_local());
        let mut next = || messages.next().now_or_never().unwrap();
        assert_eq!((next().as_deref(), next()), (Some("1"), None));
    }

    #[test]
    fn a_name_that_nothing_is_linked_under_is_told() {
        let sent = Sent {
            method: "server/discover",
            name: None,
            body: String::new(),
        };
        assert!(is_linked("linked:nothing") && !is_linked("TOOLS_DEMO"));
        let asked = answer("linked:nothing", &sent, None).now_or_never();
        let words = asked.unwrap().unwrap_err().to_string();
        assert_eq!(
            words,
            "no such tools are linked, but these are: linked:demo"
        );
    }
}
