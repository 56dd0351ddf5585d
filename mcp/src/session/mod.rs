//! The machine behind one session: it decides, its object does.
//!
//! [`Session::step`] is the only way a session changes. It takes what happened
//! and says what to do, as [`Effect`]s in the order in which to do them; it
//! never waits and never reads a clock. What must survive the object is among
//! the effects as a row, and [`Session::restore`] rebuilds the machine from
//! those rows.
//!
//! A call of a tool goes through these steps:
//!
//! 1. `Input::Request` → `Effect::Invoke`. Nothing is stored.
//! 2. The tool answers at once: `Input::ToolFinished` → `Effect::Answer`.
//!    Nothing was stored.
//! 3. Or it has something to say first: `Input::ToolStreams` opens a stream
//!    (one row), each message on it is an event (one row), the last is the
//!    response.
//! 4. Or it asks: the questions go out on the call's stream as requests of
//!    ours; when all answers are there, the tool is invoked again with them.
//!    So nothing of a waiting call is in memory only.

mod calls;
mod http_sse;
mod input;
mod log;
mod questions;
mod record;
mod requests;
mod retention;
mod streams;
mod subscriptions;

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::{Map, Value};

pub use http_sse::{Connection, Transport};
pub use input::{CallId, Effect, Input};
pub use log::{Event, Logged};
pub use record::{Initialize, Record};
pub use retention::Retention;
pub use streams::{Asked, LET_GO, Phase, StoredStream};

use crate::event_id::{Seq, StreamId};
use crate::limits::{HTTP_SSE_DETACHED_MAX, SESSION_IDLE_MAX, SESSION_SEEN_STALE_MAX};
use crate::tool::Invocation;
use crate::via::Via;

/// One session, as it stands.
#[derive(Debug)]
pub struct Session {
    record: Record,
    log: log::Log,
    streams: BTreeMap<StreamId, StoredStream>,
    calls: BTreeMap<CallId, calls::Call>,
    next_call: u64,
    /// How the client's present message came.
    via: Via,
    /// The time of the step at hand.
    now: Timestamp,
    /// Whether the session has its row; before that, who opened it has the record.
    kept: bool,
    ended: bool,
}

/// What is kept of a session when its object is gone.
#[derive(Debug)]
pub struct Stored {
    /// The session's row.
    pub record: Record,
    /// The rows of its streams.
    pub streams: Vec<StoredStream>,
    /// Its log, oldest first.
    pub events: Vec<Logged>,
    /// The highest progress in the log of each stream whose call was running.
    pub progress: BTreeMap<StreamId, f64>,
}

/// The session is over: every request for it gets the 404 of
/// [`crate::era::Refusal::no_such_session`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session has ended")]
pub struct Ended;

impl Session {
    /// A session that has stored nothing yet, as it was opened. Whoever opened it keeps
    /// the record; its own row is the first that it stores.
    pub fn open(record: Record, retention: Retention) -> Self {
        Self {
            via: Via::default(),
            now: record.opened,
            record,
            log: log::Log::new(retention),
            streams: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            kept: false,
            ended: false,
        }
    }

    /// The session as its rows tell it, after its object was gone.
    ///
    /// Nobody runs a call any more that was running then, and whether its tool
    /// did what it was to do is unknown. It is made again if that does no harm;
    /// else it gets a final, replayable error, never silence. A call that waits
    /// for the client goes on waiting.
    pub fn restore(stored: Stored, retention: Retention, now: Timestamp) -> (Self, Vec<Effect>) {
        let mut session = Self {
            record: stored.record,
            log: log::Log::restore(stored.events, retention),
            streams: stored
                .streams
                .into_iter()
                .map(|stream| (stream.id, stream))
                .collect(),
            calls: BTreeMap::new(),
            next_call: 0,
            via: Via::default(),
            now,
            kept: true,
            ended: false,
        };
        let effects = session.go_on_running(&stored.progress);
        let effects = session.on_one_stream(effects);
        (session, effects)
    }

    /// Who and what the session is for.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Whether it has its row. If not, it has stored nothing at all.
    pub fn is_kept(&self) -> bool {
        self.kept
    }

    /// How the client's next message comes, and what its token allows. It may be
    /// another than the session was opened with (checklist RS-11), and is nothing
    /// to store: calls carry it.
    pub fn comes_with(&mut self, scopes: Vec<String>, via: Via) {
        if self.record.principal.scopes != scopes {
            Rc::make_mut(&mut self.record.principal).scopes = scopes;
        }
        self.via = via;
    }

    /// Changes the session by one thing that happened.
    pub fn step(&mut self, now: Timestamp, input: Input<'_>) -> Result<Vec<Effect>, Ended> {
        if self.ended {
            return Err(Ended);
        }
        self.now = now;
        if !matches!(input, Input::Alarm) && now >= expiry(&self.record) {
            return Ok(self.erase());
        }
        let mut effects = match input {
            Input::Request(request) => self.request(request),
            Input::Notification(notification) => self.notification(&notification),
            Input::Response(response) => self.response(&response),
            Input::ToolStreams(call) => self.tool_streams(call),
            Input::ToolNotified {
                call,
                method,
                params,
            } => self.tool_notified(call, &method, params.as_deref()),
            Input::ToolFinished { call, outcome } => self.tool_finished(now, call, outcome),
            Input::Listen { last } => self.listen(last),
            Input::Attach { last } => self.attach(last),
            Input::Found(text) => vec![Effect::Answer(text)],
            Input::Detached { left } => {
                let effects = self.detached(now, left);
                return Ok(self.finished(effects));
            }
            // What others do is no use of the session.
            Input::Changed(change) => {
                let effects = self.changed(change);
                return Ok(self.finished(effects));
            }
            Input::Delete => return Ok(self.erase()),
            Input::Alarm => {
                let effects = self.alarm(now);
                return Ok(self.finished(effects));
            }
        };
        effects.extend(self.touch(now));
        Ok(self.finished(effects))
    }

    fn finished(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        let mut effects = self.on_one_stream(effects);
        if !self.kept && effects.iter().any(Effect::outlives_memory) {
            self.kept = true;
            let saves = |effect: &Effect| matches!(effect, Effect::SaveRecord(_));
            if !effects.iter().any(saves) {
                effects.insert(0, self.save());
            }
        }
        effects
    }

    /// Stores the session's row.
    fn save(&self) -> Effect {
        Effect::SaveRecord(Box::new(self.record.clone()))
    }

    /// Notes that the session was used, seldom enough to cost nothing.
    fn touch(&mut self, now: Timestamp) -> Vec<Effect> {
        let stale = now.duration_since(self.record.seen).unsigned_abs() > SESSION_SEEN_STALE_MAX;
        if !stale || now <= self.record.seen {
            return Vec::new();
        }
        self.record.seen = now;
        vec![self.save(), Effect::Used]
    }

    /// The alarm moves lazily: it rings at the expiry as it was, when a client
    /// should have answered, or when an event is old enough to be forgotten, and
    /// is set anew if there is more to wait for.
    fn alarm(&mut self, now: Timestamp) -> Vec<Effect> {
        if now >= expiry(&self.record) {
            return self.erase();
        }
        let mut effects = self.give_up_unanswered(now);
        effects.extend(self.prune());
        effects.push(Effect::WakeAt(self.next_wake()));
        effects
    }

    fn erase(&mut self) -> Vec<Effect> {
        self.ended = true;
        let mut effects: Vec<_> = self.calls.keys().map(|call| Effect::Abort(*call)).collect();
        effects.push(Effect::Erase);
        effects
    }

    fn invoke(call: CallId, invocation: Rc<Invocation>) -> Effect {
        Effect::Invoke { call, invocation }
    }

    /// What the client can be asked, for tools.
    fn client_capabilities(&self) -> Map<String, Value> {
        self.record.capabilities.clone()
    }

    fn next_stream(&self) -> StreamId {
        let used = self
            .streams
            .keys()
            .next_back()
            .copied()
            .max(self.log.newest_stream());
        StreamId(used.unwrap_or(StreamId::STANDALONE).0 + 1)
    }

    fn newest_seq(&self) -> Seq {
        self.log.newest()
    }
}

/// When a session ends that is not used and that nobody attaches to.
fn expiry(record: &Record) -> Timestamp {
    let after = |since: Timestamp, wait| {
        since
            .saturating_add(jiff::SignedDuration::try_from(wait).unwrap_or_default())
            .unwrap_or(Timestamp::MAX)
    };
    let idle = after(record.seen, SESSION_IDLE_MAX);
    match &record.transport {
        Transport::HttpSse(Connection {
            detached: Some(since),
            ..
        }) => idle.min(after(*since, HTTP_SSE_DETACHED_MAX)),
        Transport::StreamableHttp | Transport::HttpSse(_) => idle,
    }
}

#[cfg(test)]
mod tests;
