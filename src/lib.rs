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

use endpoint::remembered::{self, CameBack};
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
    match remembered::answer(&request, &env) {
        Some(answer) => Ok(answer),
        None => serve(request, env, None),
    }
}

/// Serves a request, of which the answer of its session's object may have come back.
fn serve(request: web_sys::Request, env: Env, came_back: Option<CameBack>) -> Answered {
    served(Box::pin(async move {
        let response = answered(request, env, came_back).await;
        Ok(answer::into_platform(response)?.into())
    }))
}

async fn answered(
    request: web_sys::Request,
    env: Env,
    came_back: Option<CameBack>,
) -> Response<Body> {
    // It is passed on as it came, if it is not for us.
    let Ok(mut read) = incoming::of_client(Clone::clone(&request)) else {
        return answer::empty(StatusCode::BAD_REQUEST);
    };
    if let Some(came_back) = came_back {
        read.extensions_mut().insert(came_back);
    }
    match app::App::new(env, host::sender(read.headers())) {
        Ok(app) => routes::route(&app, read, request).await,
        Err(refused) => answer::misconfigured(&refused),
    }
}
