//! Waiting for promises, with few steps between JavaScript and wasm.
//!
//! `JsFuture` makes two functions for each promise, and has JavaScript watch both to be
//! cleaned up; here all promises of an isolate share one, which is told which of them
//! has settled (`docs/performance.md`).

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use worker::js_sys::Promise;
use worker::wasm_bindgen::prelude::Closure;
use worker::wasm_bindgen::{self, JsValue};

use crate::served;

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/served.js"
)]
extern "C" {
    fn settle(
        promise: &Promise,
        number: u32,
        settled: &Closure<dyn FnMut(u32, Option<bool>, JsValue)>,
    );
}

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
    static SETTLED: Closure<dyn FnMut(u32, Option<bool>, JsValue)> =
        Closure::wrap_assert_unwind_safe(Box::new(settled));
}

#[derive(Default)]
struct Waiting {
    last: u32,
    promised: HashMap<u32, Promised>,
}

enum Promised {
    Waited(Option<Waker>),
    Settled(Result<JsValue, JsValue>),
}

/// What a promise brings. If this is dropped before, nobody waits for it.
#[derive(Debug)]
pub(crate) struct Awaited(u32);

impl Awaited {
    pub(crate) fn of(promise: &Promise) -> Self {
        let number = WAITING.with_borrow_mut(|waiting| {
            waiting.last = waiting.last.wrapping_add(1);
            let waited = Promised::Waited(None);
            waiting.promised.insert(waiting.last, waited);
            waiting.last
        });
        SETTLED.with(|settled| settle(promise, number, settled));
        Self(number)
    }
}

impl Future for Awaited {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        WAITING.with_borrow_mut(|waiting| {
            let number = self.0;
            match waiting.promised.remove(&number) {
                Some(Promised::Settled(came)) => Poll::Ready(came),
                Some(Promised::Waited(_)) | None => {
                    let waker = Some(context.waker().clone());
                    waiting.promised.insert(number, Promised::Waited(waker));
                    Poll::Pending
                }
            }
        })
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        // What was waited for is dropped after the borrow: it may wait for others itself.
        let dropped = WAITING.with_borrow_mut(|waiting| waiting.promised.remove(&self.0));
        drop(dropped);
    }
}

/// The promise of that number is good, has failed or, if there is nothing to say, never
/// settles: its event has ended without an answer. Then nobody is woken, and what waits
/// for nothing else is given up.
fn settled(number: u32, is_good: Option<bool>, value: JsValue) {
    let waited = WAITING.with_borrow_mut(|waiting| {
        // Without a place, nobody waits any more.
        let came = match is_good {
            Some(true) => Ok(value),
            Some(false) => Err(value),
            None => return waiting.promised.remove(&number),
        };
        let place = waiting.promised.get_mut(&number)?;
        Some(std::mem::replace(place, Promised::Settled(came)))
    });
    if let (Some(_), Some(Promised::Waited(Some(waker)))) = (is_good, waited) {
        served::going_on(|| waker.wake());
    }
}
