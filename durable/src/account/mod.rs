//! `AccountObject`: what is kept of one user.

mod quota;

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

/// The binding of these objects.
pub(crate) const ACCOUNTS: &str = "ACCOUNTS";

/// The object of one user.
#[durable_object]
#[derive(Debug)]
pub struct AccountObject {
    state: State,
    env: Env,
}

impl DurableObject for AccountObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        match request.path().as_str() {
            "/quota" => quota::take(&self.state, &self.env, request).await,
            _ => Response::error("no such path", 404),
        }
    }
}
