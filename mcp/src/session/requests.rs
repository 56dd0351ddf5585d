//! What clients ask of a session, and what they tell it.

use std::borrow::Cow;
use std::rc::Rc;

use rmcp::model::{ErrorCode, RequestId};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::calls::Call;
use super::streams::{Phase, StoredStream};
use super::{Effect, Session};
use crate::cursor;
use crate::envelope::{Notification, Request};
use crate::limits::CALLS_IN_FLIGHT_MAX;
use crate::log_level::LogLevel;
use crate::reply::{self, fault, method_not_found};
use crate::revision::Revision;
use crate::tool::catalog::{Kind, Place};
use crate::tool::{Invocation, is_invocation};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cancelled {
    request_id: RequestId,
}

impl Session {
    pub(super) fn request(&mut self, request: Request<'_>) -> Vec<Effect> {
        match request.method.as_ref() {
            "ping" => vec![done(&request.id)], // L-PING-01
            // On the endpoint, `initialize` never comes this far (P11, P16).
            "initialize" if self.is_http_sse() => self.initialize(&request),
            _ if self.awaits_initialize() => Self::too_early(&request),
            // P18: HTTP 200; a 404 would end the client's session.
            method if !self.record.features.serve(method) => {
                answer(reply::error(Some(&request.id), &method_not_found(method)))
            }
            "logging/setLevel" => self.set_level(&request),
            "resources/subscribe" => self.subscribe(&request),
            "resources/unsubscribe" => self.unsubscribe(&request),
            "tasks/get" if self.knows_tasks() => task(&request, false),
            "tasks/cancel" if self.knows_tasks() => task(&request, true),
            "tasks/list" if self.knows_tasks() => list_tasks(request),
            "tasks/result" if self.knows_tasks() => self.call(request),
            method if is_invocation(method) => self.call(request),
            method => match Kind::of_method(method) {
                Some(kind) => list(kind, request),
                None => answer(reply::error(Some(&request.id), &method_not_found(method))),
            },
        }
    }

    /// L-LOG-01: for the whole session.
    fn set_level(&mut self, request: &Request<'_>) -> Vec<Effect> {
        #[derive(Deserialize)]
        struct SetLevel {
            level: LogLevel,
        }
        let read = request
            .params
            .text()
            .map(|params| serde_json::from_str::<SetLevel>(params.get()));
        let Some(Ok(SetLevel { level })) = read else {
            let words = "`level` must be one of debug, info, notice, warning, error, critical, \
                         alert, emergency";
            let error = fault(ErrorCode::INVALID_PARAMS, words);
            return answer(reply::error(Some(&request.id), &error));
        };
        self.record.log_level = level;
        vec![self.save(), done(&request.id)]
    }

    fn call(&mut self, request: Request<'_>) -> Vec<Effect> {
        let refuse = |code, words: Cow<'static, str>| {
            answer(reply::error(Some(&request.id), &fault(code, words)))
        };
        if self.is_in_flight(&request.id) {
            let words = "a request with this id is still being served"; // L-SESS-07
            return refuse(ErrorCode::INVALID_REQUEST, words.into());
        }
        if self.calls_in_flight() >= CALLS_IN_FLIGHT_MAX {
            let words = "too many calls at once in this session: wait for one to finish";
            return refuse(ErrorCode::INVALID_REQUEST, words.into());
        }
        match Invocation::read(
            &request.method,
            &request.params,
            self.client_capabilities(),
            false,
        ) {
            Err(unreadable) => refuse(ErrorCode::INVALID_PARAMS, unreadable.to_string().into()),
            Ok(mut invocation) => {
                invocation.log_level = Some(self.record.log_level);
                invocation.scopes.clone_from(&self.record.principal.scopes);
                invocation.via.clone_from(&self.via);
                if !self.knows_tasks() {
                    invocation.wants_task = None;
                }
                if invocation.wants_task.is_some() {
                    return vec![Effect::BeginTask {
                        id: request.id,
                        invocation: Box::new(invocation),
                    }];
                }
                let invocation = Rc::new(invocation);
                let call = self.begin(Call::new(request.id, Rc::clone(&invocation)));
                let mut effects = Vec::new();
                if self.is_http_sse() {
                    effects.extend(self.tool_streams(call));
                }
                effects.push(Self::invoke(call, invocation));
                effects
            }
        }
    }

    /// Tasks are of 2025-11-25 alone (L-TASK-01).
    fn knows_tasks(&self) -> bool {
        self.record.revision == Revision::V20251125
    }

    pub(super) fn notification(&mut self, notification: &Notification<'_>) -> Vec<Effect> {
        let mut effects = match notification.method.as_ref() {
            "notifications/cancelled" => self.cancelled(notification.params),
            // L-INIT-04: who was just introduced is told of changes from here on.
            "notifications/initialized" if self.is_http_sse() && !self.awaits_initialize() => {
                self.begin_to_listen()
            }
            _ => Vec::new(),
        };
        effects.push(Effect::Accept);
        effects
    }

    /// L-CANC-01: stop, free, no response; what cannot be cancelled is ignored.
    fn cancelled(&mut self, params: Option<&RawValue>) -> Vec<Effect> {
        let Some(Cancelled { request_id }) =
            params.and_then(|params| serde_json::from_str(params.get()).ok())
        else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        let running = self
            .calls
            .iter()
            .find(|(_, call)| call.request == request_id);
        if let Some(call) = running.map(|(id, _)| *id) {
            self.calls.remove(&call);
            effects.push(Effect::Abort(call));
        }
        let open = self
            .streams
            .values()
            .find(|stream| stream.request == request_id && stream.phase != Phase::Done);
        if let Some(stream) = open.map(|stream| stream.id) {
            effects.extend(self.take_back(stream, "the call was cancelled"));
            if let Some(stored) = self.streams.get_mut(&stream) {
                stored.phase = Phase::Done;
                effects.push(Effect::SaveStream(Box::new(stored.clone())));
            }
            effects.push(Effect::End(stream));
            // If it has no event, none will ever be forgotten, and the row with it.
            effects.extend(self.forget_finished());
        }
        effects
    }

    /// Calls that run, and calls that wait for the client, which will run again.
    fn calls_in_flight(&self) -> usize {
        let asking = |stream: &&StoredStream| matches!(stream.phase, Phase::Asking { .. });
        self.calls.len() + self.streams.values().filter(asking).count()
    }

    fn is_in_flight(&self, id: &RequestId) -> bool {
        self.calls.values().any(|call| call.request == *id)
            || self
                .streams
                .values()
                .any(|stream| stream.phase != Phase::Done && stream.request == *id)
    }
}

fn list(kind: Kind, request: Request<'_>) -> Vec<Effect> {
    match Place::read(kind, request.params.text()) {
        Ok(place) => vec![Effect::List {
            id: request.id,
            place,
        }],
        Err(error) => answer(reply::error(Some(&request.id), &error)),
    }
}

fn task(request: &Request<'_>, cancel: bool) -> Vec<Effect> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Named {
        task_id: String,
    }
    let read = request
        .params
        .text()
        .map(|params| serde_json::from_str::<Named>(params.get()));
    let Some(Ok(Named { task_id })) = read else {
        let error = fault(ErrorCode::INVALID_PARAMS, "`taskId` must be a text");
        return answer(reply::error(Some(&request.id), &error));
    };
    vec![Effect::Task {
        id: request.id.clone(),
        task: task_id,
        cancel,
    }]
}

/// All of a session's tasks fit on one page, so no cursor is ours (L-TASK-06).
fn list_tasks(request: Request<'_>) -> Vec<Effect> {
    if let Ok(None) = cursor::asked(request.params.text()) {
        return vec![Effect::ListTasks(request.id)];
    }
    let words = "unknown cursor: begin the list anew";
    let error = fault(ErrorCode::INVALID_PARAMS, words);
    answer(reply::error(Some(&request.id), &error))
}

/// An empty result.
pub(super) fn done(id: &RequestId) -> Effect {
    Effect::Answer(reply::result(id, &serde_json::json!({})))
}

pub(super) fn answer(text: String) -> Vec<Effect> {
    vec![Effect::Answer(text)]
}
