//! AccountObject.

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

/// AccountObject.
#[durable_object]
#[derive(Debug)]
pub struct AccountObject {}

impl DurableObject for AccountObject {
    fn new(_state: State, _env: Env) -> Self {
        Self {}
    }

    async fn fetch(&self, _request: Request) -> Result<Response> {
        Response::empty()
    }
}
