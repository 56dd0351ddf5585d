//! Every route, in one `match`.

use futures_util::FutureExt;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use platform::answer::{self, Body};
use platform::body::Sent;
use platform::failure::Failure;
use platform::panics::{Panicked, caught};
use platform::{body, cors, host};
use worker::web_sys;

use crate::app::App;
use crate::endpoint::http_sse;
use crate::endpoint::known::Known;
use crate::{endpoint, guard, metadata, portal};

/// What the log says of an answer that could not be finished; the panic's own
/// words stand before it.
const PANICKED: &str = "answering a request panicked";

/// Answers one request, which is at hand as it came, too.
pub(crate) async fn route(
    app: &App,
    request: Request<Sent>,
    came: web_sys::Request,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    if is_ours(&path) {
        return answered(app, request, &path).await;
    }
    let passed = portal::pass(app, came.into()).await;
    passed.unwrap_or_else(|failure| failure.answer())
}

/// Whether it is for the endpoint. All else is the portal's.
fn is_ours(path: &str) -> bool {
    path == "/mcp" || http_sse::has(path) || metadata::has(path)
}

async fn answered(app: &App, mut request: Request<Sent>, path: &str) -> Response<Body> {
    let refused = host::check(&app.config.public_origin, &mut request).err();
    let stranger = (path == "/mcp" || http_sse::has(path))
        .then(|| guard::origin(app, &request).err())
        .flatten();
    // A page that may not use the endpoint may not read its answers either, and what no
    // page asked for is read by none; documents are kept for whoever asks next.
    let open = stranger.is_none() && (is_of_page(request.headers()) || metadata::has(path));
    let mut response = match refused.map(Into::into).or(stranger) {
        Some(error) => {
            body::discard(request.into_body()).await;
            error.answer()
        }
        None if request.method() == Method::OPTIONS => {
            cors::preflight(request.headers(), cors::METHODS)
        }
        None => caught(serve(app, request, path))
            .await
            .unwrap_or_else(|Panicked| Failure::Bug(PANICKED).answer()),
    };
    if open {
        cors::open(&mut response);
    }
    response
}

/// Answers a stateless request of a client who is known.
pub(crate) async fn known(
    app: &App,
    head: &Request<()>,
    known: &Known,
    body: &[u8],
) -> Response<Body> {
    let serving = Box::pin(endpoint::known::serve(app, head, known, body));
    let mut response = match caught(serving).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => error.answer(),
        Err(Panicked) => Failure::Bug(PANICKED).answer(),
    };
    if is_of_page(head.headers()) {
        cors::open(&mut response);
    }
    response
}

/// Whether a page in a browser sent a request.
fn is_of_page(fields: &HeaderMap) -> bool {
    fields.contains_key(header::ORIGIN)
}

async fn serve(app: &App, request: Request<Sent>, path: &str) -> Response<Body> {
    #[cfg(feature = "faults")]
    platform::panics::panic_if_asked(
        "front",
        request
            .headers()
            .get("accept")
            .map_or(b"", |accept| accept.as_bytes()),
    );
    match (request.method(), path) {
        (_, "/mcp") => match Box::pin(endpoint::serve(app, request)).await {
            Ok(response) => response,
            Err(error) => error.answer(),
        },
        (_, path) if http_sse::has(path) => {
            if !app.config.http_sse {
                body::discard(request.into_body()).await;
                return answer::empty(StatusCode::NOT_FOUND);
            }
            match http_sse::serve(app, request).boxed_local().await {
                Ok(response) => response,
                Err(error) => error.answer(),
            }
        }
        (&Method::GET | &Method::HEAD, path) => {
            let reached = host::reached(&app.config.public_origin, &request);
            let found = metadata::at(app, reached, path);
            found.unwrap_or_else(|| answer::empty(StatusCode::NOT_FOUND))
        }
        _ => answer::not_allowed("GET, HEAD, OPTIONS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_endpoints_is_passed_on() {
        for path in [
            "/mcp",
            "/sse",
            "/messages",
            "/.well-known/oauth-protected-resource/mcp",
        ] {
            assert!(is_ours(path), "{path}");
        }
        for path in [
            "/",
            "/token",
            "/account",
            "/mcp/x",
            "/.well-known/jwks.json",
        ] {
            assert!(!is_ours(path), "{path}");
        }
    }
}
