//! The demo tools: one of each kind, to try a server with.

mod ask;
mod count;
mod echo;
mod progress;
mod whoami;

use futures_util::StreamExt;
use mcp::era::{Headers, SessionClaim};
use mcp::limits::BODY_BYTES_MAX;
use mcp::tool::author::{Served, ToolServer};
use worker::{Context, Env, Method, Request, Response, ResponseBuilder, Result, event};

/// Every tool of this Worker.
fn tools() -> ToolServer {
    ToolServer::new("sessile-demo-tools", env!("CARGO_PKG_VERSION"))
        .tool(echo::definition(), echo::echo)
        .tool(count::definition(), count::count)
        .tool(count::start_definition(), count::start)
        .tool(progress::definition(), progress::progress)
        .tool(ask::definition(), ask::ask)
        .tool(whoami::definition(), whoami::whoami)
}

/// The platform's entry: a stateless MCP server that knows POST only.
#[event(fetch)]
async fn fetch(mut request: Request, _env: Env, _context: Context) -> Result<Response> {
    if request.method() != Method::Post {
        return Ok(ResponseBuilder::new()
            .with_status(405)
            .with_header("allow", "POST")?
            .empty());
    }
    let body = request.bytes().await?;
    if body.len() > BODY_BYTES_MAX {
        return Response::error("the body is too large", 413);
    }
    let header = |name: &str| request.headers().get(name);
    let (version, method, name) = (
        header("mcp-protocol-version")?,
        header("mcp-method")?,
        header("mcp-name")?,
    );
    let headers = Headers {
        version: version.as_deref(),
        method: method.as_deref(),
        name: name.as_deref(),
        session: SessionClaim::Absent,
    };
    match tools().serve(headers, &body).await {
        Served::Json { status, text } => Ok(ResponseBuilder::new()
            .with_status(status)
            .with_header("content-type", "application/json")?
            .fixed(text.into_bytes())),
        Served::Events(events) => ResponseBuilder::new()
            .with_header("content-type", "text/event-stream")?
            .from_stream(events.map(|event| Ok::<_, worker::Error>(event.into_bytes()))),
    }
}
