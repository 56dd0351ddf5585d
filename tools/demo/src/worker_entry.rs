//! The demo tools as a Worker of their own.

use worker::{Context, Env, Request, Response, Result, event};

/// The platform's entry.
#[event(fetch)]
async fn fetch(request: Request, _env: Env, _context: Context) -> Result<Response> {
    toolkit::fetch(crate::server, request).await
}
