//! `TaskObject`: one task, as `mcp::task` decides and SQLite keeps.
//!
//! The call runs under the object's alarm, which the platform repeats after a
//! crash. Who may ask was decided before: a task's id is verified for its
//! owner's account without asking the object.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

mod rows;

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use ::quota::{Mark, Refused};
use futures_util::future::{AbortHandle, Abortable};
use mcp::task::{Effect, Input, Record, Task};
use mcp::tool::catalog::Entry;
use mcp::tool::{Change, Invocation, Outcome, Said};
use platform::account::{self, Held, Kind};
use platform::panics::caught;
use platform::quota::{self, Permits, Running, Spender};
use platform::records::Calling;
use platform::task::wire;
use platform::tools::{self, Caller};
use platform::{clock, hub, json};
use worker::{
    DurableObject, Env, Request, Response, ResponseBuilder, Result, ScheduledTime, State,
    WebSocket, WebSocketIncomingMessage, WebSocketPair, console_error, durable_object,
    wasm_bindgen,
};

/// How often a call stands in line before its task fails: two minutes, within the quarter
/// of an hour that an alarm may take (Cloudflare, "Alarms").
const LINES_MAX: u32 = 24;

/// The object of one task.
#[durable_object]
#[derive(Debug)]
pub struct TaskObject {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    env: Env,
    /// The task; none before it is made or loaded, and again after an effect
    /// failed, so that it is read anew from what is stored.
    task: RefCell<Option<Task>>,
    /// Stops the call that runs.
    abort: RefCell<Option<AbortHandle>>,
    /// Whether it has given way to a newer task; that may be said before it is
    /// made.
    gave_way: Cell<bool>,
    /// What the call has while it runs, where that is bounded.
    permits: Permits,
}

/// After a panic nothing in memory is used again: see `settled`.
impl std::panic::RefUnwindSafe for TaskObject {}

impl DurableObject for TaskObject {
    fn new(state: State, env: Env) -> Self {
        let permits = Permits::of_object(wire::TASKS, &state.id());
        Self {
            inner: Rc::new(Inner {
                state,
                env,
                task: RefCell::new(None),
                abort: RefCell::default(),
                gave_way: Cell::default(),
                permits,
            }),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.inner.settled(self.inner.asked_for(request)).await
    }

    /// The platform calls it again if it fails: a call that panicked is one that
    /// a restart cut off.
    async fn alarm(&self) -> Result<Response> {
        self.inner.settled(self.inner.woken()).await
    }

    /// A listener has nothing to say.
    async fn websocket_message(&self, _: WebSocket, _: WebSocketIncomingMessage) -> Result<()> {
        Ok(())
    }

    async fn websocket_close(&self, socket: WebSocket, _: usize, _: String, _: bool) -> Result<()> {
        // The other side may have closed it completely by now.
        let _ = socket.close(Some(1000), Some("closed"));
        Ok(())
    }
}

impl Inner {
    /// Ends what happens to the object: after a panic, the task is read anew from
    /// what is stored, and what runs is stopped.
    async fn settled<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        caught(work).await.unwrap_or_else(|panicked| {
            self.task.replace(None);
            if let Some(abort) = self.abort.take() {
                abort.abort();
            }
            Err(panicked.into())
        })
    }

    /// Answers one request to the object.
    async fn asked_for(&self, mut request: Request) -> Result<Response> {
        let inner = self;
        let path = request.path();
        if path == quota::PERMITS_HELD {
            return Response::from_json(&inner.permits.held());
        }
        let body = request.bytes().await?;
        let there = inner.is_there()?;
        if path == wire::GIVE_WAY {
            inner.gave_way.set(true);
            if there {
                let effects = vec![Effect::Abort, Effect::Erase];
                inner.perform(effects).await?;
            }
            return Ok(empty(204));
        }
        if path == wire::CREATE && !there {
            let record: Record = json::read(&body)?;
            let (ledger, held) = counted(&record);
            account::begins(&inner.env, &ledger, &held).await?;
            if inner.gave_way.get() {
                return Ok(empty(404)); // so many were made at once
            }
            rows::create(&inner.state.storage().sql())?;
            let (task, effects) = Task::open(record);
            inner.task.replace(Some(task));
            inner.perform(effects).await?;
            return Ok(empty(204));
        }
        // One whose time is over is forgotten, also if its alarm is late.
        if !there || !inner.is_still_kept().await? {
            return Ok(empty(404));
        }
        match path.as_str() {
            wire::GET => {
                let record = inner.with(|task| task.record().clone())?;
                return Ok(ResponseBuilder::new()
                    .with_header("content-type", "application/json")?
                    .fixed(serde_json::to_vec(&record)?));
            }
            wire::LISTEN => return inner.attach(),
            wire::UPDATE => {
                let answers = json::read(&body)?;
                inner.happened(Input::Update(answers)).await?;
            }
            wire::CANCEL => {
                inner.happened(Input::Cancel).await?;
            }
            _ => return Ok(empty(409)), // this id is taken
        }
        Ok(empty(204))
    }

    async fn woken(&self) -> Result<Response> {
        if self.is_there()?
            && let Some(call) = self.happened(Input::Alarm).await?
        {
            let outcome = self.run(&call).await;
            // A call that was stopped has nothing to report.
            if let Some(outcome) = outcome {
                self.happened(Input::ToolFinished(outcome)).await?;
            }
        }
        Ok(empty(204))
    }

    /// Whether there is a task; loads it if it is not in memory.
    fn is_there(&self) -> Result<bool> {
        if self.task.borrow().is_some() {
            return Ok(true);
        }
        let stored = rows::load(&self.state.storage().sql())?;
        let there = stored.is_some();
        self.task.replace(stored.map(Task::restore));
        Ok(there)
    }

    async fn is_still_kept(&self) -> Result<bool> {
        if self.with(|task| clock::now() < task.record().expiry())? {
            return Ok(true);
        }
        self.perform(vec![Effect::Abort, Effect::Erase]).await?;
        Ok(false)
    }

    /// One step of the machine and what follows from it; gives the call to make,
    /// if there is one.
    async fn happened(&self, input: Input) -> Result<Option<Rc<Invocation>>> {
        let effects = match self.task.borrow_mut().as_mut() {
            Some(task) => task.step(clock::now(), input),
            None => return Ok(None), // it was forgotten meanwhile
        };
        self.perform(effects).await
    }

    /// Performs effects in order. If one fails, the task is read anew from what
    /// is stored.
    async fn perform(&self, effects: Vec<Effect>) -> Result<Option<Rc<Invocation>>> {
        let performed = self.perform_all(effects).await;
        if performed.is_err() {
            self.task.replace(None);
        }
        performed
    }

    async fn perform_all(&self, effects: Vec<Effect>) -> Result<Option<Rc<Invocation>>> {
        let storage = self.state.storage();
        let mut call = None;
        for effect in effects {
            match effect {
                Effect::Save(record) => rows::save(&storage.sql(), &record)?,
                Effect::WakeAt(at) => {
                    storage
                        .set_alarm(ScheduledTime::new(clock::js_date(at)))
                        .await?;
                }
                Effect::Invoke(invocation) => call = Some(Rc::from(invocation)),
                Effect::Abort => {
                    if let Some(abort) = self.abort.borrow_mut().take() {
                        abort.abort();
                    }
                }
                Effect::Tell => self.tell()?,
                Effect::Publish(changes) => self.publish(&changes).await?,
                Effect::Over => self.tell_account(false)?,
                Effect::Erase => {
                    self.tell_account(true)?;
                    for socket in self.state.get_websockets() {
                        let _ = socket.close(Some(1000), Some("the task is forgotten"));
                    }
                    storage.delete_alarm().await?;
                    storage.delete_all().await?;
                    self.task.replace(None);
                }
            }
        }
        Ok(call)
    }

    /// Makes the call; nothing comes of one that is stopped.
    async fn run(&self, invocation: &Rc<Invocation>) -> Option<Outcome> {
        let (abort, registration) = AbortHandle::new_pair();
        self.abort.replace(Some(abort));
        let outcome = Abortable::new(self.call(invocation), registration).await;
        self.abort.replace(None);
        match outcome {
            Ok(Ok(outcome)) => Some(outcome),
            Ok(Err(error)) => {
                console_error!("{} as a task: {error}", invocation.target.method());
                Some(Outcome::unreachable())
            }
            Err(futures_util::future::Aborted) => None,
        }
    }

    async fn call(&self, invocation: &Rc<Invocation>) -> Result<Outcome> {
        let principal = self.with(|task| task.record().principal.clone())?;
        let found = tools::find(&self.env, &invocation.target, &principal.scopes).await?;
        let Some(entry) = found else {
            return Ok(Outcome::Failed(invocation.target.unknown()));
        };
        let caller = Caller {
            principal: &principal,
            session: None,
            session_state: None,
            left: None,
        };
        let calling = Calling::begins(&self.env, &entry, invocation, &principal, None);
        let outcome = match Box::pin(self.permit(&principal.ledger, &entry)).await? {
            Ok(running) => {
                let ran = self.run_once(&entry, invocation, caller);
                let ran = quota::while_permitted(running.as_ref(), pin!(ran)).await;
                ran.unwrap_or_else(|| Ok(Outcome::unreachable()))?
            }
            Err(refused) => Outcome::Failed(quota::too_many_calls(&refused)),
        };
        calling.ended(&outcome, 0);
        Ok(outcome)
    }

    /// Nobody waits for a task as for an answer: it stands in line again and again.
    async fn permit(
        &self,
        account: &str,
        entry: &Entry,
    ) -> Result<std::result::Result<Option<Running>, Refused>> {
        let spender = Spender {
            account,
            grant: None, // whoever made the task was asked already
            session: None,
            mark: Mark::default(),
        };
        let family = quota::cost_of(entry)?.family;
        let mut permit = self.permits.start(&self.env, spender, &family).await?;
        for _ in 1..LINES_MAX {
            if permit.is_ok() {
                break;
            }
            permit = self.permits.start(&self.env, spender, &family).await?;
        }
        Ok(permit)
    }

    async fn run_once(
        &self,
        entry: &Entry,
        invocation: &Rc<Invocation>,
        caller: Caller<'_>,
    ) -> Result<Outcome> {
        let answer = tools::call(&self.env, entry, invocation, caller).await?;
        let messages = match answer.ended() {
            Ok(outcome) => return Ok(outcome),
            Err(messages) => messages,
        };
        // A task has no progress and no logs (T-07).
        let last = tools::whole(messages).await;
        Ok(match last.as_deref().map(Said::read) {
            Some(Said::Finished(outcome)) => outcome,
            Some(Said::Notification { .. }) => Outcome::garbage(),
            None => Outcome::unreachable(),
        })
    }

    fn attach(&self) -> Result<Response> {
        let pair = WebSocketPair::new()?;
        self.state.accept_web_socket(&pair.server);
        Ok(ResponseBuilder::new()
            .with_status(101)
            .with_websocket(pair.client)
            .empty())
    }

    fn tell(&self) -> Result<()> {
        let sockets = self.state.get_websockets();
        if sockets.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_string(&self.with(|task| task.record().detailed())?)?;
        for socket in sockets {
            // One that is closing misses it: nothing is promised (M-SUB-05).
            let _ = socket.send_with_str(&text);
        }
        Ok(())
    }

    /// Tells the account, without waiting, that the task is over or gone. One
    /// that gave way is not in its index any more.
    fn tell_account(&self, gone: bool) -> Result<()> {
        if self.gave_way.get() {
            return Ok(());
        }
        let (ledger, held) = self.with(|task| counted(task.record()))?;
        let env = self.env.clone();
        self.state.wait_until(async move {
            let told = if gone {
                account::gone(&env, &ledger, &held).await
            } else {
                account::over(&env, &ledger, &held).await
            };
            if let Err(error) = told {
                console_error!("telling an account of its task: {error}");
            }
        });
        Ok(())
    }

    async fn publish(&self, changes: &[Change]) -> Result<()> {
        let account = self.with(|task| task.record().principal.account.clone())?;
        hub::publish(&self.env, &account, changes).await
    }

    fn with<T>(&self, read: impl FnOnce(&Task) -> T) -> Result<T> {
        let task = self.task.borrow();
        let gone = || worker::Error::RustError("the task is not loaded".into());
        task.as_ref().map(read).ok_or_else(gone)
    }
}

/// What counts the task, and as what.
fn counted(record: &Record) -> (String, Held) {
    let held = Held {
        kind: Kind::Task,
        name: record.name().to_owned(),
    };
    (record.principal.ledger.clone(), held)
}

fn empty(status: u16) -> Response {
    ResponseBuilder::new().with_status(status).empty()
}
