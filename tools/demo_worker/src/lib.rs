//! The demo tools as a Worker of their own: an ordinary stateless MCP server.

use worker::{Context, Env, Request, Response, Result, event};

/// The platform's entry.
#[event(fetch)]
async fn fetch(request: Request, _env: Env, _context: Context) -> Result<Response> {
    toolkit::fetch(demo_tools::server, request).await
}
