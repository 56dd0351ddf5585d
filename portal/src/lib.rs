//! The portal: OAuth endpoints, logins, and pages for users and admins.
//!
//! It has no address of its own: the front Worker passes on to it whatever is not the
//! MCP endpoint's. Every request becomes an `http::Request`, is answered by one arm of
//! `routes`, and leaves as a `worker::Response`.

mod account;
mod admin;
mod api;
mod app;
mod client;
mod config;
mod error;
mod gate;
mod internal;
mod keys;
mod login;
mod oauth;
mod page;
mod permissions;
mod records;
mod routes;
mod store;

use http::{Response, StatusCode};
use platform::answer::{self, Body};
use platform::host;
use worker::{
    Context, Env, HttpRequest, MessageBatch, Request, ScheduleContext, ScheduledEvent,
    console_error, event, web_sys,
};

/// The platform's entry: one call per HTTP request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> worker::Result<web_sys::Response> {
    let answer = match HttpRequest::try_from(request) {
        Ok(request) => answered(request, env).await,
        Err(_) => answer::empty(StatusCode::BAD_REQUEST),
    };
    answer::into_platform(answer)
}

async fn answered(request: HttpRequest, env: Env) -> Response<Body> {
    let fields = request.headers();
    let (network, address) = (host::sender(fields), host::address(fields));
    match app::App::new(env, network, address.map(str::to_owned)) {
        Ok(app) => routes::route(&app, request).await,
        Err(refused) => answer::misconfigured(&refused),
    }
}

/// What the queue of records brings.
#[event(queue)]
async fn queue(messages: MessageBatch<String>, env: Env, _: Context) -> worker::Result<()> {
    records::consume(&messages, &env).await
}

/// Once a day, as `wrangler.toml` says.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    if let Err(error) = records::forget(&env).await {
        console_error!("forgetting old records: {error}");
    }
}
