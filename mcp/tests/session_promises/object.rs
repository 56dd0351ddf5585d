//! The object, as far as its deeds matter to a promise: it performs effects in
//! order, as `objects/src/session/perform.rs` does.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use mcp::event_id::{EventId, StreamId};
use mcp::reply;
use mcp::session::{CallId, Effect, Phase, Record, Retention, Session};

use crate::fed::Fed;
use crate::promises::{self, Ledger};
use crate::rows::Rows;

/// Event bytes up to which a session is also restored before each input: with
/// more, that would take most of the time of the test.
const TWIN_BYTES_MAX: u64 = 3_000;

/// A frame on its way to a front Worker.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Frame {
    At { at: EventId, primed: bool },
    Event { at: EventId, message: String },
    End,
    TakenOver,
}

/// A hibernatable socket; the object's end is gone once it is closed.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: StreamId,
    is_open: bool,
    pub(crate) frames: VecDeque<Frame>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SocketId(u64);

/// A call whose tool works.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) request: usize,
}

/// What an HTTP request is answered with.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    Json(String),
    Accepted,
    Done,
    NothingFollows,
    Begun {
        at: EventId,
        primed: bool,
    },
    Attached(SocketId),
    /// The one 404 of sessions that are not there.
    Gone,
    /// An effect failed: 500.
    Failed,
    /// The tool works on it.
    Waits,
}

/// One object and what survives it.
#[derive(Debug)]
pub(crate) struct Object {
    /// As the account has it, until the session ends.
    pub(crate) opened: Option<Record>,
    pub(crate) rows: Rows,
    pub(crate) retention: Retention,
    session: Option<Session>,
    pub(crate) alarm: Option<Timestamp>,
    /// What the hub knows: which resources, if the session listens at all.
    hub: Option<BTreeSet<String>>,
    pub(crate) hub_fails: bool,
    pub(crate) sockets: BTreeMap<SocketId, Socket>,
    sockets_made: u64,
    pub(crate) runs: BTreeMap<CallId, Run>,
    /// HTTP requests that wait for what their call brings first.
    pub(crate) waiting: BTreeMap<CallId, usize>,
}

impl Object {
    pub(crate) fn new(retention: Retention, record: Record) -> Self {
        Self {
            opened: Some(record),
            rows: Rows::none(),
            retention,
            session: None,
            alarm: None,
            hub: None,
            hub_fails: false,
            sockets: BTreeMap::new(),
            sockets_made: 0,
            runs: BTreeMap::new(),
            waiting: BTreeMap::new(),
        }
    }

    /// The session as it is without what is in memory.
    pub(crate) fn taken_up(&self, now: Timestamp) -> Option<(Session, Vec<Effect>)> {
        if let Some(stored) = self.rows.load() {
            return Some(Session::restore(stored, self.retention, now));
        }
        let record = self.opened.clone()?;
        Some((Session::open(record, self.retention), Vec::new()))
    }

    /// The record, wherever it is.
    pub(crate) fn record(&self) -> Option<&Record> {
        self.rows.record().or(self.opened.as_ref())
    }

    /// Whether there is a session; takes it up if it is not in memory.
    pub(crate) fn is_there(&mut self, now: Timestamp, ledger: &mut Ledger) -> bool {
        if self.session.is_none() {
            let Some((session, effects)) = self.taken_up(now) else {
                return false;
            };
            self.session = Some(session);
            self.perform(effects, None, ledger);
        }
        true
    }

    /// One thing happens, for the HTTP request of the client at hand if there
    /// is one.
    pub(crate) fn happened(
        &mut self,
        now: Timestamp,
        fed: &Fed,
        request: Option<usize>,
        ledger: &mut Ledger,
    ) -> Reply {
        if !self.is_there(now, ledger) {
            return Reply::Gone;
        }
        let twin = (self.runs.is_empty() && self.rows.bytes < TWIN_BYTES_MAX)
            .then(|| promises::a_restored_session_is_the_same(self, now, fed))
            .flatten();
        let mut session = self.session.take().unwrap();
        let effects = fed.give(|input| session.step(now, input)).unwrap();
        if let Some(twin) = twin {
            let deeds: Vec<_> = effects.iter().map(promises::deed).collect();
            assert_eq!(deeds, twin, "restored, another session, on {fed:?}");
        }
        let erases = effects.iter().any(|effect| matches!(effect, Effect::Erase));
        if erases {
            ledger.a_session_ends_for_a_reason(now, fed);
            self.perform(effects, request, ledger);
            promises::an_ended_session_stays_ended(&mut session, &self.rows, now);
            return if matches!(fed, Fed::Delete) {
                Reply::Done
            } else {
                Reply::Gone
            };
        }
        // What others do is no use of the session.
        if !matches!(fed, Fed::Alarm | Fed::Changed(_)) {
            ledger.a_session_that_expired_is_not_used(now);
            ledger.used = ledger.used.max(now);
        }
        promises::a_plain_call_stores_nothing(&effects, request.is_some());
        self.session = Some(session);
        let request = request.or_else(|| Some(self.runs.get(&fed.call()?)?.request));
        if let Fed::Finished(call, _) = fed {
            self.runs.remove(call);
        }
        self.perform(effects, request, ledger)
    }

    /// Performs effects in order, for that request if they are for one.
    fn perform(
        &mut self,
        effects: Vec<Effect>,
        request: Option<usize>,
        ledger: &mut Ledger,
    ) -> Reply {
        let mut reply = None;
        let mut resumed = None;
        let mut saved = None;
        for effect in effects {
            match effect {
                Effect::Answer(text) => reply = Some(Reply::Json(text)),
                Effect::Accept => reply = Some(Reply::Accepted),
                Effect::List { id, .. } => reply = Some(Reply::Json(reply::result(&id, "page"))),
                Effect::BeginTask { id, .. } | Effect::Task { id, .. } | Effect::ListTasks(id) => {
                    reply = Some(Reply::Json(reply::result(&id, "task")));
                }
                Effect::NothingFollows => reply = Some(Reply::NothingFollows),
                Effect::Begin { at, primed } => {
                    ledger.a_stream_begins_once(at, request.expect("a stream has a request"));
                    ledger.given.push(at);
                    reply = Some(Reply::Begun { at, primed });
                }
                Effect::Attach { at, primed } => {
                    ledger.given.push(at);
                    reply = Some(self.attach(at, primed));
                }
                Effect::Replay { stream, after } => {
                    for event in self.rows.after(stream, after) {
                        let seq = event.seq;
                        self.send(EventId { stream, seq }, &event.message);
                    }
                }
                Effect::Emit(event) => {
                    ledger.a_place_is_given_once(&event);
                    ledger.a_message_is_on_the_stream_it_belongs_to(&event);
                    promises::a_row_is_small_enough("an event", event.message.len());
                    assert!(self.rows.append(&event), "stored twice: {event:?}");
                    let at = EventId {
                        stream: event.stream,
                        seq: event.seq,
                    };
                    self.send(at, &event.message);
                }
                Effect::End(stream) => {
                    let attach_only = matches!(reply, Some(Reply::Attached(_)));
                    assert!(
                        attach_only || ledger.over.contains(&stream),
                        "{stream:?} goes on"
                    );
                    self.close(stream, &Frame::End);
                }
                Effect::LetGo(stream) => self.close(stream, &Frame::End),
                Effect::Subscribe { .. } => {
                    if std::mem::take(&mut self.hub_fails) {
                        // So that it is asked for again; then the session is dropped.
                        let mut record = self.rows.record().expect("it was saved before").clone();
                        record.listens = false;
                        self.rows.save_record(&record);
                        self.dies(true, ledger);
                        return Reply::Failed;
                    }
                    let record = self.session.as_ref().map(Session::record);
                    self.hub = record.map(|record| record.subscriptions.clone());
                }
                Effect::Invoke { call, .. } => {
                    let request = resumed.map_or(request, |stream| Some(ledger.owner[&stream]));
                    let request = request.expect("a call has a request");
                    let before = self.runs.insert(call, Run { request });
                    assert!(before.is_none(), "{call:?} is the number of another call");
                    if resumed.is_none() {
                        self.waiting.insert(call, request);
                        reply = Some(Reply::Waits);
                    }
                }
                Effect::InvokeAgain { call, .. } => {
                    let stream = saved.expect("a call that is made again has a stream");
                    let request = ledger.owner[&stream];
                    let before = self.runs.insert(call, Run { request });
                    assert!(before.is_none(), "{call:?} is the number of another call");
                }
                Effect::Abort(call) => self.abort(call, ledger),
                Effect::Publish(_) | Effect::Used | Effect::SaveState { .. } => {}
                Effect::SaveRecord(record) => {
                    let bytes = self.rows.save_record(&record);
                    promises::a_row_is_small_enough("the record", bytes);
                }
                Effect::SaveStream(stream) => {
                    saved = Some(stream.id);
                    resumed =
                        (stream.phase == Phase::Running && stream.round > 0).then_some(stream.id);
                    let bytes = self.rows.save_stream(&stream);
                    promises::a_row_is_small_enough("a stream", bytes);
                }
                Effect::Prune(through) => self.rows.prune(through),
                Effect::WakeAt(at) => self.alarm = Some(at),
                Effect::Erase => {
                    for socket in self.sockets.values_mut() {
                        socket.close(Frame::End);
                    }
                    self.opened = None;
                    self.rows.erase();
                    (self.alarm, self.session) = (None, None);
                }
            }
        }
        reply.unwrap_or(Reply::Done)
    }

    /// Stops a call; HTTP needs a status, and it is 202 (L-CANC-01).
    fn abort(&mut self, call: CallId, ledger: &mut Ledger) {
        assert!(self.runs.remove(&call).is_some(), "{call:?} does not run");
        if let Some(request) = self.waiting.remove(&call) {
            ledger.http_is_answered_once(request);
        }
    }

    /// The process dies: nothing that runs goes on, nobody who waits is told.
    pub(crate) fn dies(&mut self, sockets_live: bool, ledger: &mut Ledger) {
        self.session = None;
        self.runs.clear();
        for (_, request) in std::mem::take(&mut self.waiting) {
            ledger.requests[request].broke = true;
        }
        if !sockets_live {
            self.sockets.clear();
        }
    }

    /// A new socket for a stream; the newest takes the stream over.
    fn attach(&mut self, at: EventId, primed: bool) -> Reply {
        self.close(at.stream, &Frame::TakenOver);
        self.sockets_made += 1;
        let id = SocketId(self.sockets_made);
        let socket = Socket {
            stream: at.stream,
            is_open: true,
            frames: VecDeque::from([Frame::At { at, primed }]),
        };
        self.sockets.insert(id, socket);
        Reply::Attached(id)
    }

    fn send(&mut self, at: EventId, message: &str) {
        for socket in self.of(at.stream) {
            socket.frames.push_back(Frame::Event {
                at,
                message: message.to_owned(),
            });
        }
    }

    fn close(&mut self, stream: StreamId, with: &Frame) {
        for socket in self.of(stream) {
            socket.close(with.clone());
        }
    }

    fn of(&mut self, stream: StreamId) -> impl Iterator<Item = &mut Socket> {
        let sockets = self.sockets.values_mut();
        sockets.filter(move |socket| socket.is_open && socket.stream == stream)
    }

    /// What the machine holds in memory.
    pub(crate) fn remembered(&self) -> String {
        format!("{:?}", self.session)
    }

    /// A session whose record says that it listens has told the hub so; else
    /// what others change would be passed over in silence.
    pub(crate) fn the_hub_knows_who_listens(&self) {
        let Some(record) = self.rows.record() else {
            return;
        };
        let known = self.hub.as_ref();
        let told = known.is_some_and(|known| known.is_superset(&record.subscriptions));
        assert!(!record.listens || told, "{record:?}, but {known:?}");
    }

    /// While there is an event to be forgotten, an alarm is set, and no later than
    /// that. A session without any is ended by its account.
    pub(crate) fn an_alarm_is_set_while_there_is_something_to_forget(&self) {
        let Some(oldest) = self.rows.oldest_of_several() else {
            return;
        };
        let due = oldest + jiff::SignedDuration::try_from(self.retention.age).unwrap();
        assert!(
            self.alarm.is_some_and(|alarm| alarm <= due),
            "{:?}, due {due}",
            self.alarm
        );
    }
}

impl Socket {
    fn close(&mut self, with: Frame) {
        if std::mem::take(&mut self.is_open) {
            self.frames.push_back(with);
        }
    }
}
