//! Digests of long arguments, by the platform's own SHA-256 and behind the answer.

use audit::{Arguments, Undigested};
use worker::js_sys::{Promise, Uint8Array};
use worker::{console_error, wasm_bindgen};

use crate::awaited::Awaited;

/// From how many bytes on the platform is asked. Fewer are not worth a question.
const LONG_BYTES_MIN: usize = 8_192;

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/records/digest.js"
)]
extern "C" {
    fn sha256(bytes: &[u8]) -> Promise;
}

/// Whether they are long.
pub(super) fn is_long(undigested: &Undigested) -> bool {
    undigested.canonical.len() >= LONG_BYTES_MIN
}

/// What a record says of long arguments.
pub(super) async fn of_long(undigested: Undigested) -> Arguments {
    match Awaited::of(&sha256(&undigested.canonical)).await {
        Ok(digest) => undigested.with(&Uint8Array::new(&digest).to_vec()),
        Err(error) => {
            console_error!("the platform's SHA-256: {error:?}");
            undigested.digested()
        }
    }
}
