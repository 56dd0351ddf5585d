//! Events of the platform, each answered by a future.
//!
//! A future's first step is taken while the platform waits for the answer: what needs
//! nothing of anybody else is answered without a promise. The steps after that are taken
//! where what they wait for arrives, before anything else happens. `wasm-bindgen-futures`
//! makes a promise and three functions for each event, and a microtask for each step
//! (`docs/performance.md`).

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use worker::Error;
use worker::js_sys::Promise;
use worker::wasm_bindgen::prelude::Closure;
use worker::wasm_bindgen::{self, JsCast, JsValue};

use crate::clock;
use crate::panics::{Panicked, caught};

/// What the platform is answered: a value, or an exception.
pub type Answered = Result<JsValue, JsValue>;

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/served.js"
)]
extern "C" {
    fn soon(task: &Closure<dyn FnMut()>);
}

#[wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
extern "C" {
    /// A promise with what settles it.
    type Promised;

    #[wasm_bindgen(method, getter)]
    fn promise(this: &Promised) -> JsValue;

    #[wasm_bindgen(method)]
    fn resolve(this: &Promised, value: &JsValue);

    #[wasm_bindgen(method)]
    fn reject(this: &Promised, error: &JsValue);
}

thread_local! {
    static UNDER_WAY: RefCell<UnderWay> = RefCell::default();
    static STEPS: Closure<dyn FnMut()> = Closure::wrap_assert_unwind_safe(Box::new(take_steps));
}

#[derive(Default)]
struct UnderWay {
    last: u32,
    events: HashMap<u32, Event>,
    /// Those that can go on.
    woken: VecDeque<Arc<Number>>,
    /// Whether somebody is about to take their next steps.
    is_seen_to: bool,
}

/// An event that is not answered yet.
struct Event {
    work: LocalBoxFuture<'static, Result<Answered, Panicked>>,
    promised: Promised,
}

/// What wakes the event of that number. When nobody has it any more, the event can never
/// go on: its client has left, for one. So what it keeps is given up then.
struct Number(u32);

impl Wake for Number {
    fn wake(self: Arc<Self>) {
        let nobody_sees_to_it = UNDER_WAY.with_borrow_mut(|all| {
            all.woken.push_back(self);
            !std::mem::replace(&mut all.is_seen_to, true)
        });
        if nobody_sees_to_it {
            STEPS.with(soon);
        }
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // Its work may wake others when it is dropped, so that comes after the borrow.
        let given_up = UNDER_WAY.with_borrow_mut(|all| all.events.remove(&self.0));
        drop(given_up);
    }
}

/// Answers an event: at once, if that takes one step, and else with a promise. If the
/// work panics, the answer is an exception.
pub fn served(work: LocalBoxFuture<'static, Answered>) -> Answered {
    let mut work = caught(work).boxed_local();
    let number = UNDER_WAY.with_borrow_mut(|all| {
        all.last = all.last.wrapping_add(1);
        Arc::new(Number(all.last))
    });
    if let Poll::Ready(answered) = step(&mut work, &number) {
        return settled(answered);
    }
    let promised: Promised = Promise::with_resolvers::<JsValue, JsValue>().unchecked_into();
    let promise = promised.promise();
    keep(&number, Event { work, promised });
    Ok(promise)
}

fn step<T>(work: &mut LocalBoxFuture<'static, T>, number: &Arc<Number>) -> Poll<T> {
    let waker = Waker::from(Arc::clone(number));
    clock::stopped(|| work.poll_unpin(&mut Context::from_waker(&waker)))
}

fn keep(number: &Number, event: Event) {
    UNDER_WAY.with_borrow_mut(|all| all.events.insert(number.0, event));
}

/// Wakes events, and takes their next steps before this returns.
pub(crate) fn going_on(wake: impl FnOnce()) {
    UNDER_WAY.with_borrow_mut(|all| all.is_seen_to = true);
    wake();
    take_steps();
}

/// Takes the next step of each event that can go on.
fn take_steps() {
    while let Some((number, mut event)) = next() {
        match step(&mut event.work, &number) {
            Poll::Pending => keep(&number, event),
            Poll::Ready(answered) => match settled(answered) {
                Ok(value) => event.promised.resolve(&value),
                Err(error) => event.promised.reject(&error),
            },
        }
    }
}

fn next() -> Option<(Arc<Number>, Event)> {
    loop {
        let (number, event) = UNDER_WAY.with_borrow_mut(|all| {
            let woken = all.woken.pop_front();
            all.is_seen_to = woken.is_some();
            let number = woken?;
            let event = all.events.remove(&number.0);
            Some((number, event))
        })?;
        // One that is woken after its end is not there any more.
        if let Some(event) = event {
            return Some((number, event));
        }
    }
}

fn settled(answered: Result<Answered, Panicked>) -> Answered {
    answered.unwrap_or_else(|panicked| Err(Error::from(panicked).into()))
}
