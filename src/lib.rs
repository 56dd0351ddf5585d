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

use std::rc::Rc;

use endpoint::known::Known;
use endpoint::remembered::{self, CameBack};
use http::{Response, StatusCode};
use platform::answer::{self, Body};
use platform::body::Sent;
use platform::served::{Answered, served};
use platform::{host, incoming};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::Context;
use worker::{Env, web_sys};

/// The platform's entry: one call per HTTP request.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub fn fetch(request: web_sys::Request, env: Env, _context: Context) -> Answered {
    match remembered::served(&request, &env) {
        Some(answer) => Ok(answer),
        None => serve(request, env, Had::Nothing),
    }
}

/// What is here of a request beside its head.
enum Had {
    Nothing,
    /// The answer of its session's object.
    Answer(CameBack),
    /// Its body.
    Body(Vec<u8>),
}

/// Serves a request.
fn serve(request: web_sys::Request, env: Env, had: Had) -> Answered {
    served(Box::pin(async move {
        let response = answered(request, env, had).await;
        Ok(answer::into_platform(response)?.into())
    }))
}

async fn answered(request: web_sys::Request, env: Env, had: Had) -> Response<Body> {
    // It is passed on as it came, if it is not for us.
    let Ok(mut read) = incoming::of_client(Clone::clone(&request)) else {
        return answer::empty(StatusCode::BAD_REQUEST);
    };
    match had {
        Had::Nothing => {}
        Had::Answer(came_back) => {
            read.extensions_mut().insert(came_back);
        }
        Had::Body(bytes) => *read.body_mut() = Sent::from(bytes),
    }
    match app::App::new(env, host::sender(read.headers())) {
        Ok(app) => routes::route(&app, read, request).await,
        Err(refused) => answer::misconfigured(&refused),
    }
}

/// Serves a stateless request of a client who is known.
fn serve_known(request: web_sys::Request, env: Env, known: Rc<Known>, body: Vec<u8>) -> Answered {
    served(Box::pin(async move {
        let head = incoming::like(&known.head, Some(request));
        let response = match app::App::new(env, host::sender(head.headers())) {
            Ok(app) => routes::known(&app, &head, &known, &body).await,
            Err(refused) => answer::misconfigured(&refused),
        };
        Ok(answer::into_platform(response)?.into())
    }))
}
