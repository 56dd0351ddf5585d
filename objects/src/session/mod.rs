//! `SessionObject`: one session, as `mcp::session` decides and SQLite keeps.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

mod diagnostics;
mod http_sse;
mod judged;
mod message;
mod perform;
mod reply;
mod retention;
mod rows;
mod running;
mod taking_up;
mod task;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::FutureExt;
use futures_util::future::AbortHandle;
use futures_util::lock::Mutex;
use mcp::NameKey;
use mcp::bridge::{self, Window};
use mcp::event_id::{EventId, StreamId};
use mcp::session::{CallId, Input, Session};
use mcp::tool::Change;
use platform::leases::Leases;
use platform::panics::{Panicked, caught};
use platform::quota::{PERMITS_HELD, Permits};
use platform::served::{Answered, served};
use platform::session::{Arrived, Diagnostics, Presented, Serving, wire};
use platform::{answer, clock, json, keys, tools};
use serde::Serialize;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{self, JsValue};
use worker::web_sys::{self, Response};
use worker::worker_sys::DurableObjectState;
use worker::{Env, Result, State, console_error};

use crate::config;
use message::Came;
use reply::Reply;
use rows::Table;

/// The object of one session.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
#[derive(Debug)]
pub struct SessionObject {
    inner: Rc<Inner>,
    serving: Serving,
}

#[derive(Debug)]
struct Inner {
    state: State,
    env: Env,
    /// The session; none before it is taken up, and again after an effect failed, so that
    /// it is read anew from what is stored.
    session: RefCell<Option<Session>>,
    taking_up: taking_up::TakingUp,
    /// What the last message came with, which nearly always the next does, too, and as
    /// what field.
    presented: RefCell<Option<(String, Rc<Presented>)>>,
    /// Requests that wait for what their call brings first.
    waiting: RefCell<HashMap<CallId, oneshot::Sender<Reply>>>,
    /// Calls that can be stopped.
    aborts: RefCell<HashMap<CallId, AbortHandle>>,
    /// Calls on one state of the session run one after another.
    turns: RefCell<HashMap<String, Rc<Mutex<()>>>>,
    /// Whoever tells the hubs what the session wants.
    telling_hubs: Mutex<()>,
    /// Calls taken from the user's quota and not spent yet.
    leases: Leases,
    /// What calls have while they run, where that is bounded.
    permits: Permits,
    rows: rows::Rows,
    counters: diagnostics::Counters,
    /// How much is on its way over each stream's socket.
    windows: RefCell<HashMap<StreamId, Window>>,
}

/// After a panic nothing in memory is used again: see `settled`.
impl std::panic::RefUnwindSafe for SessionObject {}

/// What the platform calls. `worker` has a macro for it, which takes a promise for each
/// event (`platform::served`).
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
impl SessionObject {
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let state = State::from(state);
        let inner = Rc::new(Inner {
            rows: rows::Rows::of(state.storage()),
            permits: Permits::of_object(wire::SESSIONS, &state.id()),
            state,
            env,
            session: RefCell::new(None),
            taking_up: taking_up::TakingUp::default(),
            presented: RefCell::default(),
            waiting: RefCell::default(),
            aborts: RefCell::default(),
            turns: RefCell::default(),
            telling_hubs: Mutex::default(),
            leases: Leases::default(),
            counters: diagnostics::Counters::default(),
            windows: RefCell::default(),
        });
        let serves = Rc::clone(&inner);
        let serving = Serving::new(move |arrived| {
            serves.event(async move |inner| {
                let answered = inner.asked_for(arrived).await;
                answered.map(JsValue::from)
            })
        });
        Self { inner, serving }
    }

    pub fn fetch(&self, request: &web_sys::Request) -> Answered {
        config::check(&self.inner.env)?;
        self.serving.answer(request)
    }

    pub fn alarm(&self) -> Answered {
        self.inner.event(async |inner| {
            if inner.is_there().await? {
                inner.happened(Input::Alarm).await?;
            } else {
                inner.clear_away().await?;
            }
            Ok(JsValue::UNDEFINED)
        })
    }

    /// The front Worker says how far it has written.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn websocket_message(&self, _: web_sys::WebSocket, said: JsValue) -> Answered {
        self.inner.event(async move |inner| {
            inner.heard(said.as_string()).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// The client went away, or the socket broke. That ends nothing but the
    /// socket (L-SSE-02), unless the session is bound to it (S24-05).
    #[wasm_bindgen(js_name = webSocketClose)]
    pub fn websocket_close(&self, socket: &web_sys::WebSocket, code: u16) -> Answered {
        // The other side may have closed it completely by now.
        let _ = socket.close_with_code_and_reason(1000, "closed");
        self.inner.event(async move |inner| {
            inner.lost(code).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// As for one that is closed; the runtime says no code.
    #[wasm_bindgen(js_name = webSocketError)]
    pub fn websocket_error(&self) -> Answered {
        self.inner.event(async |inner| {
            inner.lost(0).await?;
            Ok(JsValue::UNDEFINED)
        })
    }
}

impl Inner {
    /// Serves an event.
    fn event(
        self: &Rc<Self>,
        work: impl AsyncFnOnce(&Rc<Self>) -> Result<JsValue> + 'static,
    ) -> Answered {
        let inner = Rc::clone(self);
        served(Box::pin(async move {
            inner.counters.count();
            // In a box: it is moved several times before its first step.
            let done = inner.settled(Box::pin(work(&inner))).await;
            done.map_err(JsValue::from)
        }))
    }

    /// Answers one request to the object.
    async fn asked_for(self: &Rc<Self>, arrived: Arrived) -> Result<Response> {
        if arrived.path() == wire::PASSED {
            return self.passed(&arrived).await;
        }
        self.asked_otherwise(arrived).boxed_local().await
    }

    /// Answers one that is no client's POST.
    async fn asked_otherwise(self: &Rc<Self>, arrived: Arrived) -> Result<Response> {
        let inner = self;
        let path = arrived.path();
        if path == wire::POLICY {
            let revision = json::read(&arrived.body)?;
            inner.leases.tell(revision);
            inner.permits.tell(revision);
            return Reply::Done.into_response();
        }
        if path == PERMITS_HELD {
            return json_of(&inner.permits.held());
        }
        if path == wire::GIVE_WAY {
            return inner.give_way().await?.into_response();
        }
        if !inner.is_there_for(&arrived).await? {
            return Reply::Gone.into_response();
        }
        let reply = match path {
            wire::MESSAGE | wire::BATCHED => {
                let came = if path == wire::MESSAGE {
                    Came::HttpSse
                } else {
                    Came::Batched
                };
                if came == Came::HttpSse {
                    inner.stay_open(inner.presented(&arrived)?.until);
                }
                return inner.message(&arrived, came).await;
            }
            wire::DIAGNOSTICS => return inner.diagnostics().await,
            wire::LISTEN => inner.listen(arrived.last_event_id.as_deref()).await?,
            wire::ATTACH => inner.attach_anew(arrived.last_event_id.as_deref()).await?,
            wire::CHANGED => {
                let change: Change = json::read(&arrived.body)?;
                if change.is_list() {
                    tools::forget_catalog();
                }
                inner.happened(Input::Changed(&change)).await?
            }
            wire::END => {
                inner.happened(Input::Delete).await?;
                Reply::Done
            }
            _ => return answer::finished(404, &[], None),
        };
        reply.into_response()
    }

    async fn heard(self: &Rc<Self>, said: Option<String>) -> Result<()> {
        if let Some(text) = said
            && let Some(id) = bridge::acknowledged(&text)
            && self.is_there().await?
        {
            let (key, name) = (self.key()?, self.name()?);
            if let Some(written) = EventId::verify(&key, &name, id) {
                return self.acknowledged(written);
            }
        }
        Ok(())
    }

    /// Ends what happens to the object. After a panic, or after an effect that
    /// failed, the session is read anew from what is stored at once: that is what
    /// ends the streams of the calls that were stopped, whose clients would wait
    /// until something else wakes the object.
    async fn settled<T>(self: &Rc<Self>, work: impl Future<Output = Result<T>>) -> Result<T> {
        let done = caught(work).await.unwrap_or_else(|panicked| {
            self.drop_session();
            Err(panicked.into())
        });
        if done.is_err() {
            self.read_anew().boxed_local().await;
        }
        done
    }

    async fn read_anew(self: &Rc<Self>) {
        match caught(self.is_there()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => console_error!("reading a session anew: {error}"),
            // Not even this works: the next request tries again.
            Err(Panicked) => self.drop_session(),
        }
    }

    /// A `Last-Event-ID` that is not ours brings a plain new stream (§9 Q5).
    async fn listen(self: &Rc<Self>, last: Option<&str>) -> Result<Reply> {
        let key = self.key()?;
        let name = self.name()?;
        let last = last.and_then(|text| EventId::verify(&key, &name, text));
        self.happened(Input::Listen { last }).await
    }

    async fn attach_anew(self: &Rc<Self>, last: Option<&str>) -> Result<Reply> {
        let key = self.key()?;
        let name = self.name()?;
        match last.and_then(|text| EventId::verify(&key, &name, text)) {
            Some(last) => self.happened(Input::Attach { last }).await,
            None => Ok(Reply::Gone),
        }
    }

    /// One step of the machine and what follows from it, for the HTTP request
    /// at hand.
    async fn happened(self: &Rc<Self>, input: Input<'_>) -> Result<Reply> {
        let stepped = self.with_mut(|session| session.step(clock::now(), input))?;
        match stepped {
            Ok(effects) => self.perform(effects, None).await,
            Err(mcp::session::Ended) => Ok(Reply::Gone),
        }
    }

    async fn count_construction(&self) -> Result<()> {
        let storage = self.state.storage();
        self.counters.count_construction(&self.env, &storage).await
    }

    async fn diagnostics(&self) -> Result<Response> {
        let sockets = self.state.get_websockets().len();
        let told = Diagnostics {
            constructed: diagnostics::constructed(&self.state.storage()).await?,
            asked: self.counters.asked(),
            written: self.rows.written(),
            events: self.rows.count(Table::Event)?,
            streams: self.rows.count(Table::Stream)?,
            sockets: u64::try_from(sockets).unwrap_or(u64::MAX),
            bytes: self.rows.bytes(),
        };
        json_of(&told)
    }

    fn name(&self) -> Result<String> {
        self.with(|session| session.record().name.clone())
    }

    fn key(&self) -> Result<NameKey> {
        keys::names(&self.env)
    }

    fn with<T>(&self, read: impl FnOnce(&Session) -> T) -> Result<T> {
        self.session.borrow().as_ref().map(read).ok_or_else(gone)
    }

    fn with_mut<T>(&self, change: impl FnOnce(&mut Session) -> T) -> Result<T> {
        self.session
            .borrow_mut()
            .as_mut()
            .map(change)
            .ok_or_else(gone)
    }
}

fn json_of(value: &impl Serialize) -> Result<Response> {
    let fields = [("content-type", "application/json")];
    answer::finished(200, &fields, Some(&serde_json::to_vec(value)?))
}

/// The session was dropped from memory between two steps of one call.
fn gone() -> worker::Error {
    worker::Error::RustError("the session is not loaded".into())
}
