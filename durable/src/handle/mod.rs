//! HandleObject.

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

/// HandleObject.
#[durable_object]
#[derive(Debug)]
pub struct HandleObject {}

impl DurableObject for HandleObject {
    fn new(_state: State, _env: Env) -> Self {
        Self {}
    }

    async fn fetch(&self, _request: Request) -> Result<Response> {
        Response::empty()
    }
}
