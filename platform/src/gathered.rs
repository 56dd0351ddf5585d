//! Whole bodies, which JavaScript gathers and hands over in one piece.

use worker::js_sys::{Promise, Uint8Array};
use worker::wasm_bindgen::{self, JsCast, JsValue};
use worker::{Error, Result, web_sys};

use crate::awaited::Awaited;

/// Why a body is not whole.
#[derive(Debug)]
pub enum TooLarge {
    /// It has more bytes than may be.
    Bytes,
    /// It broke.
    Broken(Error),
}

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/hop.js"
)]
extern "C" {
    fn bytes_of(buffer: &JsValue) -> Vec<u8>;
}

#[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
extern "C" {
    /// What a reader of a stream gives.
    type Read;

    #[wasm_bindgen(method, getter)]
    fn done(this: &Read) -> bool;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Read) -> Uint8Array;
}

/// What an `arrayBuffer()` brings.
pub(crate) async fn at_once(promised: Promise) -> Result<Vec<u8>> {
    Ok(bytes_of(&Awaited::of(&promised).await?))
}

/// What a stream brings until it ends, unless that is too much.
pub(crate) async fn up_to(
    stream: &web_sys::ReadableStream,
    bytes_max: usize,
) -> Result<Vec<u8>, TooLarge> {
    let mut reading = Reading {
        reader: stream.get_reader().unchecked_into(),
        is_over: false,
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = reading.next().await.map_err(TooLarge::Broken)? {
        let length = usize::try_from(chunk.length()).unwrap_or(usize::MAX);
        if length > bytes_max.saturating_sub(bytes.len()) {
            return Err(TooLarge::Bytes);
        }
        if bytes.is_empty() {
            bytes = chunk.to_vec();
        } else {
            bytes.extend(chunk.to_vec());
        }
    }
    Ok(bytes)
}

/// A stream that is read. If this is dropped before its end, nobody wants the rest.
/// The lock is not released: it goes with the stream, and to release it makes the
/// platform an exception.
struct Reading {
    reader: web_sys::ReadableStreamDefaultReader,
    is_over: bool,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Uint8Array>> {
        let read: Result<JsValue, JsValue> = Awaited::of(&self.reader.read()).await;
        self.is_over = read.is_err();
        let read: Read = read?.unchecked_into();
        self.is_over = read.done();
        Ok((!self.is_over).then(|| read.value()))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        if !self.is_over {
            let _ = self.reader.cancel();
        }
    }
}
