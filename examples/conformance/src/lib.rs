//! The fixture of the official conformance suite
//! (`@modelcontextprotocol/conformance`): the tools, prompts and resources that
//! its scenarios ask for, by their names there.

mod asking;
mod changes;
mod content;
mod prompts;
mod resources;
mod rounds;
mod schemas;
mod stopping;
mod streaming;
mod tasks;

use toolkit::Server;
use worker::{Context, Env, Request, Response, Result, event};

fn server() -> Server {
    let server = Server::new("sessile-conformance", env!("CARGO_PKG_VERSION")).public();
    let server = content::add(server);
    let server = streaming::add(server);
    let server = stopping::add(server);
    let server = asking::add(server);
    let server = rounds::add(server);
    let server = schemas::add(server);
    let server = changes::add(server);
    let server = tasks::add(server);
    let server = prompts::add(server);
    resources::add(server)
}

/// The platform's entry.
#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    toolkit::fetch(server, request).await
}
