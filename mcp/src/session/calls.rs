//! Calls of tools while they run.

use std::rc::Rc;

use jiff::Timestamp;
use rmcp::model::{ErrorCode, RequestId};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::questions::unanswerable;
use super::streams::{LET_GO, Phase, StoredStream};
use super::{CallId, Effect, Session};
use crate::event_id::{EventId, StreamId};
use crate::limits::EVENT_BYTES_MAX;
use crate::log_level::LogLevel;
use crate::reply::{self, fault};
use crate::tool::{Invocation, Outcome, presented, presented_error, presented_progress};

/// A call that is running.
#[derive(Debug)]
pub(super) struct Call {
    /// The client's request.
    pub(super) request: RequestId,
    /// The call.
    pub(super) invocation: Rc<Invocation>,
    /// Its stream, once it has one.
    pub(super) stream: Option<StreamId>,
    /// How far the client was told it is, if it was cut off and is made again.
    told: Option<f64>,
}

impl Call {
    pub(super) fn new(request: RequestId, invocation: Rc<Invocation>) -> Self {
        Self {
            request,
            invocation,
            stream: None,
            told: None,
        }
    }

    /// The call of a stream that has begun already.
    pub(super) fn on(stored: &StoredStream, told: Option<f64>) -> Self {
        Self {
            stream: Some(stored.id),
            told,
            ..Self::new(stored.request.clone(), stored.invocation.clone().into())
        }
    }

    /// Whether the client was told of that progress before the call was cut off.
    /// A tool that is called again begins anew, and progress only rises (L-PROG-01).
    fn was_told(&self, params: Option<&RawValue>) -> bool {
        #[derive(Deserialize)]
        struct Progress {
            progress: f64,
        }
        let (Some(told), Some(params)) = (self.told, params) else {
            return false;
        };
        serde_json::from_str(params.get()).is_ok_and(|Progress { progress }| progress <= told)
    }
}

impl Session {
    pub(super) fn begin(&mut self, call: Call) -> CallId {
        let id = CallId(self.next_call);
        self.next_call += 1;
        self.calls.insert(id, call);
        id
    }

    pub(super) fn tool_streams(&mut self, call: CallId) -> Vec<Effect> {
        self.stream_of(call)
            .map_or_else(Vec::new, |(_, opening)| opening)
    }

    /// The stream of a call, and what opens it if it had none. A call too large
    /// for a row gets none: only its answer is told, as JSON.
    pub(super) fn stream_of(&mut self, id: CallId) -> Option<(StreamId, Vec<Effect>)> {
        let stream = self.next_stream();
        let seq = self.newest_seq();
        let call = self.calls.get_mut(&id)?;
        if let Some(stream) = call.stream {
            return Some((stream, Vec::new()));
        }
        let stored = StoredStream {
            id: stream,
            request: call.request.clone(),
            invocation: Invocation::clone(&call.invocation),
            phase: Phase::Running,
            round: 0,
            again: 0,
            let_go: false,
        };
        if !stored.fits_row() {
            return None;
        }
        call.stream = Some(stream);
        self.streams.insert(stream, stored.clone());
        let begin = Effect::Begin {
            at: EventId { stream, seq },
            primed: self.primes(),
        };
        Some((stream, vec![Effect::SaveStream(Box::new(stored)), begin]))
    }

    /// Only notifications about the call may go on its stream; a tool Worker
    /// cannot speak for the server (L-SSE-05).
    pub(super) fn tool_notified(
        &mut self,
        call: CallId,
        method: &str,
        params: Option<&RawValue>,
    ) -> Vec<Effect> {
        match method {
            "notifications/progress" => {
                let running = self.calls.get(&call);
                if running.is_some_and(|running| running.was_told(params)) {
                    return Vec::new();
                }
            }
            "notifications/message"
                if LogLevel::of_message(params).is_some_and(|it| it >= self.record.log_level) => {}
            LET_GO => {
                let Some((stream, mut effects)) = self.stream_of(call) else {
                    return Vec::new();
                };
                effects.extend(self.let_go(stream));
                return effects;
            }
            _ => return Vec::new(),
        }
        let wordless = presented_progress(method, params, self.record.revision);
        let text = reply::notification(method, wordless.as_deref().or(params));
        if text.len() > EVENT_BYTES_MAX {
            return Vec::new();
        }
        let Some((stream, mut effects)) = self.stream_of(call) else {
            return Vec::new();
        };
        effects.extend(self.emit(stream, text));
        effects
    }

    pub(super) fn tool_finished(
        &mut self,
        now: Timestamp,
        call: CallId,
        outcome: Outcome,
    ) -> Vec<Effect> {
        let Some(running) = self.calls.get(&call) else {
            return Vec::new();
        };
        let request = running.request.clone();
        match outcome {
            Outcome::Complete {
                result,
                state,
                changes,
            } => {
                let target = &running.invocation.target;
                let save = state.map(|value| Effect::SaveState {
                    tool: target.name().to_owned(),
                    value,
                });
                let result = presented(result, target, self.record.revision);
                let mut effects: Vec<_> = save.into_iter().collect();
                if !changes.is_empty() {
                    effects.push(Effect::Publish(changes));
                }
                effects.extend(self.respond(call, &request, reply::call_result(&request, &result)));
                effects
            }
            Outcome::Failed(error)
                if error.code == ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY =>
            {
                let words = format!("Your client lacks what this tool needs: {}.", error.message);
                let response = unanswerable(&request, &running.invocation.target, words);
                self.respond(call, &request, response)
            }
            // It was told that there is none to become.
            Outcome::BecomesTask => {
                let words = "the tool wants to become a task, which it is";
                let error = fault(ErrorCode::INTERNAL_ERROR, words);
                self.respond(call, &request, reply::error(Some(&request), &error))
            }
            Outcome::Failed(error) => {
                let target = &running.invocation.target;
                let error = presented_error(error, target, self.record.revision);
                self.respond(call, &request, reply::error(Some(&request), &error))
            }
            Outcome::Asks {
                questions,
                request_state,
            } => self.ask(now, call, questions, request_state),
        }
    }

    /// The response: JSON if nothing was said before, else on the call's stream.
    pub(super) fn respond(
        &mut self,
        call: CallId,
        request: &RequestId,
        response: String,
    ) -> Vec<Effect> {
        match self.calls.remove(&call).and_then(|call| call.stream) {
            Some(stream) => self.finish(stream, response),
            None => vec![Effect::Answer(deliverable(request, response))],
        }
    }
}

/// The response, or if it is too large for an event, an error that says so.
pub(super) fn deliverable(request: &RequestId, response: String) -> String {
    if response.len() <= EVENT_BYTES_MAX {
        return response;
    }
    let words = "the tool's result is larger than this server delivers";
    reply::error(Some(request), &fault(ErrorCode::INTERNAL_ERROR, words))
}
