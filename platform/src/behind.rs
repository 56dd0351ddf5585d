//! Work behind an answer.

use std::panic::AssertUnwindSafe;

use worker::console_error;
use worker::js_sys::Promise;
use worker::wasm_bindgen::{self, JsValue};
use worker::wasm_bindgen_futures::future_to_promise;

use crate::panics::caught;

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "cloudflare:workers"
)]
extern "C" {
    /// `waitUntil` of the event at hand, whichever it is; `worker` binds that of a
    /// context alone, which would have to come along everywhere.
    #[wasm_bindgen(js_name = waitUntil)]
    fn wait_until(promise: &Promise);
}

/// Does something of which the answer to the event at hand does not wait.
pub(crate) fn behind_the_answer(work: impl Future<Output = ()> + 'static) {
    // What it holds when it panics is dropped with it.
    wait_until(&future_to_promise(AssertUnwindSafe(async move {
        if let Err(panicked) = caught(work).await {
            console_error!("behind an answer: {panicked:?}");
        }
        Ok(JsValue::UNDEFINED)
    })));
}
