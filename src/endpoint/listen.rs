//! `subscriptions/listen`: a stateless client's stream of what others change.
//!
//! It is fed by sockets from the hubs. Nothing is kept for a client that is
//! away (M-SUB-05): when a socket breaks or the token ends, the stream is ended
//! with its result, and the client listens and lists anew.

use durable::hub::{self, Wanted};
use durable::tools;
use futures_util::future::{Either, select};
use futures_util::stream::{LocalBoxStream, select_all};
use futures_util::{Stream, StreamExt};
use http::Response;
use jiff::Timestamp;
use mcp::reply::fault;
use mcp::subscription::{self, Filter};
use mcp::tool::Change;
use mcp::{ErrorCode, RequestId, envelope, sse};
use worker::{Delay, WebSocket, WebsocketEvent};

use super::Call;
use super::bridge::{self, KEEP_ALIVE};
use super::stateless::failed;
use crate::answer::Body;
use crate::clock;
use crate::error::{Error, doing};

impl Call<'_> {
    pub(super) async fn listen_to_changes(
        self,
        request: &envelope::Request<'_>,
    ) -> Result<Response<Body>, Error> {
        let id = request.id.clone();
        let env = &self.app.env;
        let asked = tools::catalog(env).await;
        let features = asked.map_err(doing("asking for the tools"))?.features();
        let filter = match Filter::read(request.params) {
            Ok(filter) => filter.honoured(features),
            Err(unreadable) => {
                let error = fault(ErrorCode::INVALID_PARAMS, unreadable.to_string());
                return Ok(failed(&id, &error));
            }
        };
        let wanted = Wanted {
            tools: filter.tools_list_changed,
            prompts: filter.prompts_list_changed,
            resources: filter.resources_list_changed,
            uris: filter.resource_subscriptions.iter().cloned().collect(),
        };
        let account = &self.caller.principal.account;
        let sockets = hub::listen(env, account, &wanted)
            .await
            .map_err(doing("listening to the hubs"))?;
        Ok(bridge::response(events(
            id,
            filter,
            sockets,
            self.caller.expires,
        )))
    }
}

/// What came, or did not.
enum Heard {
    Change(Change),
    Quiet,
    Broken,
}

fn events(
    id: RequestId,
    filter: Filter,
    sockets: Vec<WebSocket>,
    until: Timestamp,
) -> impl Stream<Item = String> {
    async_stream::stream! {
        yield sse::event(None, &filter.acknowledged(&id));
        let mut heard = select_all(sockets.into_iter().map(changes));
        loop {
            match hear(&mut heard).await {
                Heard::Change(change) => {
                    if change.is_list() {
                        tools::forget_catalog();
                    }
                    yield sse::event(None, &subscription::notification(&id, &change));
                }
                Heard::Quiet => yield sse::KEEP_ALIVE.to_owned(),
                Heard::Broken => break,
            }
            if clock::now() >= until {
                break;
            }
        }
        yield sse::event(None, &subscription::ended(&id));
    }
}

async fn hear(heard: &mut (impl Stream<Item = Option<Change>> + Unpin)) -> Heard {
    // A client may ask for nothing: then there is nothing to hear.
    let next = async {
        match heard.next().await {
            Some(Some(change)) => Heard::Change(change),
            Some(None) => Heard::Broken,
            None => std::future::pending().await,
        }
    };
    match select(Box::pin(next), Delay::from(KEEP_ALIVE)).await {
        Either::Left((heard, _)) => heard,
        Either::Right(_) => Heard::Quiet,
    }
}

/// The changes that come over a socket; none where it broke.
fn changes(socket: WebSocket) -> LocalBoxStream<'static, Option<Change>> {
    async_stream::stream! {
        let socket = bridge::Open::new(socket);
        let (Ok(mut events), Ok(())) = (socket.0.events(), socket.0.accept()) else {
            yield None;
            return;
        };
        while let Some(Ok(WebsocketEvent::Message(message))) = events.next().await {
            let change = message.text().and_then(|text| serde_json::from_str(&text).ok());
            if change.is_some() {
                yield change;
            }
        }
        yield None;
    }
    .boxed_local()
}
