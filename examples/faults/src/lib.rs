//! Tools that go wrong in every way a tool Worker can, and some that do not,
//! for the torture runs: what a caller gets then, and that nobody else notices.
//! A reader who looks for an example to begin with takes `examples/hello`.

mod announcing;
mod garbage;
mod working;

use toolkit::{Call, Failure, NoArguments, Reply, Server, Tool};
use worker::{Context, Env, Request, Response, Result, event};

/// Ends the whole program in the middle of a call.
async fn panics(_: Call<NoArguments>) -> std::result::Result<Reply, Failure> {
    panic!("this tool panics, as it was asked to")
}

fn server() -> Server {
    let tool = |name, words| Tool::new::<NoArguments>(name, words).read_only();
    let server = Server::new("faults", env!("CARGO_PKG_VERSION"))
        .public()
        .tool(tool("panic", "Panics."), panics);
    let server = announcing::add(working::add(server));
    garbage::add(server)
}

/// What answers garbage does so below the protocol, where the toolkit would not.
#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    match garbage::wanted(&request)? {
        Some(garbage) => garbage.answer(),
        None => toolkit::fetch(server, request).await,
    }
}
