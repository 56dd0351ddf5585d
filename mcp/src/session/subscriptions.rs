//! What the client is told of changes that others made.
//!
//! Notifications about them belong to no call and go to the standalone stream
//! (L-LIST-01, L-RES-01). A session asks to be told when that stream is opened
//! for the first time, or a resource is subscribed to: who never does either
//! costs nothing.

use rmcp::model::ErrorCode;
use serde::Deserialize;
use serde_json::Map;

use super::requests::{answer, done};
use super::{Effect, Record, Session};
use crate::envelope::Request;
use crate::event_id::StreamId;
use crate::limits::{SUBSCRIPTIONS_MAX, URI_BYTES_MAX};
use crate::reply::{self, fault};
use crate::tool::Change;

#[derive(Deserialize)]
struct Subscribed {
    uri: String,
}

impl Session {
    pub(super) fn subscribe(&mut self, request: &Request<'_>) -> Vec<Effect> {
        let uri = match uri(request) {
            Ok(uri) => uri,
            Err(refused) => return refused,
        };
        let known = self.record.subscriptions.contains(&uri);
        if !known && self.record.subscriptions.len() >= SUBSCRIPTIONS_MAX {
            let words = format!("a session subscribes to at most {SUBSCRIPTIONS_MAX} resources");
            return refuse(request, words);
        }
        if known && self.record.listens {
            return vec![done(&request.id)];
        }
        self.record.subscriptions.insert(uri);
        self.record.listens = true;
        self.subscribed(request)
    }

    pub(super) fn unsubscribe(&mut self, request: &Request<'_>) -> Vec<Effect> {
        let uri = match uri(request) {
            Ok(uri) => uri,
            Err(refused) => return refused,
        };
        if !self.record.subscriptions.remove(&uri) {
            return vec![done(&request.id)];
        }
        self.subscribed(request)
    }

    fn subscribed(&self, request: &Request<'_>) -> Vec<Effect> {
        vec![
            self.save(),
            Effect::Subscribe { resources: true },
            done(&request.id),
        ]
    }

    /// The first time somebody listens to the standalone stream.
    pub(super) fn begin_to_listen(&mut self) -> Vec<Effect> {
        if self.record.listens {
            return Vec::new();
        }
        self.record.listens = true;
        vec![
            self.save(),
            Effect::Subscribe {
                resources: !self.record.subscriptions.is_empty(),
            },
        ]
    }

    /// The object could not ask: it is asked for again the next time.
    pub fn did_not_subscribe(&mut self) -> Record {
        self.record.listens = false;
        self.record.clone()
    }

    /// L-RES-01: only for what was subscribed to.
    pub(super) fn changed(&mut self, change: &Change) -> Vec<Effect> {
        let wanted = match change {
            Change::ToolsList | Change::PromptsList | Change::ResourcesList => true,
            Change::Resource { uri, .. } => self.record.subscriptions.contains(uri),
        };
        if !wanted {
            return Vec::new();
        }
        self.tell_of(change)
    }

    /// What the client missed is beyond what is kept. Changes are all that the
    /// standalone stream tells, so it is made good by telling that everything
    /// the client listens to may have changed.
    pub(super) fn all_may_have_changed(&mut self) -> Vec<Effect> {
        let features = self.record.features;
        let lists = [
            (features.tools, Change::ToolsList),
            (features.prompts, Change::PromptsList),
            (features.resources, Change::ResourcesList),
        ];
        let lists = lists
            .into_iter()
            .filter_map(|(served, list)| served.then_some(list));
        let subscribed = self.record.subscriptions.iter().cloned();
        let resources = subscribed.map(|uri| Change::Resource { uri, shared: false });
        let changes: Vec<_> = lists.chain(resources).collect();
        changes
            .iter()
            .flat_map(|change| self.tell_of(change))
            .collect()
    }

    fn tell_of(&mut self, change: &Change) -> Vec<Effect> {
        let params = change.params(Map::new());
        let text = reply::notification(change.method(), params.as_deref());
        self.emit(StreamId::STANDALONE, text)
    }
}

fn uri(request: &Request<'_>) -> Result<String, Vec<Effect>> {
    let read = request
        .params
        .text()
        .map(|params| serde_json::from_str::<Subscribed>(params.get()));
    match read {
        Some(Ok(Subscribed { uri })) if uri.len() <= URI_BYTES_MAX => Ok(uri),
        _ => Err(refuse(
            request,
            format!("`uri` must be a text of at most {URI_BYTES_MAX} bytes"),
        )),
    }
}

fn refuse(request: &Request<'_>, words: String) -> Vec<Effect> {
    let error = fault(ErrorCode::INVALID_PARAMS, words);
    answer(reply::error(Some(&request.id), &error))
}
