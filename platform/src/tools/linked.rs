//! Asking tools that are linked into this Worker: the same request and the same answer,
//! without a way to another Worker.

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, pending, select};
use futures_util::stream::LocalBoxStream;
use linked::Make;
use mcp::era::{Headers, SessionClaim};
use mcp::limits::{TOOL_ANSWER_BYTES_MAX, TOOL_SILENCE_MAX};
use mcp::revision::Revision;
use toolkit::{Served, Server};
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

/// What the linked tools of that name answer.
pub(super) async fn answer(
    name: &str,
    sent: &Sent<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer, Error> {
    let linked = linked::servers();
    let mut named = linked.iter();
    let found = named.find(|(it, _)| name.strip_prefix(LINKED) == Some(*it));
    let Some((_, make)) = found else {
        let known = linked.map(|(name, _)| format!("{LINKED}{name}")).join(", ");
        return failed(&format!("no such tools are linked, but these are: {known}"));
    };
    asked(*make, sent, left).await
}

/// What a server answers. When the caller leaves before it says anything, its function
/// is dropped (M-CANC-01); afterwards, dropping the stream does the same.
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
    let serving = caught(linked.serve(headers, sent.body.as_bytes()));
    let serving = pin!(within(TOOL_SILENCE_MAX, serving));
    let answer = match select(serving, pin!(gone(left))).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => return failed("its caller has left"),
    };
    match answer {
        None => failed("it gave no answer"),
        Some(Err(_)) => failed("it panicked"),
        Some(Ok(Served::Json { text, .. })) if text.len() > TOOL_ANSWER_BYTES_MAX => {
            failed("its answer is too large")
        }
        Some(Ok(Served::Json { text, .. })) => Ok(ToolAnswer::Whole(text)),
        Some(Ok(Served::Events(events))) => Ok(ToolAnswer::Streams(streamed(events))),
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

fn failed<T>(why: &str) -> Result<T, Error> {
    Err(Error::RustError(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};
    use toolkit::{Call, NoArguments, Reply, Tool};

    use super::*;

    fn server() -> Server {
        let tool = |name| Tool::new::<NoArguments>(name, "For a test.");
        Server::new("test", "1")
            .tool(tool("fine"), async |_: Call<NoArguments>| {
                Ok(Reply::text("well"))
            })
            .tool(tool("panics"), async |_: Call<NoArguments>| {
                panic!("as it was asked to")
            })
    }

    /// What a call of that tool is answered, all of it without waiting for anything.
    fn called(tool: &str) -> Result<ToolAnswer, Error> {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","_meta":{{
                "io.modelcontextprotocol/protocolVersion":"2026-07-28",
                "io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let sent = Sent {
            method: "tools/call",
            name: Some(tool),
            body,
        };
        asked(server, &sent, None).now_or_never().unwrap()
    }

    #[test]
    fn a_linked_tool_answers_at_once() {
        let ToolAnswer::Whole(text) = called("fine").unwrap() else {
            panic!("a stream")
        };
        assert!(text.contains(r#""text":"well""#), "{text}");
    }

    #[test]
    fn a_panic_costs_the_call() {
        let error = called("panics").unwrap_err();
        assert_eq!(error.to_string(), "it panicked");
        assert!(called("fine").is_ok());
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
