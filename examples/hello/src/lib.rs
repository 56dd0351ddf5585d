//! The smallest tool Worker: one tool, for everybody.

use toolkit::{Call, Failure, Reply, Server, Tool};
use worker::{Context, Env, Request, Response, Result, event};

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Hello {
    /// Whom to greet.
    name: String,
}

async fn hello(call: Call<Hello>) -> std::result::Result<Reply, Failure> {
    Ok(Reply::text(format!("Hello, {}!", call.arguments.name)))
}

fn server() -> Server {
    let tool = Tool::new::<Hello>("hello", "Greets somebody.").read_only();
    Server::new("hello", "1.0.0").public().tool(tool, hello)
}

#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> Result<Response> {
    toolkit::fetch(server, request).await
}
