//! A request to a session's object, all of which is here.
//!
//! JavaScript waits for its body, so that a plain call is one step of the object: it needs
//! no promise of ours, nor anything that is kept for when the body comes
//! (`docs/performance.md`).

use worker::wasm_bindgen::prelude::Closure;
use worker::wasm_bindgen::{self, JsValue};
use worker::web_sys;

use crate::served::Answered;

/// A request to a session's object.
#[derive(Debug)]
pub struct Arrived {
    url: String,
    /// What [`super::wire::PRESENTED`] says.
    pub presented: Option<String>,
    /// What [`super::wire::LAST_EVENT_ID`] says.
    pub last_event_id: Option<String>,
    /// Its body; empty without one.
    pub body: Vec<u8>,
}

impl Arrived {
    /// Its path, one of [`super::wire`].
    pub fn path(&self) -> &str {
        let mut slashes = self.url.match_indices('/');
        let path = slashes.nth(2).and_then(|(at, _)| self.url.get(at..));
        path.unwrap_or("/")
    }
}

/// What serves the requests to an object.
#[derive(Debug)]
pub struct Serving(Closure<Serve>);

/// Of a URL, what was presented, the last event's id and a body.
type Serve = dyn Fn(String, Option<String>, Option<String>, Option<Vec<u8>>) -> Answered;

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/session/arrived.js"
)]
extern "C" {
    #[wasm_bindgen(catch)]
    fn arrived(request: &web_sys::Request, serve: &Closure<Serve>) -> Result<JsValue, JsValue>;
}

impl Serving {
    /// Serves each request like this.
    pub fn new(serve: impl Fn(Arrived) -> Answered + 'static) -> Self {
        let serve = move |url, presented, last_event_id, body: Option<Vec<u8>>| {
            serve(Arrived {
                url,
                presented,
                last_event_id,
                body: body.unwrap_or_default(),
            })
        };
        Self(Closure::wrap_assert_unwind_safe(Box::new(serve)))
    }

    /// Answers a request when all of it is here.
    pub fn answer(&self, request: &web_sys::Request) -> Answered {
        arrived(request, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_what_follows_the_host() {
        for (url, path) in [
            ("https://session/passed", "/passed"),
            ("https://object/policy", "/policy"),
            ("https://session", "/"),
            ("", "/"),
        ] {
            let arrived = Arrived {
                url: url.into(),
                presented: None,
                last_event_id: None,
                body: Vec::new(),
            };
            assert_eq!(arrived.path(), path, "{url}");
        }
    }
}
