//! `HubObject`: who listens to which change.
//!
//! There is one hub for what everybody shares, and one for each user's own
//! resources (SEC-02). A stateless client's listening stream is a hibernatable
//! socket here, so that a quiet hub sleeps; a session is a row, and its object
//! is told by a request. What nobody listens to costs a publisher one request.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

mod listeners;
mod rows;

use std::rc::Rc;

use futures_util::StreamExt;
use futures_util::stream;
use mcp::tool::Change;
use platform::hub::wire::{
    LISTEN, PAYER, PUBLISH, SUBSCRIBE, Subscriber, UNSUBSCRIBE, WANTED, Wanted,
};
use platform::{clock, json, limits, session};
use worker::{
    DurableObject, Env, Request, Response, ResponseBuilder, Result, State, WebSocket,
    WebSocketIncomingMessage, WebSocketPair, console_error, durable_object, wasm_bindgen,
};

/// Sessions that are told at the same time.
const TOLD_AT_ONCE_MAX: usize = 16;

/// The object of one hub.
#[durable_object]
#[derive(Debug)]
pub struct HubObject {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    env: Env,
}

/// Nothing of a hub is in memory.
impl std::panic::RefUnwindSafe for HubObject {}

impl DurableObject for HubObject {
    fn new(state: State, env: Env) -> Self {
        Self {
            inner: Rc::new(Inner { state, env }),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let inner = &self.inner;
        match request.path().as_str() {
            PUBLISH => {
                let changes: Vec<Change> = json::asked(&mut request).await?;
                for change in &changes {
                    inner.tell_sockets(change)?;
                }
                inner
                    .state
                    .wait_until(Rc::clone(inner).tell_sessions(changes));
            }
            SUBSCRIBE => {
                let subscriber = json::asked(&mut request).await?;
                rows::save(&inner.state.storage().sql(), &subscriber)?;
            }
            UNSUBSCRIBE => {
                let session: String = json::asked(&mut request).await?;
                rows::remove(&inner.state.storage().sql(), &session)?;
            }
            LISTEN => {
                let wanted = request.headers().get(WANTED)?.unwrap_or_default();
                let payer = request.headers().get(PAYER)?.unwrap_or_default();
                return inner.attach(&payer, serde_json::from_str(&wanted)?);
            }
            _ => return Response::error("no such path", 404),
        }
        Ok(ResponseBuilder::new().with_status(204).empty())
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
    fn attach(&self, payer: &str, wanted: Wanted) -> Result<Response> {
        let max = limits::LISTENERS.of(&self.env)?;
        let now_ms = clock::now().as_millisecond();
        let pair = WebSocketPair::new()?;
        listeners::accept(&self.state, &pair.server, (payer, max), (wanted, now_ms))?;
        Ok(ResponseBuilder::new()
            .with_status(101)
            .with_websocket(pair.client)
            .empty())
    }

    fn tell_sockets(&self, change: &Change) -> Result<()> {
        let text = serde_json::to_string(change)?;
        for socket in self.state.get_websockets() {
            if listeners::wanted(&socket)?.is_some_and(|wanted| wanted.includes(change)) {
                // One that is closing misses it: nothing is promised (M-SUB-05).
                let _ = socket.send_with_str(&text);
            }
        }
        Ok(())
    }

    async fn tell_sessions(self: Rc<Self>, changes: Vec<Change>) {
        let mut after = String::new();
        loop {
            let page = match rows::page(&self.state.storage().sql(), &after) {
                Ok(page) => page,
                Err(error) => return console_error!("reading who listens to a hub: {error}"),
            };
            let Some(last) = page.last() else { return };
            after.clone_from(&last.session);
            let told = page
                .into_iter()
                .map(|subscriber| self.tell_session(subscriber, &changes));
            stream::iter(told)
                .buffer_unordered(TOLD_AT_ONCE_MAX)
                .collect::<Vec<()>>()
                .await;
        }
    }

    /// A session that has ended is forgotten.
    async fn tell_session(&self, subscriber: Subscriber, changes: &[Change]) {
        let wanted = changes
            .iter()
            .filter(|change| subscriber.wanted.includes(change));
        for change in wanted {
            match session::tell(&self.env, &subscriber.session, change).await {
                Ok(true) => {}
                Ok(false) => {
                    let sql = self.state.storage().sql();
                    if let Err(error) = rows::remove(&sql, &subscriber.session) {
                        console_error!("forgetting a session that ended: {error}");
                    }
                    return;
                }
                Err(error) => console_error!("telling a session of a change: {error}"),
            }
        }
    }
}
