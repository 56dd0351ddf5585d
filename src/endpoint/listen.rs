//! `subscriptions/listen`: a stateless client's stream of what others change.
//!
//! It is fed by sockets from the hubs. Nothing is kept for a client that is
//! away (M-SUB-05): when a socket breaks, when the token or its grant ends, when the
//! user listens too often, or when too much waits for a client that does not read, the stream
//! is ended with its result, and the client listens and lists anew.

use futures_util::Stream;
use futures_util::future::{Either, join_all, select};
use http::Response;
use jiff::Timestamp;
use mcp::era::{Refusal, RequestMeta};
use mcp::reply::fault;
use mcp::subscription::{self, Filter};
use mcp::task::{Flow, TaskId};
use mcp::tool::{Change, Target};
use mcp::{ErrorCode, RequestId, envelope, sse};
use platform::account;
use platform::answer::Body;
use platform::clock;
use platform::hub::{self, Wanted};
use platform::{task, tools};
use serde_json::{Map, Value};
use worker::{Delay, WebSocket};

use super::bridge::{self, patience};
use super::inbox::Inbox;
use super::stateless::failed;
use super::{Call, refused};
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
        let mut filter = match Filter::read(request.params.text()) {
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
        let mut uris = Vec::new();
        for uri in std::mem::take(&mut filter.resource_subscriptions) {
            let resource = Target::Resource(uri.clone());
            self.permit_target(&resource).await?;
            if !self.is_beyond(&resource).await? {
                uris.push(uri);
            }
        }
        filter.resource_subscriptions = uris;
        let wanted = Wanted {
            tools: filter.tools_list_changed,
            prompts: filter.prompts_list_changed,
            resources: filter.resources_list_changed,
            uris: filter.resource_subscriptions.iter().cloned().collect(),
        };
        // First: a grant that ends from now on ends the stream.
        let Some(grant) = self.watch().await? else {
            return Err(self.ended());
        };
        let hubs = hub::listen(env, &self.caller.principal, &wanted)
            .await
            .map_err(doing("listening to the hubs"))?;
        let mut sources = grant;
        sources.extend(hubs.into_iter().map(|hub| (Source::Hub, hub)));
        let (known, tasks) = self.listen_to_tasks(&filter.task_ids).await?;
        filter.task_ids = known;
        sources.extend(tasks.into_iter().map(|task| (Source::Task, task)));
        let until = self.caller.expires;
        let events = events(id, filter, Inbox::of(sources), until);
        Ok(bridge::response(events))
    }

    /// What breaks when the caller's grant ends: nothing for who has none, and none
    /// if it has ended.
    async fn watch(&self) -> Result<Option<Vec<(Source, WebSocket)>>, Error> {
        let Some(grant) = &self.caller.grant else {
            return Ok(Some(Vec::new()));
        };
        let ledger = &self.caller.principal.ledger;
        let watched = account::watch(&self.app.env, ledger, grant)
            .await
            .map_err(doing("watching a grant"))?;
        Ok(watched.map(|socket| vec![(Source::Grant, socket)]))
    }

    /// The tasks among them that are the caller's (T-09), and a socket of each.
    async fn listen_to_tasks(
        &self,
        named: &[String],
    ) -> Result<(Vec<String>, Vec<WebSocket>), Error> {
        let env = &self.app.env;
        let key = platform::keys::names(env).map_err(doing("reading the key of names"))?;
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

/// Where news come from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// From where nothing comes but the end.
    Grant,
    Hub,
    Task,
}

/// What came, or did not.
enum Heard {
    Change(Change),
    Task(Map<String, Value>),
    /// What nobody understands.
    Noise,
    Quiet,
    Broken,
}

fn events(
    id: RequestId,
    filter: Filter,
    inbox: Inbox<Source>,
    until: Timestamp,
) -> impl Stream<Item = String> {
    async_stream::stream! {
        yield sse::event(None, &filter.acknowledged(&id));
        loop {
            match hear(&inbox, until).await {
                Heard::Change(change) => {
                    if change.is_list() {
                        tools::forget_catalog();
                    }
                    yield sse::event(None, &subscription::notification(&id, &change));
                }
                Heard::Task(task) => {
                    yield sse::event(None, &subscription::task_notification(&id, task));
                }
                Heard::Noise => {}
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

async fn hear(inbox: &Inbox<Source>, until: Timestamp) -> Heard {
    let next = Box::pin(inbox.next());
    let (source, text) = match select(next, Delay::from(patience(Some(until)))).await {
        Either::Left((Some(news), _)) => news,
        Either::Left((None, _)) => return Heard::Broken,
        Either::Right(_) => return Heard::Quiet,
    };
    let read = match source {
        Source::Grant => return Heard::Noise,
        Source::Hub => serde_json::from_str(&text).map(Heard::Change),
        Source::Task => serde_json::from_str(&text).map(Heard::Task),
    };
    read.unwrap_or(Heard::Noise)
}
