//! `subscriptions/listen`: a stateless client's stream of what others change.
//!
//! It is fed by sockets from the hubs. Nothing is kept for a client that is
//! away (M-SUB-05): when a socket breaks or the token ends, the stream is ended
//! with its result, and the client listens and lists anew.

use durable::hub::{self, Wanted};
use durable::{task, tools};
use futures_util::future::{Either, join_all, select};
use futures_util::stream::{LocalBoxStream, select_all};
use futures_util::{Stream, StreamExt};
use http::Response;
use jiff::Timestamp;
use mcp::era::{Refusal, RequestMeta};
use mcp::reply::fault;
use mcp::subscription::{self, Filter};
use mcp::task::{Flow, TaskId};
use mcp::tool::Change;
use mcp::{ErrorCode, RequestId, envelope, sse};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use worker::{Delay, WebSocket, WebsocketEvent};

use super::bridge::{self, patience};
use super::stateless::failed;
use super::{Call, refused};
use crate::answer::Body;
use crate::clock;
use crate::error::{Error, doing};

impl Call<'_> {
    pub(super) async fn listen_to_changes(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
    ) -> Result<Response<Body>, Error> {
        let id = request.id.clone();
        let env = &self.app.env;
        let asked = tools::catalog(env).await;
        let features = asked.map_err(doing("asking for the tools"))?.features();
        let mut filter = match Filter::read(request.params) {
            Ok(filter) => filter.honoured(features),
            Err(unreadable) => {
                let error = fault(ErrorCode::INVALID_PARAMS, unreadable.to_string());
                return Ok(failed(&id, &error));
            }
        };
        if !filter.task_ids.is_empty() && !mcp::task::is_known_to(&meta.capabilities()) {
            return Ok(refused(&Refusal::new(
                400,
                Some(id),
                mcp::task::not_known(),
            ))); // T-07
        }
        let wanted = Wanted {
            tools: filter.tools_list_changed,
            prompts: filter.prompts_list_changed,
            resources: filter.resources_list_changed,
            uris: filter.resource_subscriptions.iter().cloned().collect(),
        };
        let account = &self.caller.principal.account;
        let hubs = hub::listen(env, account, &wanted)
            .await
            .map_err(doing("listening to the hubs"))?;
        let mut heard: Vec<_> = hubs
            .into_iter()
            .map(|hub| told(hub, News::Change))
            .collect();
        let (known, tasks) = self.listen_to_tasks(&filter.task_ids).await?;
        filter.task_ids = known;
        heard.extend(tasks.into_iter().map(|task| told(task, News::Task)));
        Ok(bridge::response(events(
            id,
            filter,
            heard,
            self.caller.expires,
        )))
    }

    /// The tasks among them that are the caller's (T-09), and a socket of each.
    async fn listen_to_tasks(
        &self,
        named: &[String],
    ) -> Result<(Vec<String>, Vec<WebSocket>), Error> {
        let env = &self.app.env;
        let key = durable::keys::names(env).map_err(doing("reading the key of names"))?;
        let account = &self.caller.principal.account;
        let ids: Vec<TaskId> = named
            .iter()
            .filter_map(|text| TaskId::verify(Flow::Stateless, &key, account, text))
            .collect();
        let sockets = join_all(ids.iter().map(|id| task::listen(env, id))).await;
        let mut known = Vec::new();
        let mut open = Vec::new();
        for (id, socket) in ids.iter().zip(sockets) {
            if let Some(socket) = socket.map_err(doing("listening to a task"))? {
                known.push(id.as_str().to_owned());
                open.push(socket);
            }
        }
        Ok((known, open))
    }
}

/// What came, or did not.
enum Heard {
    News(News),
    Quiet,
    Broken,
}

/// What a socket tells.
enum News {
    Change(Change),
    Task(Map<String, Value>),
}

/// The news of a socket, as they come; none where it broke.
type Told = LocalBoxStream<'static, Option<News>>;

fn events(
    id: RequestId,
    filter: Filter,
    heard: Vec<Told>,
    until: Timestamp,
) -> impl Stream<Item = String> {
    async_stream::stream! {
        yield sse::event(None, &filter.acknowledged(&id));
        let mut heard = select_all(heard);
        loop {
            match hear(&mut heard, until).await {
                Heard::News(News::Change(change)) => {
                    if change.is_list() {
                        tools::forget_catalog();
                    }
                    yield sse::event(None, &subscription::notification(&id, &change));
                }
                Heard::News(News::Task(task)) => {
                    yield sse::event(None, &subscription::task_notification(&id, task));
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

async fn hear(heard: &mut (impl Stream<Item = Option<News>> + Unpin), until: Timestamp) -> Heard {
    // A client may ask for nothing: then there is nothing to hear.
    let next = async {
        match heard.next().await {
            Some(Some(news)) => Heard::News(news),
            Some(None) => Heard::Broken,
            None => std::future::pending().await,
        }
    };
    match select(Box::pin(next), Delay::from(patience(Some(until)))).await {
        Either::Left((heard, _)) => heard,
        Either::Right(_) => Heard::Quiet,
    }
}

/// Reads what comes over a socket.
fn told<T: DeserializeOwned + 'static>(socket: WebSocket, news: fn(T) -> News) -> Told {
    async_stream::stream! {
        let socket = bridge::Open::new(socket);
        let (Ok(mut events), Ok(())) = (socket.0.events(), socket.0.accept()) else {
            yield None;
            return;
        };
        while let Some(Ok(WebsocketEvent::Message(message))) = events.next().await {
            let read = message.text().and_then(|text| serde_json::from_str(&text).ok());
            if let Some(read) = read {
                yield Some(news(read));
            }
        }
        yield None;
    }
    .boxed_local()
}
