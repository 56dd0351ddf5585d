//! Callers who are remembered: a message of a session that comes with the same fields as
//! one before goes to the object that was found for that, and its answer to the client,
//! without a look at either here. An answer with a meaning of its own comes back here, and
//! goes the way that it would have gone. A stateless request is served with what is
//! [`known`] of its client.

use std::cell::Cell;
use std::rc::Rc;

use http::Request;
use jiff::{SignedDuration, Timestamp};
use mcp::limits::BODY_BYTES_MAX;
use platform::hop::Answer;
use platform::served::Answered;
use platform::{clock, incoming};
use worker::send::SendWrapper;
use worker::wasm_bindgen::prelude::Closure;
use worker::wasm_bindgen::{self, JsCast, JsValue};
use worker::{Env, web_sys};

use super::caller::Caller;
use super::known;
use crate::Had;
use crate::error::{Error, doing};

/// How long a caller is remembered: what is decided of them anew after that is whether
/// the keys still stand that their token and their session's id are made with.
const REMEMBERED_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What takes an answer that has a meaning of its own: its request, the bindings, when the
/// request came, whether there is an answer, and that or what failed.
type Judge = dyn FnMut(web_sys::Request, JsValue, f64, bool, JsValue) -> Answered;

/// What serves a stateless request of a client who is known: the id of what is known, the
/// request, the bindings, and the body.
type Know = dyn FnMut(u64, web_sys::Request, JsValue, Vec<u8>) -> Answered;

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/endpoint/remembered.js"
)]
extern "C" {
    #[wasm_bindgen(js_name = answer)]
    fn answer_of(
        request: &web_sys::Request,
        env: &Env,
        judge: &Closure<Judge>,
        know: &Closure<Know>,
    ) -> JsValue;

    fn remember_session(
        request: &web_sys::Request,
        until: f64,
        bytes_max: f64,
        binding: &str,
        name: &str,
        url: &str,
        head: &str,
    );

    fn remember_stateless(
        request: &web_sys::Request,
        until: f64,
        bytes_max: f64,
        id: u64,
    ) -> Option<u64>;

    fn forget();
}

thread_local! {
    static JUDGE: Closure<Judge> = Closure::wrap_assert_unwind_safe(Box::new(judge));
    static KNOW: Closure<Know> = Closure::wrap_assert_unwind_safe(Box::new(know));
    static FORGOTTEN: Cell<u64> = const { Cell::new(0) };
}

/// How often all was forgotten. What was decided before the last time is not remembered
/// after it.
pub(super) fn forgotten() -> u64 {
    FORGOTTEN.get()
}

/// What an object answered to a request that was passed on already.
#[derive(Debug, Clone)]
pub(crate) struct CameBack {
    at: Timestamp,
    answer: SendWrapper<Result<web_sys::Response, JsValue>>,
}

/// The answer to a request of a caller who is remembered.
pub(crate) fn served(request: &web_sys::Request, env: &Env) -> Option<JsValue> {
    let answered = JUDGE.with(|judge| KNOW.with(|know| answer_of(request, env, judge, know)));
    (!answered.is_undefined()).then_some(answered)
}

/// Remembers where a request went, if nothing has to be asked about its caller.
pub(super) fn keep_session(head: &Request<()>, caller: &Caller, to: To<'_>) {
    if let Some((request, until)) = for_a_while(head, caller) {
        let (until, bytes_max) = (millis(until), bytes_max());
        remember_session(
            request, until, bytes_max, to.binding, to.name, to.url, to.head,
        );
    }
}

/// Remembers what was decided of a stateless client, under the same condition. One that is
/// known is remembered already.
pub(super) fn keep_stateless(head: &Request<()>, caller: &Rc<Caller>) {
    if known::has(head) {
        return;
    }
    // It is not worth an error: it will be decided again.
    if let (Some((request, until)), Ok(id)) = (for_a_while(head, caller), known::new_id()) {
        let replaced = remember_stateless(request, millis(until), bytes_max(), id);
        if let Some(replaced) = replaced {
            known::keep(id, replaced, head, caller, until);
        }
    }
}

/// The request as it came and how long its caller may be remembered, if that may be.
fn for_a_while<'a>(
    head: &'a Request<()>,
    caller: &Caller,
) -> Option<(&'a web_sys::Request, Timestamp)> {
    let now = clock::now();
    known::forget_ended(now);
    let holds = caller.has_token && caller.forgotten == forgotten();
    let request = incoming::came(head).filter(|_| holds)?;
    Some((request, caller.expires.min(now + REMEMBERED_MAX)))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 are below 2^53"
)]
fn millis(at: Timestamp) -> f64 {
    at.as_millisecond() as f64
}

#[expect(clippy::cast_precision_loss, reason = "some megabytes are below 2^53")]
const fn bytes_max() -> f64 {
    BODY_BYTES_MAX as f64
}

/// Where a request goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) binding: &'a str,
    pub(super) name: &'a str,
    pub(super) url: &'a str,
    /// Its verb and its fields, as JSON.
    pub(super) head: &'a str,
}

/// Nobody is remembered any more.
pub(crate) fn forget_all() {
    FORGOTTEN.set(forgotten() + 1);
    forget();
    known::forget_all();
}

/// When the request came: who may do it may still do it when its answer comes back.
pub(super) fn arrived(head: &Request<()>) -> Timestamp {
    let back = head.extensions().get::<CameBack>();
    back.map_or_else(clock::now, |back| back.at)
}

/// The answer, if the request was passed on already.
pub(super) fn came_back(head: &Request<()>) -> Option<Result<Answer, Error>> {
    let CameBack { answer, .. } = head.extensions().get()?;
    let failed = |error: JsValue| doing("asking a session's object")(error.into());
    Some((**answer).clone().map(Answer::from).map_err(failed))
}

fn judge(
    request: web_sys::Request,
    env: JsValue,
    at: f64,
    is_good: bool,
    answer: JsValue,
) -> Answered {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole milliseconds since 1970 are below 2^53"
    )]
    let at = Timestamp::from_millisecond(at as i64).unwrap_or(Timestamp::UNIX_EPOCH);
    let answer = if is_good {
        Ok(answer.unchecked_into())
    } else {
        Err(answer)
    };
    let answer = SendWrapper::new(answer);
    let came_back = CameBack { at, answer };
    crate::serve(request, env.unchecked_into(), Had::Answer(came_back))
}

fn know(id: u64, request: web_sys::Request, env: JsValue, body: Vec<u8>) -> Answered {
    let env = env.unchecked_into();
    match known::of(id, clock::now()) {
        Some(known) if body.len() <= BODY_BYTES_MAX => {
            crate::serve_known(request, env, known, body)
        }
        // It was forgotten meanwhile, or is too large: it goes the ordinary way.
        _ => crate::serve(request, env, Had::Body(body)),
    }
}
