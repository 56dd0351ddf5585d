//! The entry of a tool Worker: from the platform's request to the server.

use futures_util::StreamExt;
use mcp::era::{Headers, SessionClaim};
use mcp::limits::BODY_BYTES_MAX;
use worker::{Method, Request, Response, ResponseBuilder, Result};

use crate::serve::Served;
use crate::server::Server;

/// Answers one request: a stateless MCP server that knows POST only. The server is made
/// once and kept by the isolate.
///
/// ```ignore
/// #[worker::event(fetch)]
/// async fn fetch(request: Request, _: Env, _: Context) -> worker::Result<Response> {
///     toolkit::fetch(server, request).await
/// }
/// ```
pub async fn fetch(server: fn() -> Server, mut request: Request) -> Result<Response> {
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
    let fields = request.headers();
    let header = |name: &str| fields.get(name);
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
    match Server::made_once(server).serve(headers, &body).await {
        Served::Json { status, text } => Ok(ResponseBuilder::new()
            .with_status(status)
            .with_header("content-type", "application/json")?
            .fixed(text.into_bytes())),
        Served::Events(events) => ResponseBuilder::new()
            .with_header("content-type", "text/event-stream")?
            .from_stream(events.map(|event| Ok::<_, worker::Error>(event.into_bytes()))),
    }
}
