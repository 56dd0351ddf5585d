//! Effects become deeds: one `match`, one arm per effect.

use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use mcp::bridge::{Frame, TAKEN_OVER, Window};
use mcp::era::Refusal;
use mcp::event_id::{EventId, Seq, StreamId};
use mcp::permission::Permission;
use mcp::reply;
use mcp::session::{CallId, Effect, Event, Session};
use mcp::tool::Change;
use mcp::tool::catalog::Place;
use mcp::{ErrorCode, RequestId};
use oauth::role::Bound;
use platform::account;
use platform::session::At;
use platform::{hub, tools};
use quota::Refused;
use serde::{Deserialize, Serialize};
use worker::{Result, WebSocket, WebSocketPair, console_error};

use super::Inner;
use super::reply::Reply;
use super::running::Run;

/// The call whose running brought the effects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cause<'a> {
    pub(super) call: CallId,
    /// The family of the state it works on.
    pub(super) family: Option<&'a str>,
    /// Why it could not start, if too many ran.
    pub(super) beyond: Option<&'a Refused>,
}

impl Inner {
    /// Performs effects in order. What they answer goes to the HTTP request at
    /// hand, or to the one that waits for the call that caused them. If one
    /// fails, the session is read anew from what is stored.
    pub(super) async fn perform(
        self: &Rc<Self>,
        effects: Vec<Effect>,
        cause: Option<Cause<'_>>,
    ) -> Result<Reply> {
        match self.perform_all(effects, cause).await {
            Ok(reply) => Ok(reply),
            Err(error) => {
                self.drop_session();
                Err(error)
            }
        }
    }

    /// The session is read anew from what is stored. Its restored machine takes
    /// it that nothing runs, and numbers calls anew: so what runs is stopped,
    /// or its answer would go to another call, and who waits for it is told.
    pub(super) fn drop_session(&self) {
        self.session.replace(None);
        for (_, call) in self.aborts.borrow_mut().drain() {
            call.abort();
        }
        let words = "the session failed during the call; whether the tool finished is unknown";
        let text = reply::error(None, &reply::fault(ErrorCode::INTERNAL_ERROR, words));
        for (_, waiting) in self.waiting.borrow_mut().drain() {
            let failed = Reply::Refused {
                status: 500,
                text: text.clone(),
            };
            // The request may be gone with its client.
            let _ = waiting.send(failed);
        }
    }

    async fn perform_all(
        self: &Rc<Self>,
        effects: Vec<Effect>,
        cause: Option<Cause<'_>>,
    ) -> Result<Reply> {
        let mut reply = None;
        let mut waits_for = None;
        let mut begun = None;
        // What is seldom done is a future of its own, which is not compiled for the rest.
        for effect in effects {
            if self.taking_up.is_over() {
                return Ok(Reply::Gone); // it ended while something was waited for
            }
            match effect {
                Effect::Answer(text) => {
                    let beyond = cause.and_then(|cause| cause.beyond.cloned());
                    reply = Some(match beyond {
                        Some(refused) => Reply::Beyond { text, refused },
                        None => Reply::Json(text),
                    });
                }
                Effect::Accept => reply = Some(Reply::Accepted),
                Effect::List { id, place } => reply = Some(Reply::List { id, place }),
                Effect::NothingFollows => {
                    reply = Some(Reply::refused(&Refusal::nothing_follows()));
                }
                Effect::Begin { at, primed } => {
                    reply = Some(Reply::Begun {
                        at: self.event_id(at)?,
                        primed,
                    });
                }
                Effect::Attach { at, primed } => reply = Some(self.attach(at, primed)?),
                Effect::Replay { stream, after } => self.replay(stream, after)?,
                Effect::Emit(event) => {
                    self.rows.append(&event)?;
                    self.send(&event)?;
                }
                Effect::End(stream) | Effect::LetGo(stream) => self.end_stream(stream),
                Effect::Subscribe { resources } => {
                    self.subscribe(resources).boxed_local().await?;
                }
                Effect::Publish(changes) => self.publish(changes)?,
                Effect::Invoke { call, invocation } => {
                    let (sender, receiver) = oneshot::channel();
                    self.waiting.borrow_mut().insert(call, sender);
                    let run = Rc::clone(self).run(call, invocation, Run::First);
                    begun = Some(run.boxed_local());
                    waits_for = Some(receiver);
                }
                Effect::InvokeAgain { call, invocation } => {
                    self.state
                        .wait_until(Rc::clone(self).run(call, invocation, Run::Again));
                }
                Effect::BeginTask { id, invocation } => {
                    let begun = self.begin_task(&id, *invocation).boxed_local().await;
                    reply = Some(Reply::Json(or_failed(&id, begun)));
                }
                Effect::Task { id, task, cancel } => {
                    let shown = self.show_task(&id, &task, cancel).boxed_local().await;
                    reply = Some(Reply::Json(or_failed(&id, shown)));
                }
                Effect::ListTasks(id) => {
                    let listed = self.list_tasks(&id).boxed_local().await;
                    reply = Some(Reply::Json(or_failed(&id, listed)));
                }
                Effect::Abort(call) => self.abort(call),
                Effect::SaveState { value, .. } => {
                    if let Some(family) = cause.and_then(|cause| cause.family) {
                        self.rows.save_tool_state(family, &value)?;
                    }
                }
                Effect::Used => self.tell_of_use()?,
                Effect::SaveRecord(record) => self.rows.save_record(&record).await?,
                Effect::SaveStream(stream) => self.rows.save_stream(&stream)?,
                Effect::Prune(through) => self.rows.prune(through)?,
                Effect::WakeAt(at) => self.rows.wake_at(at).await?,
                Effect::Erase => {
                    self.end().await?;
                    // It ended before the request at hand, unless that ended it.
                    reply = Some(Reply::Gone);
                }
            }
        }
        if let Some(run) = begun {
            self.begin(run);
        }
        let reply = match (reply, waits_for) {
            (Some(reply), _) => reply,
            // The sender is dropped when the call is cancelled: no response
            // (L-CANC-01), and HTTP still needs an answer.
            (None, Some(receiver)) => receiver.await.unwrap_or(Reply::Cancelled),
            (None, None) => Reply::Done,
        };
        if let Some(cause) = cause
            && let Some(sender) = self.take_waiting(cause.call, &reply)
        {
            // The request may be gone with its client.
            let _ = sender.send(reply);
            return Ok(Reply::Done);
        }
        Ok(reply)
    }

    /// Begins what may be over at once. If it has to wait for something, it goes on
    /// beside the request, whose client may leave.
    fn begin(&self, run: LocalBoxFuture<'static, ()>) {
        // The set passes wake-ups on to who asks last; `worker::Delay` (0.8.7) wakes the
        // first.
        let mut run = FuturesUnordered::from_iter([run]);
        if run.next().now_or_never().is_none() {
            self.state.wait_until(async move {
                run.next().await;
            });
        }
    }

    /// Whoever waits for the call, if there is something to tell.
    fn take_waiting(&self, call: CallId, reply: &Reply) -> Option<oneshot::Sender<Reply>> {
        if matches!(reply, Reply::Done) {
            return None;
        }
        self.waiting.borrow_mut().remove(&call)
    }

    /// A page of a list: what the user may use, now or once they allow it.
    pub(super) async fn list(
        &self,
        id: &RequestId,
        place: &Place,
        bound: &Bound,
    ) -> Result<String> {
        let catalog = tools::catalog(&self.env).await?;
        let revision = self.with(|session| session.record().revision)?;
        let cursor = place.cursor.as_deref();
        let shows = |permission: &Permission| bound.may_use(permission.as_str());
        let listed = catalog.list(place.kind, revision, cursor, &self.key()?, shows);
        Ok(match listed {
            Ok(list) => reply::result(id, &list),
            Err(error) => reply::error(Some(id), &error),
        })
    }

    /// Has the hubs forget the session, without waiting.
    pub(super) fn unsubscribe(&self) -> Result<()> {
        let (account, name, listens) = self.with(|session| {
            let record = session.record();
            let account = record.principal.account.clone();
            (account, record.name.clone(), record.listens)
        })?;
        if !listens {
            return Ok(());
        }
        let env = self.env.clone();
        self.state.wait_until(async move {
            if let Err(error) = hub::unsubscribe(&env, &account, &name).await {
                console_error!("leaving the hubs: {error}");
            }
        });
        Ok(())
    }

    /// Tells the account, without waiting, that the session was used.
    fn tell_of_use(&self) -> Result<()> {
        let At { ledger, name } = self.at()?;
        let (kind, env) = (account::Kind::Session, self.env.clone());
        self.state.wait_until(async move {
            let held = account::Held { kind, name };
            if let Err(error) = account::used(&env, &ledger, &held).await {
                console_error!("telling an account of its session: {error}");
            }
        });
        Ok(())
    }

    /// Tells the hubs what the session wants by now.
    async fn subscribe(&self, resources: bool) -> Result<()> {
        if let Err(error) = self.tell_hubs(resources).await {
            // It is asked for again the next time.
            console_error!("asking to be told of changes: {error}");
            let record = self.with_mut(Session::did_not_subscribe)?;
            self.rows.save_record(&record).await?;
        }
        Ok(())
    }

    /// One telling waits for the other, or an older one could come last.
    async fn tell_hubs(&self, resources: bool) -> Result<()> {
        let _turn = self.telling_hubs.lock().await;
        let (account, name, uris) = self.with(|session| {
            let record = session.record();
            let account = record.principal.account.clone();
            (account, record.name.clone(), record.subscriptions.clone())
        })?;
        hub::subscribe(&self.env, &account, &name, uris, resources).await
    }

    /// Does not keep the caller waiting: who listens is told soon.
    fn publish(self: &Rc<Self>, changes: Vec<Change>) -> Result<()> {
        let account = self.with(|session| session.record().principal.account.clone())?;
        if changes.iter().any(Change::is_list) {
            tools::forget_catalog();
        }
        let inner = Rc::clone(self);
        self.state.wait_until(async move {
            if let Err(error) = hub::publish(&inner.env, &account, &changes).await {
                console_error!("telling of a change: {error}");
            }
        });
        Ok(())
    }

    /// A new socket for a stream; the newest takes the stream over.
    fn attach(&self, at: EventId, primed: bool) -> Result<Reply> {
        for older in self.sockets(at.stream) {
            let _ = older.close(Some(TAKEN_OVER), Some("taken over"));
        }
        let pair = WebSocketPair::new()?;
        self.state
            .accept_websocket_with_tags(&pair.server, &[&tag(at.stream)]);
        self.windows
            .borrow_mut()
            .insert(at.stream, Window::open(at.seq));
        let id = self.event_id(at)?;
        pair.server
            .send_with_str(Frame::At { id: &id, primed }.encode())?;
        Ok(Reply::Attached(pair.client))
    }

    /// The front Worker has written more. What was held back for it is taken
    /// from the log; if the log has forgotten it meanwhile, the stream ends, and
    /// who comes back for it is told so.
    pub(super) fn acknowledged(&self, written: EventId) -> Result<()> {
        let stream = written.stream;
        let held = self.with_window(stream, written.seq, |window| {
            window.acknowledged(written.seq)
        })?;
        let Some(after) = held else { return Ok(()) };
        self.note_held(stream)?;
        if !self.with(|session| session.reaches_back_to(after))? {
            self.end_stream(stream);
            return Ok(());
        }
        self.replay(stream, after)?;
        let ends = self.with(|session| session.is_over(stream) || session.lets_go(stream))?;
        if ends && !self.is_held(stream) {
            self.end_stream(stream);
        }
        Ok(())
    }

    /// The window of a stream's socket. An object that slept finds on the socket
    /// whether it held something back.
    fn with_window<T>(
        &self,
        stream: StreamId,
        at: Seq,
        change: impl FnOnce(&mut Window) -> T,
    ) -> Result<T> {
        if !self.windows.borrow().contains_key(&stream) {
            let held = match self.sockets(stream).first() {
                Some(socket) => socket.deserialize_attachment::<Held>()?,
                None => None,
            };
            let window = match held.and_then(|held| held.after) {
                Some(after) => Window::held_after(Seq(after)),
                None => Window::open(at),
            };
            self.windows.borrow_mut().insert(stream, window);
        }
        let mut windows = self.windows.borrow_mut();
        let window = windows.entry(stream).or_insert_with(|| Window::open(at));
        Ok(change(window))
    }

    /// Writes on the socket whether something is held back, for after a sleep.
    fn note_held(&self, stream: StreamId) -> Result<()> {
        let windows = self.windows.borrow();
        let after = windows.get(&stream).and_then(Window::held_back);
        let held = Held {
            after: after.map(|seq| seq.0),
        };
        for socket in self.sockets(stream) {
            socket.serialize_attachment(&held)?;
        }
        Ok(())
    }

    /// Sends what the log has of a stream after that place, as far as the window
    /// reaches.
    fn replay(&self, stream: StreamId, after: Seq) -> Result<()> {
        for event in self.rows.after(stream, after)? {
            self.send(&event)?;
            if self.is_held(stream) {
                break;
            }
        }
        Ok(())
    }

    fn is_held(&self, stream: StreamId) -> bool {
        let windows = self.windows.borrow();
        windows.get(&stream).is_some_and(Window::is_held)
    }

    fn send(&self, event: &Event) -> Result<()> {
        let sockets = self.sockets(event.stream);
        if sockets.is_empty() {
            self.windows.borrow_mut().remove(&event.stream);
            return Ok(());
        }
        let (admitted, was_held) = self.with_window(event.stream, event.seq, |window| {
            let was_held = window.is_held();
            (window.admits(event.seq, event.message.len()), was_held)
        })?;
        if !admitted {
            if !was_held {
                self.note_held(event.stream)?;
            }
            return Ok(()); // it is in the log, and comes when the front asks on
        }
        let id = self.event_id(EventId {
            stream: event.stream,
            seq: event.seq,
        })?;
        let frame = Frame::Event {
            id: &id,
            message: &event.message,
        }
        .encode();
        for socket in sockets {
            // A socket that is closing misses it; it is in the log.
            let _ = socket.send_with_str(&frame);
        }
        Ok(())
    }

    /// Ends a stream, unless something is held back: then it ends after that.
    fn end_stream(&self, stream: StreamId) {
        if self.is_held(stream) {
            return;
        }
        self.windows.borrow_mut().remove(&stream);
        for socket in self.sockets(stream) {
            let _ = socket.send_with_str(Frame::End.encode());
            let _ = socket.close(Some(1000), Some("done"));
        }
    }

    pub(super) fn close_all(&self) {
        for socket in self.state.get_websockets() {
            let _ = socket.send_with_str(Frame::End.encode());
            let _ = socket.close(Some(1000), Some("the session ended"));
        }
    }

    pub(super) fn sockets(&self, stream: StreamId) -> Vec<WebSocket> {
        self.state.get_websockets_with_tag(&tag(stream))
    }

    fn event_id(&self, id: EventId) -> Result<String> {
        let key = self.key()?;
        self.with(|session| id.text(&key, &session.record().name))
    }
}

/// On a stream's socket: after which place something is held back.
#[derive(Debug, Serialize, Deserialize)]
struct Held {
    after: Option<u64>,
}

/// What another object was asked for, or an error of this one request: nothing of
/// the session itself has failed.
fn or_failed(id: &RequestId, answer: Result<String>) -> String {
    answer.unwrap_or_else(|error| {
        console_error!("asking another object: {error}");
        let words = "this cannot be done at the moment: try again";
        reply::error(Some(id), &reply::fault(ErrorCode::INTERNAL_ERROR, words))
    })
}

fn tag(stream: StreamId) -> String {
    format!("stream-{}", stream.0)
}
