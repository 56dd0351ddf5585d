//! What can happen to a session, and what its object then does.

use std::rc::Rc;

use jiff::Timestamp;
use rmcp::model::RequestId;
use serde_json::Value;
use serde_json::value::RawValue;

use super::log::Event;
use super::record::Record;
use super::streams::StoredStream;
use crate::envelope::{Notification, Request, Response};
use crate::event_id::{EventId, Seq, StreamId};
use crate::tool::catalog::Place;
use crate::tool::{Change, Invocation, Outcome};

/// A call that is running, for as long as the object lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// What happened.
#[derive(Debug)]
pub enum Input<'a> {
    /// The client asks for something.
    Request(Request<'a>),
    /// The client tells something.
    Notification(Notification<'a>),
    /// The client answers a question of ours.
    Response(Response<'a>),
    /// The tool Worker began to stream, so the client's answer is a stream too.
    ToolStreams(CallId),
    /// The tool told something about its call.
    ToolNotified {
        /// The call.
        call: CallId,
        /// The notification's method.
        method: String,
        /// Its params.
        params: Option<Box<RawValue>>,
    },
    /// The tool is done.
    ToolFinished {
        /// The call.
        call: CallId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The client opens its GET stream, or comes back for what it missed.
    Listen {
        /// The last event it saw, already verified.
        last: Option<EventId>,
    },
    /// The front Worker attaches to a stream that has begun, or attaches anew
    /// because its socket broke. The client knows nothing of it.
    Attach {
        /// The last event that was passed on, already verified.
        last: EventId,
    },
    /// What the object was asked for, such as with [`Effect::List`], and the
    /// client is to be told on its stream: the answers of HTTP+SSE are events,
    /// too.
    Found(String),
    /// Nobody is attached to the standalone stream any more.
    Detached {
        /// Whether the client left; otherwise the socket broke, and the front
        /// Worker may come back.
        left: bool,
    },
    /// Something changed that the client may be told of.
    Changed(&'a Change),
    /// The client ends the session.
    Delete,
    /// The time came that was asked for with [`Effect::WakeAt`].
    Alarm,
}

/// What to do. The object performs them in order.
#[derive(Debug)]
pub enum Effect {
    /// Answer the HTTP request at hand with this JSON.
    Answer(String),
    /// Answer the HTTP request at hand with 202.
    Accept,
    /// Answer the HTTP request at hand with a page of a list.
    List {
        /// The request.
        id: RequestId,
        /// The list, and where the client is in it.
        place: Place,
    },
    /// Answer the HTTP request at hand with the news that a stream has begun.
    /// Whoever asked comes for it with [`Input::Listen`]; what is emitted
    /// meanwhile is in the log.
    Begin {
        /// The stream, and the place where it begins.
        at: EventId,
        /// Whether the client is told that place with a priming event; only
        /// clients of 2025-11-25 know those.
        primed: bool,
    },
    /// Answer the HTTP request at hand with the news that nothing follows what
    /// the client saw last: its stream is over, or what came is gone.
    NothingFollows,
    /// Answer the HTTP request at hand with a socket attached to a stream;
    /// older ones of that stream are closed. From here on, `Emit` and `End`
    /// reach the client.
    Attach {
        /// The stream, and the last place this client knows.
        at: EventId,
        /// As for `Begin`.
        primed: bool,
    },
    /// Send the stored events of a stream that come after this place.
    Replay {
        /// The stream.
        stream: StreamId,
        /// The last place the client saw.
        after: Seq,
    },
    /// Store an event, then send it to whoever is attached to its stream.
    Emit(Event),
    /// Nothing follows on this stream.
    End(StreamId),
    /// Let go of whoever is attached to this stream; it goes on, and the client
    /// comes back for the rest.
    LetGo(StreamId),
    /// Have changes reported with [`Input::Changed`]: those of lists, and of the
    /// resources that [`Record::subscriptions`] names by then.
    Subscribe {
        /// Whether there are or were such resources.
        resources: bool,
    },
    /// Tell everyone who listens what a call changed.
    Publish(Vec<Change>),
    /// Call a tool, and report with `ToolStreams`, `ToolNotified`, `ToolFinished`.
    Invoke {
        /// How to name the call in reports.
        call: CallId,
        /// The call.
        invocation: Rc<Invocation>,
    },
    /// Call a tool once more whose call was cut off when the object died, if
    /// that does no harm; else report `ToolFinished` with
    /// [`crate::tool::interrupted`]. No HTTP request waits for it.
    InvokeAgain {
        /// How to name the call in reports.
        call: CallId,
        /// The call, with the answers given so far.
        invocation: Rc<Invocation>,
    },
    /// Make a task of a call, and answer the HTTP request at hand with it.
    BeginTask {
        /// The request.
        id: RequestId,
        /// The call.
        invocation: Box<Invocation>,
    },
    /// Answer the HTTP request at hand with how a task of this session stands.
    Task {
        /// The request.
        id: RequestId,
        /// The task, as the client names it.
        task: String,
        /// Whether to cancel it first.
        cancel: bool,
    },
    /// Answer the HTTP request at hand with the tasks of this session.
    ListTasks(RequestId),
    /// Stop caring about a call: the tool may stop.
    Abort(CallId),
    /// Store the new value of a tool's state.
    SaveState {
        /// The tool whose state it is.
        tool: String,
        /// The value.
        value: Value,
    },
    /// Store the session's row.
    SaveRecord(Box<Record>),
    /// Tell the account that the session was used.
    Used,
    /// Store a stream's row.
    SaveStream(Box<StoredStream>),
    /// Forget events up to this place, and finished streams without events.
    Prune(Seq),
    /// Report with [`Input::Alarm`] at that time.
    WakeAt(Timestamp),
    /// Forget everything and close every stream.
    Erase,
}

impl Effect {
    /// Whether it leaves something that is there when the object's memory is gone: the
    /// session's record has to be with it.
    pub(super) fn outlives_memory(&self) -> bool {
        match self {
            Self::Attach { .. }
            | Self::Emit(_)
            | Self::BeginTask { .. }
            | Self::SaveState { .. }
            | Self::SaveRecord(_)
            | Self::SaveStream(_)
            | Self::Prune(_)
            | Self::WakeAt(_) => true,
            Self::Answer(_)
            | Self::Accept
            | Self::List { .. }
            | Self::Begin { .. }
            | Self::NothingFollows
            | Self::Replay { .. }
            | Self::End(_)
            | Self::LetGo(_)
            | Self::Subscribe { .. }
            | Self::Publish(_)
            | Self::Invoke { .. }
            | Self::InvokeAgain { .. }
            | Self::Task { .. }
            | Self::ListTasks(_)
            | Self::Abort(_)
            | Self::Used
            | Self::Erase => false,
        }
    }
}
