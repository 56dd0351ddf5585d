//! LoginObject.

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

/// LoginObject.
#[durable_object]
#[derive(Debug)]
pub struct LoginObject {}

impl DurableObject for LoginObject {
    fn new(_state: State, _env: Env) -> Self {
        Self {}
    }

    async fn fetch(&self, _request: Request) -> Result<Response> {
        Response::empty()
    }
}
