//! Asking a tool Worker: one step to JavaScript, which gathers the answer.

use mcp::limits::{TOOL_ANSWER_BYTES_MAX, TOOL_SILENCE_MAX};
use worker::js_sys::{Promise, Uint8Array};
use worker::wasm_bindgen::{self, JsCast};
use worker::{AbortSignal, Error, web_sys};

use super::answer::ToolAnswer;
use crate::awaited::Awaited;
use crate::hop::{Answer, Hop, Neighbour};

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/tools/asking.js"
)]
extern "C" {
    /// A request that is answered within a time, with so many bytes at most.
    type Asking;

    #[wasm_bindgen(constructor, catch)]
    fn new(
        worker: &Neighbour,
        url: &str,
        head: &str,
        body: &wasm_bindgen::JsValue,
        left: Option<&web_sys::AbortSignal>,
        silence_ms: f64,
        bytes_max: f64,
    ) -> Result<Asking, wasm_bindgen::JsValue>;

    #[wasm_bindgen(method, getter)]
    fn answer(this: &Asking) -> Promise;

    #[wasm_bindgen(method, js_name = hangUp)]
    fn hang_up(this: &Asking);
}

#[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
extern "C" {
    /// What it is answered with.
    type Came;

    #[wasm_bindgen(method, getter)]
    fn kind(this: &Came) -> String;

    #[wasm_bindgen(method, getter)]
    fn bytes(this: &Came) -> Uint8Array;

    #[wasm_bindgen(method, getter)]
    fn response(this: &Came) -> web_sys::Response;
}

/// A request that is hung up on if nobody waits for it any more: the tool stops
/// (L-CANC-01, M-CANC-01). Afterwards, dropping the body of a stream does the same.
struct Waiting {
    asking: Asking,
    is_answered: bool,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.is_answered {
            self.asking.hang_up();
        }
    }
}

/// The answer to a request, which is ended early when whoever it is made for has left.
pub(super) async fn answer(
    worker: &Neighbour,
    hop: &Hop<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer, Error> {
    #[expect(clippy::cast_precision_loss, reason = "some megabytes, some minutes")]
    let (silence_ms, bytes_max) = (
        TOOL_SILENCE_MAX.as_millis() as f64,
        TOOL_ANSWER_BYTES_MAX as f64,
    );
    let left = left.map(|left| -> &web_sys::AbortSignal { left });
    let (head, body) = (hop.head()?, hop.body());
    let asking = Asking::new(worker, hop.url, &head, &body, left, silence_ms, bytes_max)?;
    let mut waiting = Waiting {
        asking,
        is_answered: false,
    };
    let came = Awaited::of(&waiting.asking.answer()).await;
    let came: Came = came?.unchecked_into();
    let failed = |why: &str| Err(Error::RustError(why.to_owned()));
    match came.kind().as_str() {
        "whole" => {
            waiting.is_answered = true;
            let text = String::from_utf8(came.bytes().to_vec());
            text.map_or_else(
                |_| failed("its answer is no text"),
                |text| Ok(ToolAnswer::Whole(text)),
            )
        }
        "streams" => {
            waiting.is_answered = true;
            Ok(ToolAnswer::streams(Answer::from(worker::Response::from(
                came.response(),
            ))))
        }
        "silent" => failed("it gave no answer"),
        _ => failed("its answer is too large"),
    }
}
