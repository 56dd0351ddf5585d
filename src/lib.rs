//! The front Worker: the MCP endpoint, with the guards before it.
//!
//! What is not the endpoint's is passed on to the portal; sessions and whatever else
//! must survive the isolate live in the Worker of the objects.

mod api_key;
mod app;
mod config;
mod endpoint;
mod error;
mod guard;
mod keys;
mod metadata;
mod portal;
mod routes;

use http::{Response, StatusCode};
use platform::answer::{self, Body};
use platform::served::{Answered, served};
use platform::{host, incoming};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::Context;
use worker::{Env, web_sys};

/// The platform's entry: one call per HTTP request.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub fn fetch(request: web_sys::Request, env: Env, _context: Context) -> Answered {
    served(async move {
        let response = answer::into_platform(answered(request, env).await)?;
        Ok(response.into())
    })
}

async fn answered(request: web_sys::Request, env: Env) -> Response<Body> {
    // It is passed on as it came, if it is not for us.
    let Ok(read) = incoming::of_client(Clone::clone(&request)) else {
        return answer::empty(StatusCode::BAD_REQUEST);
    };
    match app::App::new(env, host::sender(read.headers())) {
        Ok(app) => routes::route(&app, read, request).await,
        Err(refused) => answer::misconfigured(&refused),
    }
}
