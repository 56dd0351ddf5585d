//! What is promised, each as one function that fails when it is broken.
//!
//! The ledger remembers what the session said and was told, however much of
//! that the session itself has forgotten.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use mcp::RequestId;
use mcp::event_id::{EventId, Seq, StreamId};
use mcp::limits::{
    CALLS_IN_FLIGHT_MAX, ROW_BYTES_MAX, SESSION_IDLE_MAX, SESSION_SEEN_STALE_MAX, SUBSCRIPTIONS_MAX,
};
use mcp::session::{Effect, Ended, Event, Record, Retention, Session};
use serde_json::Value;

use crate::fed::Fed;
use crate::object::Object;
use crate::rows::Rows;

/// A request of the client.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) id: RequestId,
    /// It may be too large for a row.
    pub(crate) is_large: bool,
    /// The stream of its call, once it has one.
    pub(crate) stream: Option<StreamId>,
    pub(crate) cancelled: bool,
    /// Its HTTP request broke before anything came, as when a process dies.
    pub(crate) broke: bool,
    /// Whether HTTP was answered with something: JSON, a stream, a status.
    pub(crate) answered: bool,
    /// JSON-RPC responses, by HTTP and on its stream.
    pub(crate) responses: usize,
}

/// A request of ours.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) id: String,
    pub(crate) method: String,
}

/// What was said and told so far.
#[derive(Debug)]
pub(crate) struct Ledger {
    newest: Seq,
    pub(crate) history: BTreeMap<StreamId, Vec<(Seq, String)>>,
    pub(crate) owner: BTreeMap<StreamId, usize>,
    pub(crate) over: BTreeSet<StreamId>,
    pub(crate) requests: Vec<Asked>,
    /// Every place a client or front Worker was ever told.
    pub(crate) given: Vec<EventId>,
    /// All our requests.
    pub(crate) questions: Vec<Question>,
    /// The last time the session was used.
    pub(crate) used: Timestamp,
}

impl Asked {
    pub(crate) fn new(id: RequestId, is_large: bool) -> Self {
        Self {
            id,
            is_large,
            stream: None,
            cancelled: false,
            broke: false,
            answered: false,
            responses: 0,
        }
    }
}

impl Ledger {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            newest: Seq(0),
            history: BTreeMap::new(),
            owner: BTreeMap::new(),
            over: BTreeSet::new(),
            requests: Vec::new(),
            given: Vec::new(),
            questions: Vec::new(),
            used: now,
        }
    }

    /// Places strictly grow, over restarts too, so that one names one message.
    pub(crate) fn a_place_is_given_once(&mut self, event: &Event) {
        assert!(event.seq > self.newest, "{event:?} after {:?}", self.newest);
        self.newest = event.seq;
        let of_stream = self.history.entry(event.stream).or_default();
        of_stream.push((event.seq, event.message.clone()));
        self.given.push(EventId {
            stream: event.stream,
            seq: event.seq,
        });
    }

    /// A stream begins once, for one request, which waits for its HTTP answer;
    /// no number is used for two streams, over restarts too.
    pub(crate) fn a_stream_begins_once(&mut self, at: EventId, request: usize) {
        assert_ne!(at.stream, StreamId::STANDALONE);
        let before = self.owner.insert(at.stream, request);
        assert_eq!(before, None, "{at:?} was the stream of another request");
        assert_eq!(
            at.seq, self.newest,
            "nothing is on a stream before it begins"
        );
        let asked = &mut self.requests[request];
        assert_eq!(
            asked.stream.replace(at.stream),
            None,
            "{asked:?} has two streams"
        );
    }

    /// After its response, or after it was cancelled, nothing more is said on a
    /// stream, but that its questions are taken back; a response is the answer to the request whose stream it is on;
    /// the standalone stream has none (2025-11-25, Transports).
    pub(crate) fn a_message_is_on_the_stream_it_belongs_to(&mut self, event: &Event) {
        let message: Value = serde_json::from_str(&event.message).unwrap();
        let owner = self.owner.get(&event.stream).copied();
        let takes_back = message["method"] == "notifications/cancelled"
            && owner.is_some_and(|owner| self.requests[owner].responses == 0);
        assert!(
            takes_back || !self.over.contains(&event.stream),
            "{event:?} on a stream that is over"
        );
        assert_eq!(
            owner.is_none(),
            event.stream == StreamId::STANDALONE,
            "{event:?}"
        );
        if let Some(ours) = message["id"]
            .as_str()
            .filter(|_| message["method"].is_string())
        {
            assert!(owner.is_some(), "a question belongs to a call: {event:?}");
            let before = self.questions.iter().find(|known| known.id == ours);
            assert!(before.is_none(), "{ours} was asked before");
            self.questions.push(Question {
                id: ours.to_owned(),
                method: message["method"].as_str().unwrap().to_owned(),
            });
        }
        if message["method"].is_null() {
            let owner = owner.expect("a response belongs to a request");
            self.a_request_is_answered_once(owner, &event.message);
            self.over.insert(event.stream);
        }
    }

    /// A request has at most one response, either by HTTP or on its stream, with
    /// its id; one that was cancelled has none from then on.
    pub(crate) fn a_request_is_answered_once(&mut self, request: usize, text: &str) {
        let message: Value = serde_json::from_str(text).unwrap();
        assert!(
            message["result"].is_null() != message["error"].is_null(),
            "{text:.200}"
        );
        let asked = &mut self.requests[request];
        assert_eq!(
            message["id"],
            serde_json::to_value(&asked.id).unwrap(),
            "{text:.200}"
        );
        assert!(!asked.cancelled, "{asked:?} was cancelled");
        asked.responses += 1;
        assert_eq!(asked.responses, 1, "{asked:?} was answered twice");
        // The results of our tools name the request they were made for.
        if let Some(made_for) = message["result"]["madeFor"].as_u64() {
            assert_eq!(made_for, request as u64, "the result of another call");
        }
    }

    /// HTTP is answered once: with JSON, with a stream, or with a status.
    pub(crate) fn http_is_answered_once(&mut self, request: usize) {
        let asked = &mut self.requests[request];
        assert!(!asked.answered && !asked.broke, "{asked:?} had its answer");
        asked.answered = true;
    }

    /// Who is cut off from a stream for good is told so only if that is true:
    /// the stream is over and all of it was seen, or something is forgotten.
    pub(crate) fn nothing_follows_only_if_that_is_so(&self, last: EventId, rows: &Rows) {
        let over = last.stream != StreamId::STANDALONE && self.over.contains(&last.stream);
        let all_seen = self.missed(last).next().is_none();
        assert!(
            (over && all_seen) || rows.forgotten > last.seq,
            "{last:?} can go on"
        );
    }

    /// Who is let back onto a stream misses nothing of it in silence.
    pub(crate) fn nobody_comes_back_to_a_gap(&self, last: EventId, rows: &Rows) {
        let gone = self.missed(last).find(|(seq, _)| *seq <= rows.forgotten);
        assert!(gone.is_none(), "{last:?} misses {gone:?}");
    }

    /// The question of that id.
    pub(crate) fn question(&self, id: &str) -> Question {
        let asked = self.questions.iter().find(|asked| asked.id == id);
        asked.expect("it was asked").clone()
    }

    /// The requests that still wait for their response.
    pub(crate) fn in_flight(&self) -> Vec<usize> {
        let requests = self.requests.iter().enumerate();
        requests
            .filter(|(_, asked)| asked.responses == 0 && !asked.broke && !asked.cancelled)
            .map(|(number, _)| number)
            .collect()
    }

    /// What was appended to a stream after that place.
    pub(crate) fn missed(&self, last: EventId) -> impl Iterator<Item = &(Seq, String)> {
        let of_stream = self.history.get(&last.stream).into_iter().flatten();
        of_stream.filter(move |(seq, _)| *seq > last.seq)
    }

    /// A session ends when its client says so or it was not used for long, and
    /// not before (`SESSION_SEEN_STALE_MAX` is how exactly that is known).
    pub(crate) fn a_session_ends_for_a_reason(&self, now: Timestamp, fed: &Fed) {
        let idle = now.duration_since(self.used);
        let stale = SignedDuration::try_from(SESSION_SEEN_STALE_MAX).unwrap();
        let expired = idle + stale >= SignedDuration::try_from(SESSION_IDLE_MAX).unwrap();
        assert!(
            expired || matches!(fed, Fed::Delete),
            "ended by {fed:?} after {idle:?}"
        );
    }

    /// A session that nobody used for so long is there for nobody.
    pub(crate) fn a_session_that_expired_is_not_used(&self, now: Timestamp) {
        let idle = now.duration_since(self.used);
        assert!(
            idle < SignedDuration::try_from(SESSION_IDLE_MAX).unwrap(),
            "used after {idle:?}"
        );
    }

    /// Each call has exactly one response, unless it was cancelled or its HTTP
    /// request broke when there was no stream to come back to.
    pub(crate) fn every_request_was_answered(&self) {
        for asked in &self.requests {
            let excused = asked.cancelled || (asked.broke && asked.stream.is_none());
            assert!(
                excused || asked.responses == 1,
                "{asked:?} was never answered"
            );
        }
    }
}

/// A call that says nothing but its answer leaves no row behind, but for the
/// tool's own state and the seldom note that the session was used; nor does any
/// request as such.
pub(crate) fn a_plain_call_stores_nothing(effects: &[Effect], is_request: bool) {
    let answers = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Answer(_)));
    let stored = effects.iter().find(|effect| {
        matches!(
            effect,
            Effect::Emit(_) | Effect::SaveStream(_) | Effect::Prune(_)
        )
    });
    assert!(!(is_request || answers) || stored.is_none(), "{stored:?}");
}

/// Who missed changes that are gone is told of every change there may have been,
/// each once.
pub(crate) fn everything_may_have_changed(ledger: &Ledger, at: EventId, record: &Record) {
    let told: Vec<Value> = ledger
        .missed(at)
        .map(|(_, text)| serde_json::from_str(text).unwrap())
        .collect();
    let lists = ["tools/list", "prompts/list", "resources/list"];
    let mut expected: BTreeSet<String> = lists
        .iter()
        .map(|list| format!("notifications/{list}_changed"))
        .collect();
    expected.extend(record.subscriptions.iter().cloned());
    let words = |message: &Value| {
        let uri = message["params"]["uri"].as_str();
        uri.or(message["method"].as_str()).unwrap().to_owned()
    };
    let heard: Vec<_> = told.iter().map(words).collect();
    assert_eq!(heard.len(), expected.len(), "{heard:?}");
    assert_eq!(heard.into_iter().collect::<BTreeSet<_>>(), expected);
}

/// An ended session takes nothing any more, and keeps nothing.
pub(crate) fn an_ended_session_stays_ended(session: &mut Session, rows: &Rows, now: Timestamp) {
    assert!(rows.is_empty(), "{rows:?}");
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.to_owned();
    for fed in [
        Fed::Message(ping),
        Fed::Listen(None),
        Fed::Alarm,
        Fed::Delete,
    ] {
        let stepped = fed.give(|input| session.step(now, input));
        assert_eq!(stepped.unwrap_err(), Ended, "{fed:?}");
    }
}

/// Whatever wakes an object finds out what its session is.
pub(crate) fn what_is_left_has_its_record(object: &Object) {
    let attached = !object.sockets.is_empty() && object.opened.is_some();
    let left = !object.rows.is_empty() || object.alarm.is_some() || attached;
    assert!(!left || object.rows.record().is_some(), "{:?}", object.rows);
}

/// Nothing is kept without a bound, and no row is larger than SQLite takes.
pub(crate) fn what_is_kept_is_bounded(rows: &Rows, retention: Retention, running: usize) {
    let events = rows.events() as u64;
    assert!(events <= retention.events.max(1), "{events} events");
    let bytes_max = retention.bytes + rows.newest_event_bytes();
    assert!(rows.bytes <= bytes_max, "{} bytes", rows.bytes);
    assert!(running <= CALLS_IN_FLIGHT_MAX, "{running} calls run");
    // Each stream is in flight, or has an event, or is the newest.
    let streams_max = CALLS_IN_FLIGHT_MAX + rows.events() + 1;
    assert!(rows.streams() <= streams_max, "{} streams", rows.streams());
    if let Some(record) = rows.record() {
        assert!(record.subscriptions.len() <= SUBSCRIPTIONS_MAX);
    }
}

/// Cloudflare, "Durable Objects: Limits": a larger row fails, and with it the
/// step that wanted it.
pub(crate) fn a_row_is_small_enough(what: &str, bytes: usize) {
    assert!(bytes < ROW_BYTES_MAX, "{what} takes {bytes} bytes");
}

/// An effect, as far as it is one and the same for a session and the same
/// session restored: calls are numbered anew, and to let go of a socket is to
/// end it.
pub(crate) fn deed(effect: &Effect) -> String {
    match effect {
        Effect::Invoke { invocation, .. } => format!("Invoke({invocation:?})"),
        Effect::LetGo(stream) => format!("End({stream:?})"),
        other => format!("{other:?}"),
    }
}

/// When nothing runs, a session that is thrown away and restored does the same
/// as the one that was thrown away. Returns what the restored one does.
pub(crate) fn a_restored_session_is_the_same(
    object: &Object,
    now: Timestamp,
    fed: &Fed,
) -> Option<Vec<String>> {
    let (mut restored, effects) = object.taken_up(now)?;
    assert!(
        effects.is_empty(),
        "nothing ran, yet a restart does {effects:?}"
    );
    let effects = fed.give(|input| restored.step(now, input)).unwrap();
    Some(effects.iter().map(deed).collect())
}

/// The machine remembers no stream whose row is gone: else a session that lives
/// long grows without a bound.
pub(crate) fn nothing_is_remembered_that_is_not_stored(object: &Object) {
    let remembered = object.remembered().matches("StoredStream {").count();
    let stored = object.rows.streams();
    assert!(
        remembered <= stored,
        "{remembered} streams remembered, {stored} stored"
    );
}
