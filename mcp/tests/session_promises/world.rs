//! A session, its clients and its tools: what an act does to them.

use jiff::{SignedDuration, Timestamp};
use mcp::event_id::{EventId, StreamId};
use mcp::limits::EVENT_BYTES_MAX;
use mcp::principal::Principal;
use mcp::session::{CallId, Initialize, LET_GO, Record};
use mcp::session_id::SessionId;
use mcp::tool::Change;
use mcp::tool::catalog::Features;
use mcp::{NameKey, RequestId};
use proptest::sample::Index;
use serde_json::{Map, json};

use crate::fed::Fed;
use crate::object::{Frame, Object, Reply, SocketId};
use crate::promises::{self, Asked, Ledger};
use crate::reading::{Clients, Told};
use crate::said;
use crate::transcript::{Act, Changed, ReplyWith, Says, Transcript};

/// Everything there is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) object: Object,
    pub(crate) ledger: Ledger,
    pub(crate) clients: Clients,
    /// Numbers what is said, so that no two messages are the same.
    said: u64,
    pub(crate) ended: bool,
}

impl World {
    pub(crate) fn begin(transcript: &Transcript) -> Self {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let principal = Principal::anonymous("anonymous/alice".into());
        let id = SessionId::mint(&NameKey::new([7; 32]), &principal, [1; 16]);
        let asked = Initialize {
            protocol_version: transcript.revision.as_str().into(),
            capabilities: serde_json::from_str(transcript.capabilities).unwrap(),
            client_info: Map::new(),
        };
        let record = Record::new(&id, principal, asked, Features::ALL, now);
        Self {
            now,
            object: Object::new(transcript.retention, record),
            ledger: Ledger::new(now),
            clients: Clients::default(),
            said: 0,
            ended: false,
        }
    }

    #[expect(clippy::too_many_lines, reason = "one `match`, an arm for each act")]
    pub(crate) fn act(&mut self, act: &Act) {
        match act {
            Act::Ask(method, params) => self.ask(None, method, params),
            Act::Call { id, method } => {
                let (method, params) = said::CALLS[*method];
                self.ask(*id, method, params);
            }
            Act::Calls(count) => {
                for _ in 0..*count {
                    self.ask(None, "tools/call", r#"{"name":"t"}"#);
                }
            }
            Act::LargeCall(bytes) => {
                let params = json!({ "name": "t", "arguments": { "file": "x".repeat(*bytes) } });
                self.ask(None, "tools/call", &params.to_string());
            }
            Act::Cancel(index) => {
                if let Some(request) = pick(*index, 0..self.ledger.requests.len()) {
                    self.cancel(request);
                }
            }
            Act::Tell(what) => self.accepted(said::told(what)),
            Act::Reply { question, with } => self.reply(*question, *with),
            Act::Subscribe(first, count) => {
                for number in *first..first + count {
                    self.ask(None, "resources/subscribe", &said::uri(number));
                }
            }
            Act::Unsubscribe(number) => {
                self.ask(None, "resources/unsubscribe", &said::uri(*number));
            }
            Act::Tool { run, says } => {
                if let Some(call) = self.running(*run) {
                    self.tool_says(call, *says);
                }
            }
            Act::AllSay(says) => {
                let runs: Vec<_> = self.object.runs.keys().copied().collect();
                for call in runs {
                    if self.object.runs.contains_key(&call) {
                        self.tool_says(call, *says);
                    }
                }
            }
            Act::ReplyAll(with) => {
                for id in self.object.rows.open_questions() {
                    let question = self.ledger.question(&id);
                    self.accepted(said::reply(&question, *with));
                }
            }
            Act::CancelAll => {
                for request in self.ledger.in_flight() {
                    self.cancel(request);
                }
            }
            Act::Flood { run, messages } => {
                for _ in 0..*messages {
                    let Some(call) = self.running(*run) else {
                        return;
                    };
                    self.tool_says(call, Says::Progress);
                }
            }
            Act::Change(changed, times) => {
                for _ in 0..*times {
                    self.change(*changed);
                }
            }
            Act::Listen => self.listen(),
            Act::ComeBack(index) => {
                if let Some(reader) = pick(*index, self.cut_off()) {
                    self.come_back(reader);
                }
            }
            Act::ListenAt(index) => {
                if let Some(last) = pick(*index, self.ledger.given.clone()) {
                    self.listen_at(last, None);
                }
            }
            Act::Open(index) => {
                if let Some(connection) = pick(*index, self.to_open()) {
                    self.open(connection);
                }
            }
            Act::Flow => self.clients.flow(&mut self.object, &self.ledger),
            Act::BreakSocket { connection, frames } => {
                if let Some(number) = pick(*connection, self.serving()) {
                    self.clients
                        .pass(number, *frames, &mut self.object, &self.ledger);
                    self.clients.break_socket(number, &mut self.object);
                }
            }
            Act::Leave {
                connection,
                frames,
                events,
            } => {
                if let Some(number) = pick(*connection, self.serving()) {
                    self.clients
                        .pass(number, *frames, &mut self.object, &self.ledger);
                    self.clients.receive(number, *events, &self.ledger);
                    self.clients.leave(number);
                }
            }
            Act::Restart { sockets_live } => {
                self.object.dies(*sockets_live, &mut self.ledger);
                if !sockets_live {
                    self.clients.lose_sockets();
                }
            }
            Act::HubFails => self.object.hub_fails = true,
            Act::Wait { seconds, alarm } => {
                self.now += SignedDuration::from_secs(*seconds);
                if *alarm && self.object.alarm.is_some_and(|at| at <= self.now) {
                    self.alarm();
                }
            }
            Act::Alarm => self.alarm(),
            Act::Delete => {
                let reply = self.feed(&Fed::Delete, None);
                assert!(matches!(reply, Reply::Done | Reply::Gone));
            }
        }
    }

    /// One thing happens; afterwards all is as it must be at any time.
    fn feed(&mut self, fed: &Fed, request: Option<usize>) -> Reply {
        if self.ended {
            return Reply::Gone;
        }
        let reply = self
            .object
            .happened(self.now, fed, request, &mut self.ledger);
        let (rows, retention) = (&self.object.rows, self.object.retention);
        promises::what_is_kept_is_bounded(rows, retention, self.object.runs.len());
        promises::what_is_left_has_its_record(&self.object);
        self.object.the_hub_knows_who_listens();
        self.object
            .an_alarm_is_set_while_there_is_something_to_forget();
        self.ended = self.object.opened.is_none();
        reply
    }

    /// The client makes a request; without a number, its id is a new one.
    fn ask(&mut self, number: Option<u8>, method: &str, params: &str) {
        let request = self.ledger.requests.len();
        let id = number.map_or_else(
            || RequestId::String(format!("request-{request}").into()),
            |number| RequestId::Number(number.into()),
        );
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":{},"method":"{method}","params":{params}}}"#,
            serde_json::to_string(&id).unwrap()
        );
        self.ledger
            .requests
            .push(Asked::new(id, text.len() > EVENT_BYTES_MAX / 2));
        let reply = self.feed(&Fed::Message(text), Some(request));
        self.answer(request, reply);
    }

    /// HTTP brings something for a request.
    fn answer(&mut self, request: usize, reply: Reply) {
        match reply {
            Reply::Waits => return,
            Reply::Json(text) => self.ledger.a_request_is_answered_once(request, &text),
            Reply::Begun { at, primed } => self.clients.begin(at, primed),
            Reply::Gone | Reply::Failed => self.ledger.requests[request].broke = true,
            Reply::Accepted | Reply::Done | Reply::NothingFollows | Reply::Attached(_) => {
                panic!("{reply:?} in answer to a request")
            }
        }
        if !self.ledger.requests[request].broke {
            self.ledger.http_is_answered_once(request);
        }
    }

    fn cancel(&mut self, request: usize) {
        let id = self.ledger.requests[request].id.clone();
        self.object.is_there(self.now, &mut self.ledger); // calls that died are answered first
        for asked in &mut self.ledger.requests {
            if asked.id == id && asked.responses == 0 && !asked.broke {
                asked.cancelled = true;
                self.ledger.over.extend(asked.stream);
            }
        }
        let params = json!({ "requestId": id });
        self.accepted(said::notification("notifications/cancelled", &params));
        if !self.ended {
            let requests = &self.ledger.requests;
            let still = self
                .object
                .runs
                .values()
                .find(|run| requests[run.request].cancelled);
            assert!(still.is_none(), "{still:?} was cancelled and runs");
        }
    }

    fn reply(&mut self, index: Index, with: ReplyWith) {
        if let Some(question) = pick(index, self.ledger.questions.clone()) {
            self.accepted(said::reply(&question, with));
        }
    }

    /// What is no request is accepted, whatever it says.
    pub(crate) fn accepted(&mut self, text: String) {
        let reply = self.feed(&Fed::Message(text), None);
        assert!(matches!(reply, Reply::Accepted | Reply::Gone), "{reply:?}");
    }

    fn running(&self, index: Index) -> Option<CallId> {
        pick(index, self.object.runs.keys().copied())
    }

    pub(crate) fn tool_says(&mut self, call: CallId, says: Says) {
        self.said += 1;
        let token = self.said;
        let request = self.object.runs[&call].request;
        let fed = match says {
            Says::Streams => Fed::Streams(call),
            Says::Progress => said::progress(call, token, 0),
            Says::LargeProgress(bytes) => said::progress(call, token, bytes),
            Says::Log(level) => {
                let params = json!({ "level": level, "data": token }).to_string();
                Fed::Notified(call, "notifications/message", Some(params))
            }
            Says::LetGo => Fed::Notified(call, LET_GO, None),
            Says::Forbidden => Fed::Notified(call, "notifications/tools/list_changed", None),
            Says::Finished
            | Says::LargeResult(_)
            | Says::FinishedWithState
            | Says::Asks { .. }
            | Says::Failed(_)
            | Says::Garbage(_) => Fed::Finished(call, said::outcome(says, request)),
        };
        let reply = self.feed(&fed, None);
        if reply != Reply::Done && !self.ended {
            // It is for the HTTP request that waits for the call; there must be one.
            let waits = self.object.waiting.remove(&call);
            assert_eq!(waits, Some(request), "{reply:?} for nobody");
            self.answer(request, reply);
        }
        if matches!(fed, Fed::Finished(..)) && !self.ended {
            assert!(
                !self.object.waiting.contains_key(&call),
                "a call ends in silence"
            );
        }
        if matches!(says, Says::Progress) && !self.ended {
            self.a_tool_is_heard_on_the_stream_of_its_call(request, token);
        }
    }

    /// A call that is too large for a row has no stream; every other does, once
    /// its tool said something.
    fn a_tool_is_heard_on_the_stream_of_its_call(&self, request: usize, token: u64) {
        let asked = &self.ledger.requests[request];
        let Some(stream) = asked.stream else {
            assert!(asked.is_large, "{asked:?} has no stream");
            return;
        };
        let newest = self.ledger.history[&stream].last();
        let token = format!("\"progress\":{token},");
        let heard = newest.is_some_and(|(_, text)| text.contains(&token));
        assert!(heard, "{token} is not the newest of {stream:?}: {newest:?}");
    }

    fn change(&mut self, changed: Changed) {
        let change = match changed {
            Changed::List(0) => Change::ToolsList,
            Changed::List(1) => Change::PromptsList,
            Changed::List(_) => Change::ResourcesList,
            Changed::Resource(number) => Change::Resource {
                uri: said::resource(number),
                shared: true,
            },
        };
        let wanted = match (&change, self.object.record()) {
            (Change::Resource { uri, .. }, Some(record)) => record.subscriptions.contains(uri),
            _ => true,
        };
        let told = |world: &Self| {
            world
                .ledger
                .history
                .get(&StreamId::STANDALONE)
                .map_or(0, Vec::len)
        };
        let before = told(self);
        let reply = self.feed(&Fed::Changed(change), None);
        assert!(matches!(reply, Reply::Done | Reply::Gone));
        if !self.ended {
            assert_eq!(
                told(self) - before,
                usize::from(wanted),
                "a change is told once"
            );
        }
    }

    fn alarm(&mut self) {
        self.object.alarm = None;
        let reply = self.feed(&Fed::Alarm, None);
        assert!(matches!(reply, Reply::Done | Reply::Gone));
    }

    /// The client opens its GET stream, and reads no older one any more.
    fn listen(&mut self) {
        for reader in &mut self.clients.readers {
            if reader.stream == StreamId::STANDALONE {
                reader.told.get_or_insert(Told::GaveUp);
            }
        }
        let reply = self.feed(&Fed::Listen(None), None);
        let Reply::Attached(socket) = reply else {
            assert!(matches!(reply, Reply::Gone | Reply::Failed), "{reply:?}");
            return;
        };
        let Some(Frame::At { at, .. }) = self.object.sockets[&socket].frames.front().cloned()
        else {
            panic!("a socket begins with its place")
        };
        let reader = self.clients.read(at);
        let connection = self.clients.connect(at.stream, Some(reader));
        self.clients.connections[connection].socket = Some(socket);
    }

    /// A reader comes back, if it knows where it was.
    pub(crate) fn come_back(&mut self, reader: usize) {
        match self.clients.readers[reader].last {
            Some(last) => self.listen_at(last, Some(reader)),
            None => self.clients.readers[reader].told = Some(Told::GaveUp),
        }
    }

    fn listen_at(&mut self, last: EventId, reader: Option<usize>) {
        let told = match self.feed(&Fed::Listen(Some(last)), None) {
            Reply::Attached(socket) => {
                let Some(Frame::At { at, .. }) = self.object.sockets[&socket].frames.front() else {
                    panic!("a socket begins with its place")
                };
                if *at != last {
                    self.starts_anew(last, *at, reader, socket);
                    return;
                }
                self.ledger
                    .nobody_comes_back_to_a_gap(last, &self.object.rows);
                let connection = self.clients.connect(last.stream, reader);
                self.clients.connections[connection].socket = Some(socket);
                return;
            }
            Reply::NothingFollows => {
                self.ledger
                    .nothing_follows_only_if_that_is_so(last, &self.object.rows);
                Told::NothingFollows
            }
            Reply::Gone => Told::SessionGone,
            Reply::Failed => return, // a reader comes back once more
            other => panic!("{other:?} in answer to GET"),
        };
        if let Some(reader) = reader {
            self.clients.readers[reader].told = Some(told);
        }
    }

    /// What the client missed of the standalone stream is gone: it is told that
    /// everything may have changed, and reads on from there.
    fn starts_anew(&mut self, last: EventId, at: EventId, reader: Option<usize>, socket: SocketId) {
        assert_eq!(
            (last.stream, at.stream),
            (StreamId::STANDALONE, StreamId::STANDALONE)
        );
        self.ledger
            .nothing_follows_only_if_that_is_so(last, &self.object.rows);
        let record = self.object.record().unwrap();
        promises::everything_may_have_changed(&self.ledger, at, record);
        let reader = reader.map(|reader| {
            self.clients.readers[reader].told = Some(Told::StartedAnew);
            self.clients.read(at)
        });
        let connection = self.clients.connect(at.stream, reader);
        self.clients.connections[connection].socket = Some(socket);
    }

    /// The front Worker attaches where it was.
    pub(crate) fn open(&mut self, number: usize) {
        let Some(last) = self.clients.connections[number].passed else {
            self.clients.hang_up(number); // it was told nothing yet, and gives up
            return;
        };
        match self.feed(&Fed::Attach(last), None) {
            Reply::Attached(socket) => self.clients.connections[number].socket = Some(socket),
            Reply::Gone => self.clients.hang_up(number),
            other => panic!("{other:?} in answer to a front Worker"),
        }
    }

    /// Readers that are not connected, and were not told why.
    pub(crate) fn cut_off(&self) -> Vec<usize> {
        let readers = self.clients.readers.iter().enumerate();
        readers
            .filter(|(_, reader)| reader.connection.is_none() && reader.told.is_none())
            .map(|(number, _)| number)
            .collect()
    }

    fn serving(&self) -> Vec<usize> {
        let connections = self.clients.connections.iter().enumerate();
        connections
            .filter(|(_, connection)| connection.serves)
            .map(|(number, _)| number)
            .collect()
    }

    /// Responses that go on, but have no socket.
    pub(crate) fn to_open(&self) -> Vec<usize> {
        let mut serving = self.serving();
        serving.retain(|number| self.clients.connections[*number].socket.is_none());
        serving
    }
}

fn pick<T>(index: Index, from: impl IntoIterator<Item = T>) -> Option<T> {
    let mut from: Vec<T> = from.into_iter().collect();
    (!from.is_empty()).then(|| from.swap_remove(index.index(from.len())))
}
