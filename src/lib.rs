//! The front Worker: guards, routes, authorization, the MCP endpoint, pages.
//!
//! Every request becomes an `http::Request`, is answered by one arm of
//! `routes`, and leaves as a `worker::Response`. What must survive the
//! isolate lives in the objects of the `durable` crate, re-exported here:
//! without that, the classes would be missing from the built module.

mod account;
mod admin;
mod answer;
mod app;
mod body;
mod client;
mod clock;
mod config;
mod cors;
mod dpop;
mod endpoint;
mod error;
mod gate;
mod guard;
mod keys;
mod login;
mod oauth;
mod page;
mod random;
mod routes;
mod store;

pub use durable::{AccountObject, HandleObject, HubObject, LoginObject, SessionObject, TaskObject};

use worker::{Context, Env, HttpRequest, Response, event};

/// The platform's entry: one call per HTTP request.
#[event(fetch)]
async fn fetch(request: HttpRequest, env: Env, _context: Context) -> worker::Result<Response> {
    let answer = match app::App::new(env, gate::sender(&request)) {
        Ok(app) => routes::route(&app, request).await,
        Err(refused) => error::misconfigured(&refused),
    };
    answer::into_worker(answer)
}
