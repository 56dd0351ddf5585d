//! SessionObject.

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

/// SessionObject.
#[durable_object]
#[derive(Debug)]
pub struct SessionObject {}

impl DurableObject for SessionObject {
    fn new(_state: State, _env: Env) -> Self {
        Self {}
    }

    async fn fetch(&self, _request: Request) -> Result<Response> {
        Response::empty()
    }
}
