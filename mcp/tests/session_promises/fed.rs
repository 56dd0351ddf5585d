//! What the machine is fed, owned, so that it can be fed to two machines.

use mcp::envelope::{self, Body, Message};
use mcp::event_id::EventId;
use mcp::session::{CallId, Input};
use mcp::tool::{Change, Outcome, Said};
use serde_json::value::RawValue;

/// One [`Input`], owned.
#[derive(Debug, Clone)]
pub(crate) enum Fed {
    /// A client's message, as it was sent.
    Message(String),
    Streams(CallId),
    Notified(CallId, &'static str, Option<String>),
    /// A tool's last message, as it was sent.
    Finished(CallId, String),
    Listen(Option<EventId>),
    Attach(EventId),
    Changed(Change),
    Delete,
    Alarm,
}

impl Fed {
    /// Lends the input.
    pub(crate) fn give<R>(&self, to: impl FnOnce(Input<'_>) -> R) -> R {
        match self {
            Self::Message(text) => match envelope::read(text.as_bytes()).unwrap() {
                Body::One(Message::Request(request)) => to(Input::Request(request)),
                Body::One(Message::Notification(told)) => to(Input::Notification(told)),
                Body::One(Message::Response(response)) => to(Input::Response(response)),
                Body::Array => panic!("one message, not an array"),
            },
            Self::Streams(call) => to(Input::ToolStreams(*call)),
            Self::Notified(call, method, params) => to(Input::ToolNotified {
                call: *call,
                method: (*method).to_owned(),
                params: params
                    .clone()
                    .map(|params| RawValue::from_string(params).unwrap()),
            }),
            Self::Finished(call, text) => to(Input::ToolFinished {
                call: *call,
                outcome: match Said::read(text) {
                    Said::Finished(outcome) => outcome,
                    Said::Notification { .. } => Outcome::garbage(),
                },
            }),
            Self::Listen(last) => to(Input::Listen { last: *last }),
            Self::Attach(last) => to(Input::Attach { last: *last }),
            Self::Changed(change) => to(Input::Changed(change)),
            Self::Delete => to(Input::Delete),
            Self::Alarm => to(Input::Alarm),
        }
    }

    /// The call of the tool that speaks.
    pub(crate) fn call(&self) -> Option<CallId> {
        match self {
            Self::Streams(call) | Self::Notified(call, ..) | Self::Finished(call, _) => Some(*call),
            Self::Message(_)
            | Self::Listen(_)
            | Self::Attach(_)
            | Self::Changed(_)
            | Self::Delete
            | Self::Alarm => None,
        }
    }
}
