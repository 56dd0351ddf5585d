//! Asking tools that are linked into this Worker: the same request and the same answer,
//! without a way to another Worker.

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, pending, select};
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

/// What the linked tools of that name answer. When the caller leaves before they say
/// anything, their function is dropped (M-CANC-01); afterwards, dropping the stream does
/// the same.
pub(super) async fn answer(
    name: &str,
    sent: &Sent<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer, Error> {
    let linked = linked::servers();
    let found = linked
        .iter()
        .find(|(it, _)| name.strip_prefix(LINKED) == Some(*it));
    let Some((_, make)) = found else {
        return failed("there are no linked tools of that name");
    };
    let server = Server::made_once(*make);
    let header = sent.name.map(mcp::era::encode_value);
    let headers = Headers {
        version: Some(Revision::MODERN.as_str()),
        method: Some(sent.method),
        name: header.as_deref(),
        session: SessionClaim::Absent,
    };
    let serving = caught(server.serve(headers, sent.body.as_bytes()));
    let serving = pin!(within(TOOL_SILENCE_MAX, serving));
    let served = match select(serving, pin!(gone(left))).await {
        Either::Left((served, _)) => served,
        Either::Right(((), _)) => return failed("its caller has left"),
    };
    match served {
        None => failed("it gave no answer"),
        Some(Err(_)) => failed("it panicked"),
        Some(Ok(Served::Json { text, .. })) if text.len() > TOOL_ANSWER_BYTES_MAX => {
            failed("its answer is too large")
        }
        Some(Ok(Served::Json { text, .. })) => Ok(ToolAnswer::Whole(text)),
        Some(Ok(Served::Events(events))) => {
            let events = AssertUnwindSafe(events).catch_unwind().map(|event| {
                let panicked = |_| Error::RustError("it panicked".into());
                event.map(Bytes::from).map_err(panicked)
            });
            Ok(ToolAnswer::Streams(Messages::of(events.boxed_local())))
        }
    }
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
