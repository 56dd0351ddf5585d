//! Clients that read streams through front Workers, as `src/endpoint/bridge.rs`
//! passes them on.

use std::collections::VecDeque;

use mcp::event_id::{EventId, Seq, StreamId};

use crate::object::{Frame, Object, SocketId};
use crate::promises::Ledger;

/// An SSE response that a front Worker feeds from a socket.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: StreamId,
    /// The last place the front Worker was told.
    pub(crate) passed: Option<EventId>,
    pub(crate) socket: Option<SocketId>,
    body: VecDeque<Chunk>,
    /// Whether the response goes on.
    pub(crate) serves: bool,
    reader: Option<usize>,
}

/// What is on its way to the client.
#[derive(Debug)]
enum Chunk {
    Primed(EventId),
    Event(EventId, String),
    End,
}

/// A client that wants all of a stream, and comes back with the last id it saw.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) stream: StreamId,
    /// The place it has come to.
    at: Seq,
    from: Seq,
    seen: Vec<Seq>,
    /// The last id it saw.
    pub(crate) last: Option<EventId>,
    pub(crate) connection: Option<usize>,
    /// It was told that nothing follows, or gave the stream up.
    pub(crate) told: Option<Told>,
}

/// How a reader's stream ended for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Told {
    NothingFollows,
    SessionGone,
    /// It was told that all it listens to may have changed.
    StartedAnew,
    /// It was cut off before it knew any id, or opened another stream instead.
    GaveUp,
}

/// All connections and all readers.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    pub(crate) connections: Vec<Connection>,
    pub(crate) readers: Vec<Reader>,
}

impl Clients {
    /// A stream begins in answer to a request; its socket is opened later.
    pub(crate) fn begin(&mut self, at: EventId, primed: bool) {
        let reader = self.read(at);
        let connection = self.connect(at.stream, Some(reader));
        let connection = &mut self.connections[connection];
        connection.passed = Some(at);
        connection.body.extend(primed.then_some(Chunk::Primed(at)));
    }

    /// Somebody who wants all that comes after a place.
    pub(crate) fn read(&mut self, from: EventId) -> usize {
        self.readers.push(Reader {
            stream: from.stream,
            at: from.seq,
            from: from.seq,
            seen: Vec::new(),
            last: None,
            connection: None,
            told: None,
        });
        self.readers.len() - 1
    }

    pub(crate) fn connect(&mut self, stream: StreamId, reader: Option<usize>) -> usize {
        let number = self.connections.len();
        self.connections.push(Connection {
            stream,
            passed: None,
            socket: None,
            body: VecDeque::new(),
            serves: true,
            reader,
        });
        if let Some(reader) = reader {
            self.readers[reader].connection = Some(number);
        }
        number
    }

    /// The front Worker passes on so many frames.
    pub(crate) fn pass(
        &mut self,
        number: usize,
        frames: usize,
        object: &mut Object,
        ledger: &Ledger,
    ) {
        let connection = &mut self.connections[number];
        let Some(id) = connection.socket else { return };
        let Some(socket) = object.sockets.get_mut(&id) else {
            connection.socket = None;
            return;
        };
        for _ in 0..frames {
            let Some(frame) = socket.frames.pop_front() else {
                break;
            };
            connection.hear(frame, ledger);
            if connection.socket.is_none() {
                object.sockets.remove(&id);
                break;
            }
        }
    }

    /// The client receives so many chunks.
    pub(crate) fn receive(&mut self, number: usize, chunks: usize, ledger: &Ledger) {
        let connection = &mut self.connections[number];
        for _ in 0..chunks {
            let Some(chunk) = connection.body.pop_front() else {
                break;
            };
            if let Some(reader) = connection.reader {
                self.readers[reader].receive(number, chunk, ledger);
            }
        }
    }

    /// Everything that is on its way arrives.
    pub(crate) fn flow(&mut self, object: &mut Object, ledger: &Ledger) {
        for number in 0..self.connections.len() {
            self.pass(number, usize::MAX, object, ledger);
            self.receive(number, usize::MAX, ledger);
        }
    }

    /// The socket is broken, with what was on its way.
    pub(crate) fn break_socket(&mut self, number: usize, object: &mut Object) {
        if let Some(socket) = self.connections[number].socket.take() {
            object.sockets.remove(&socket);
        }
    }

    /// Every socket is broken, with what was on its way.
    pub(crate) fn lose_sockets(&mut self) {
        for connection in &mut self.connections {
            connection.socket = None;
        }
    }

    /// The client is gone, with what was on its way; the object's end of the
    /// socket may linger.
    pub(crate) fn leave(&mut self, number: usize) {
        let connection = &mut self.connections[number];
        connection.serves = false;
        connection.socket = None;
        connection.body.clear();
        if let Some(reader) = connection.reader
            && self.readers[reader].connection == Some(number)
        {
            self.readers[reader].connection = None;
        }
    }

    /// The front Worker ends the response.
    pub(crate) fn hang_up(&mut self, number: usize) {
        self.connections[number].end();
    }
}

impl Connection {
    fn hear(&mut self, frame: Frame, ledger: &Ledger) {
        match frame {
            Frame::At { at, primed } => {
                assert_eq!(at.stream, self.stream, "attached to another stream");
                if primed && self.passed.is_none() {
                    self.body.push_back(Chunk::Primed(at));
                }
                self.passed = Some(at);
            }
            Frame::Event { at, message } => {
                let passed = self.passed.expect("a stream begins with its place");
                the_next_message_is_the_next(passed, at, &message, ledger);
                self.passed = Some(at);
                self.body.push_back(Chunk::Event(at, message));
            }
            Frame::End | Frame::TakenOver => self.end(),
        }
    }

    fn end(&mut self) {
        self.serves = false;
        self.socket = None;
        self.body.push_back(Chunk::End);
    }
}

impl Reader {
    fn receive(&mut self, connection: usize, chunk: Chunk, ledger: &Ledger) {
        if self.connection != Some(connection) {
            return; // it left that one and reads no more of it
        }
        match chunk {
            Chunk::Primed(at) => self.last = Some(at),
            Chunk::Event(at, message) => {
                let before = EventId {
                    stream: self.stream,
                    seq: self.at,
                };
                the_next_message_is_the_next(before, at, &message, ledger);
                self.at = at.seq;
                self.seen.push(at.seq);
                self.last = Some(at);
            }
            Chunk::End => self.connection = None,
        }
    }

    /// A stream that is over is ended, so that nobody waits on it for ever; who
    /// then comes back is told that nothing follows.
    pub(crate) fn nobody_waits_on_a_stream_that_is_over(&self, ledger: &Ledger) {
        let over = ledger.over.contains(&self.stream);
        assert!(!over || self.told.is_some(), "{self:?} waits");
    }

    /// A reader that came back whenever it was cut off has seen every message
    /// of its stream exactly once and in order, up to where it was told that
    /// what follows is gone.
    pub(crate) fn every_message_arrived_once(&self, ledger: &Ledger) {
        let from = EventId {
            stream: self.stream,
            seq: self.from,
        };
        let appended: Vec<_> = ledger.missed(from).map(|(seq, _)| *seq).collect();
        assert!(appended.starts_with(&self.seen), "{self:?} of {appended:?}");
        assert!(
            self.told.is_some() || self.seen == appended,
            "{self:?} of {appended:?}"
        );
    }
}

/// What arrives is what was appended to that stream right after what arrived
/// before it: nothing twice, nothing left out, nothing of another stream.
fn the_next_message_is_the_next(before: EventId, at: EventId, message: &str, ledger: &Ledger) {
    assert_eq!(at.stream, before.stream, "a message of another stream");
    let (seq, appended) = ledger.missed(before).next().expect("it was appended");
    assert_eq!(at.seq, *seq, "after {before:?}");
    assert_eq!(message, appended, "another text at {at:?}");
}
