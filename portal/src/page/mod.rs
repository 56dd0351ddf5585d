//! Pages for people: the `web` crate's documents with the fields that keep
//! them from being framed, cached or scripted.

mod problem;
mod query;

pub(crate) use problem::Problem;
pub(crate) use query::with_query;

use http::header::{self, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use platform::answer::{self, Body};
use web::{
    ASSET_CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_OF_CHARTS, StartPage,
};

use crate::app::App;

/// What every page is sent with.
///
/// There is no `Cross-Origin-Opener-Policy`: clients that open us in a window
/// wait for it by its opener.
const FIELDS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// A page.
pub(crate) fn html(status: StatusCode, text: String) -> Response<Body> {
    let body = Body::Bytes(text.into());
    guarded(answer::with(status, Some("text/html; charset=utf-8"), body))
}

/// A page with charts, which scripts of ours draw.
pub(crate) fn html_with_chart(status: StatusCode, text: String) -> Response<Body> {
    let mut page = html(status, text);
    page.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY_OF_CHARTS),
    );
    page
}

/// Sends the browser on. 303, so that a form's fields are not sent along
/// (RFC 9700 section 4.12).
pub(crate) fn redirect(to: &str) -> Response<Body> {
    let mut response = guarded(answer::empty(StatusCode::SEE_OTHER));
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
        return response;
    }
    // Every URL we redirect to was checked to be plain ASCII.
    answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Adds a cookie to an answer.
pub(crate) fn set_cookie(response: &mut Response<Body>, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Tells a person what happened and what to do.
pub(crate) fn problem(problem: &Problem) -> Response<Body> {
    let page = problem.page();
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    html(status, page.render())
}

/// `GET /`: what this is, and how to connect to it.
pub(crate) async fn start(app: &App) -> Response<Body> {
    // While the tool Workers cannot be asked, a login is what a client meets.
    let catalog = platform::tools::catalog(&app.env).await;
    let page = StartPage {
        public: catalog.is_ok_and(|catalog| catalog.is_public()),
        origin: app.config.public_origin.as_str().to_owned(),
        mcp_url: app.config.public_origin.resource(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    html(StatusCode::OK, page.render())
}

/// `GET /assets/…`: what the pages ask for.
pub(crate) fn asset(path: &str) -> Option<Response<Body>> {
    let asset = web::asset(path)?;
    let body = Body::Bytes(bytes::Bytes::from_static(asset.body.as_bytes()));
    let mut response = answer::with(StatusCode::OK, Some(asset.content_type), body);
    let fields = response.headers_mut();
    fields.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(ASSET_CACHE_CONTROL),
    );
    fields.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Some(response)
}

fn guarded(mut response: Response<Body>) -> Response<Body> {
    for (name, value) in FIELDS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
