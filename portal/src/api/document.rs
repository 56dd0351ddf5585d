//! `/api/v1/openapi.json`, and what refusals mean.

use std::cell::OnceCell;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use platform::answer::{self, Body};
use rest::openapi::{self, Deployment};
use rest::{Code, Problem};

use super::input::Input;
use super::{Answered, Refused, guarded, json};
use crate::app::App;

/// How long clients may keep the document, in seconds: a new version of the server
/// should be known soon.
const KEPT: &str = "max-age=300";

thread_local! {
    static TEXT: OnceCell<Bytes> = const { OnceCell::new() };
}

/// `GET /openapi.json`: made once by each isolate.
pub(super) fn show(app: &App) -> Response<Body> {
    let text = TEXT.with(|text| text.get_or_init(|| written(app)).clone());
    let mut response = guarded(answer::json_text(StatusCode::OK, text));
    let kept = HeaderValue::from_static(KEPT);
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}

/// `GET /problems/{code}`.
pub(super) fn problem(input: &Input) -> Answered {
    let code = Code::named(input.name()).ok_or_else(Refused::nothing)?;
    let words = "What `type` and `code` of a refusal mean; its own `detail` says what to do.";
    Ok(json(StatusCode::OK, &Problem::new(code, words)))
}

fn written(app: &App) -> Bytes {
    let document = openapi::document(Deployment {
        origin: app.config.public_origin.as_str(),
        cookie: &app.config.cookies.session,
        version: env!("CARGO_PKG_VERSION"),
    });
    Bytes::from(document.to_string())
}
