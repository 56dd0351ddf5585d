//! One synchronous transaction of the object's storage.

use std::panic::AssertUnwindSafe;

use worker::wasm_bindgen::{self, JsCast, JsValue};
use worker::{Error, Result, Storage};

#[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
extern "C" {
    /// The storage as JavaScript knows it; `worker` does not bind this part.
    type Synchronous;

    /// `storage.transactionSync`: what was written is taken back if the
    /// function throws.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Synchronous,
        run: &mut dyn FnMut() -> std::result::Result<JsValue, JsValue>,
    ) -> std::result::Result<JsValue, JsValue>;
}

/// Runs `run`: all of its writes are kept, or none. It cannot wait for
/// anything, so nothing else happens in the object meanwhile.
pub(super) fn transaction<T>(storage: &Storage, run: impl FnOnce() -> Result<T>) -> Result<T> {
    let (mut run, mut outcome) = (Some(run), None);
    // A `run` that panics leaves no outcome behind: what it wrote is taken back,
    // and the panic is an error like any other.
    let mut kept = AssertUnwindSafe((&mut run, &mut outcome));
    let storage: &Synchronous = storage.as_raw().unchecked_ref();
    let thrown = storage.transaction_sync(&mut move || {
        let (run, outcome) = &mut *kept;
        let result = run.take().map(|run| run());
        let failed = !matches!(result, Some(Ok(_)));
        **outcome = result;
        if failed {
            Err(JsValue::from_str("taken back"))
        } else {
            Ok(JsValue::UNDEFINED)
        }
    });
    match (outcome, thrown) {
        (Some(Err(error)), _) => Err(error),
        (Some(Ok(value)), Ok(_)) => Ok(value),
        (_, thrown) => Err(thrown.err().map_or_else(
            || Error::RustError("the transaction did not run".into()),
            Error::from,
        )),
    }
}
