//! Streams: where the messages of a call, or of no call, go.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use rmcp::model::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calls::{Call, deliverable};
use super::{Effect, Session};
use crate::event_id::{EventId, Seq, StreamId};
use crate::limits::{CALL_TRIES_MAX, EVENT_BYTES_MAX};
use crate::reply;
use crate::revision::Revision;
use crate::tool::{Invocation, interrupted};

/// A stream that belongs to a call: the row that brings the call through a
/// restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredStream {
    /// Its number in the session.
    pub id: StreamId,
    /// The client's request.
    pub request: RequestId,
    /// The call, with the answers given so far.
    pub invocation: Invocation,
    /// How far it is.
    pub phase: Phase,
    /// Rounds of questions so far.
    pub round: u32,
    /// How often it was begun again because its object had died.
    #[serde(default)]
    pub again: u32,
    /// Whether the tool let the client go: it is to come back for the rest.
    #[serde(default)]
    pub let_go: bool,
}

/// What a tool Worker sends to let its client go while it works on (L-SSE-03):
/// a notification inside the house, which no client sees.
pub const LET_GO: &str = "notifications/sessile/let_go";

/// A question that is out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The tool's name for it.
    pub key: String,
    /// The method it was asked with.
    pub method: String,
}

/// How far the call of a stream is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Phase {
    /// The tool works on it.
    Running,
    /// The client was asked.
    Asking {
        /// Our open requests, by their id.
        open: BTreeMap<String, Asked>,
        /// The answers of this round so far, by key.
        given: BTreeMap<String, Value>,
        /// When the client has taken too long.
        until: Timestamp,
    },
    /// The response is in the log.
    Done,
}

impl StoredStream {
    /// Whether its row is one that SQLite takes.
    pub(super) fn fits_row(&self) -> bool {
        serde_json::to_string(self).is_ok_and(|row| row.len() <= EVENT_BYTES_MAX)
    }
}

impl Session {
    /// The GET stream, or the stream the client was cut off from.
    pub(super) fn listen(&mut self, last: Option<EventId>) -> Vec<Effect> {
        let Some(last) = last else {
            return self.listen_anew();
        };
        if last.stream == StreamId::STANDALONE && !self.log.reaches_back_to(last.seq) {
            // A refusal would have the clients in use never listen again.
            let mut effects = self.listen_anew();
            effects.extend(self.all_may_have_changed());
            return effects;
        }
        let over = self.is_over(last.stream);
        let missed = self.log.goes_on(last.stream, last.seq);
        if !self.log.reaches_back_to(last.seq) || (over && !missed) {
            // What followed is gone, or nothing ever will. An empty stream would
            // have clients come back for it again and again.
            return vec![Effect::NothingFollows];
        }
        let mut came_back = None;
        if let Some(stored) = self.streams.get_mut(&last.stream)
            && stored.let_go
        {
            stored.let_go = false;
            came_back = Some(Effect::SaveStream(Box::new(stored.clone())));
        }
        let mut effects = self.attach(last);
        effects.extend(came_back);
        effects
    }

    /// The standalone stream, from here on.
    fn listen_anew(&mut self) -> Vec<Effect> {
        let at = EventId {
            stream: StreamId::STANDALONE,
            seq: self.newest_seq(),
        };
        let mut effects = vec![Effect::Attach {
            at,
            primed: self.primes(),
        }];
        // Over HTTP+SSE, the client has not even said yet who it is.
        if !self.is_http_sse() {
            effects.extend(self.begin_to_listen());
        }
        effects.extend(self.attached());
        effects
    }

    /// Whether the client of a stream was let go, and has not come back.
    pub fn lets_go(&self, stream: StreamId) -> bool {
        let stored = self.streams.get(&stream);
        stored.is_some_and(|stored| stored.let_go)
    }

    /// Whether everything after that place is still kept.
    pub fn reaches_back_to(&self, seq: Seq) -> bool {
        self.log.reaches_back_to(seq)
    }

    /// Whether nothing will follow on a stream.
    pub fn is_over(&self, stream: StreamId) -> bool {
        stream != StreamId::STANDALONE
            && self
                .streams
                .get(&stream)
                .is_none_or(|stored| stored.phase == Phase::Done)
    }

    /// A socket for a stream, and what it missed.
    pub(super) fn attach(&mut self, last: EventId) -> Vec<Effect> {
        let open = Effect::Attach {
            at: last,
            primed: false,
        };
        if !self.log.reaches_back_to(last.seq) {
            // What followed is gone. A stream that ends at once says so to the
            // front Worker, and its client then asks for itself.
            return vec![open, Effect::End(last.stream)];
        }
        let mut effects = vec![
            open,
            Effect::Replay {
                stream: last.stream,
                after: last.seq,
            },
        ];
        let stored = self.streams.get(&last.stream);
        if stored.is_some_and(|stream| stream.let_go) {
            effects.push(Effect::LetGo(last.stream));
        } else if last.stream != StreamId::STANDALONE
            && stored.is_none_or(|stream| stream.phase == Phase::Done)
        {
            effects.push(Effect::End(last.stream));
        }
        effects.extend(self.attached());
        effects
    }

    /// L-SSE-03, L-SSE-04: only clients of 2025-11-25 know that they are to
    /// come back; for others the stream just goes on.
    pub(super) fn let_go(&mut self, stream: StreamId) -> Vec<Effect> {
        if !self.primes() {
            return Vec::new();
        }
        let Some(stored) = self.streams.get_mut(&stream) else {
            return Vec::new();
        };
        stored.let_go = true;
        vec![
            Effect::SaveStream(Box::new(stored.clone())),
            Effect::LetGo(stream),
        ]
    }

    /// Whether the client knows priming events (L-SSE-03).
    pub(super) fn primes(&self) -> bool {
        self.record.revision >= Revision::V20251125 && !self.is_http_sse()
    }

    /// Appends a message to a stream's log and sends it.
    pub(super) fn emit(&mut self, stream: StreamId, message: String) -> Vec<Effect> {
        let carrier = self.carrier(stream);
        let waits = self.log.due().is_some();
        let event = self.log.append(carrier, message, self.now);
        let mut effects = vec![Effect::Emit(event)];
        effects.extend(self.prune());
        if !waits && self.log.due().is_some() {
            effects.push(Effect::WakeAt(self.next_wake()));
        }
        effects
    }

    /// Forgets the events that are beyond what is kept.
    pub(super) fn prune(&mut self) -> Option<Effect> {
        let through = self.log.prune(self.now)?;
        Some(self.forget(through))
    }

    /// Forgets events up to a place, and finished streams that have none left,
    /// here as in the rows. The newest stream stays, so that its number is not
    /// given twice.
    pub(super) fn forget(&mut self, through: Seq) -> Effect {
        let with_events = self.log.streams();
        let newest = self.streams.keys().next_back().copied();
        self.streams.retain(|id, stored| {
            stored.phase != Phase::Done || Some(*id) == newest || with_events.contains(id)
        });
        Effect::Prune(through)
    }

    /// Forgets finished streams without events, if there are any.
    pub(super) fn forget_finished(&mut self) -> Option<Effect> {
        let before = self.streams.len();
        let forget = self.forget(self.log.forgotten());
        (self.streams.len() < before).then_some(forget)
    }

    /// The response of a stream's call, and the end of both.
    pub(super) fn finish(&mut self, stream: StreamId, response: String) -> Vec<Effect> {
        let request = self.streams.get(&stream).map(|stored| &stored.request);
        let response = match request {
            Some(request) => deliverable(request, response),
            None => response,
        };
        let mut effects = self.emit(stream, response);
        if let Some(stored) = self.streams.get_mut(&stream) {
            stored.phase = Phase::Done;
            // Nobody will make the call again.
            stored.invocation.answers.clear();
            stored.invocation.request_state = None;
            effects.push(Effect::SaveStream(Box::new(stored.clone())));
        }
        if self.is_http_sse() {
            // Each call has a row here, whose number no event has.
            effects.extend(self.forget_finished());
        }
        effects.push(Effect::End(stream));
        effects
    }

    /// After a restart: nobody runs the calls that were running. Each is made
    /// again, or answered with a final error; never with silence.
    pub(super) fn go_on_running(&mut self, told: &BTreeMap<StreamId, f64>) -> Vec<Effect> {
        let running: Vec<_> = self
            .streams
            .values()
            .filter(|stream| stream.phase == Phase::Running)
            .map(|stream| stream.id)
            .collect();
        running
            .into_iter()
            .flat_map(|stream| self.go_on(stream, told.get(&stream).copied()))
            .collect()
    }

    fn go_on(&mut self, stream: StreamId, told: Option<f64>) -> Vec<Effect> {
        let Some(stored) = self.streams.get_mut(&stream) else {
            return Vec::new();
        };
        stored.again += 1;
        if stored.again >= CALL_TRIES_MAX {
            let request = stored.request.clone();
            return self.finish(stream, reply::error(Some(&request), &interrupted()));
        }
        let save = Effect::SaveStream(Box::new(stored.clone()));
        let invocation = Rc::new(stored.invocation.clone());
        let call = Call::on(stored, told);
        let call = self.begin(call);
        vec![save, Effect::InvokeAgain { call, invocation }]
    }
}
