//! HTTP+SSE, the transport of 2024-11-05, on the same machine (checklist S24).
//!
//! 1. The front Worker opens a session that is not initialized, attaches to
//!    its standalone stream, and only then tells the client where to POST.
//! 2. `initialize` comes by POST like every other message. Until then only
//!    `ping` is served.
//! 3. Every POST is only accepted; whatever is said goes onto the one stream.
//!    A call has its row before it is accepted, so that a restart of the
//!    object ends it with an error and not with silence.
//! 4. The session ends with the connection: at once when the client leaves,
//!    and after [`HTTP_SSE_DETACHED_MAX`] when the socket broke and nobody came
//!    back. One to which nobody ever attached stored nothing, and is no more by then;
//!    its place is the opener's to clear.

use jiff::Timestamp;
use rmcp::model::ErrorCode;
use serde::{Deserialize, Serialize};

use super::requests::answer;
use super::{Effect, Initialize, Session};
use crate::envelope::Request;
use crate::event_id::StreamId;
use crate::log_level::LogLevel;
use crate::reply::{self, fault};
use crate::revision::Revision;
use crate::server::SERVER;

/// How a session's client is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Transport {
    /// Streamable HTTP: what is said of a request is said in its answer.
    #[default]
    StreamableHttp,
    /// HTTP+SSE: everything is said on the one stream.
    HttpSse(Connection),
}

/// How far a connection over HTTP+SSE is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Connection {
    /// Whether `initialize` was answered.
    pub initialized: bool,
    /// Since when nobody is attached to its stream; none while somebody is.
    pub detached: Option<Timestamp>,
}

impl Session {
    /// Whether this session is over HTTP+SSE.
    pub fn is_http_sse(&self) -> bool {
        self.connection().is_some()
    }

    fn connection(&self) -> Option<&Connection> {
        match &self.record.transport {
            Transport::StreamableHttp => None,
            Transport::HttpSse(connection) => Some(connection),
        }
    }

    fn connection_mut(&mut self) -> Option<&mut Connection> {
        match &mut self.record.transport {
            Transport::StreamableHttp => None,
            Transport::HttpSse(connection) => Some(connection),
        }
    }

    /// Whether the client still has to begin with `initialize`.
    pub(super) fn awaits_initialize(&self) -> bool {
        self.connection()
            .is_some_and(|connection| !connection.initialized)
    }

    /// `initialize`, by POST (S24-05, L-INIT-01, L-INIT-02).
    pub(super) fn initialize(&mut self, request: &Request<'_>) -> Vec<Effect> {
        let refuse =
            |code, words: String| answer(reply::error(Some(&request.id), &fault(code, words)));
        if !self.awaits_initialize() {
            let words = "this session is initialized already"; // as row P16
            return refuse(ErrorCode::INVALID_REQUEST, words.to_owned());
        }
        let asked = match Initialize::read(request.params.text()) {
            Ok(asked) => asked,
            Err(error) => return answer(reply::error(Some(&request.id), &error)),
        };
        self.record.revision = Revision::negotiate_http_sse(&asked.protocol_version);
        self.record.capabilities = asked.capabilities;
        self.record.client = asked.client_info.into();
        self.record.log_level = LogLevel::SESSION_DEFAULT;
        if let Some(connection) = self.connection_mut() {
            connection.initialized = true;
        }
        let result = SERVER.initialize_result(self.record.revision, self.record.features);
        vec![
            self.save(),
            Effect::Answer(reply::result(&request.id, &result)),
        ]
    }

    /// What comes before `initialize` but may not.
    pub(super) fn too_early(request: &Request<'_>) -> Vec<Effect> {
        let words = "this session is not initialized yet: begin with initialize";
        let error = fault(ErrorCode::INVALID_REQUEST, words);
        answer(reply::error(Some(&request.id), &error))
    }

    /// The stream that carries what is said on a call's stream (S24-02).
    pub(super) fn carrier(&self, stream: StreamId) -> StreamId {
        if self.is_http_sse() {
            StreamId::STANDALONE
        } else {
            stream
        }
    }

    /// Answers become events and requests are only accepted (S24-02, S24-03);
    /// that a call's own stream begins and ends is nothing to tell.
    pub(super) fn on_one_stream(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        if !self.is_http_sse() {
            return effects;
        }
        let mut told = Vec::with_capacity(effects.len());
        for effect in effects {
            if let Effect::Answer(text) = effect {
                told.extend(self.emit(StreamId::STANDALONE, text));
                told.push(Effect::Accept);
            } else if let Effect::Begin { .. } = effect {
                told.push(Effect::Accept);
            } else if !matches!(effect, Effect::End(stream) if stream != StreamId::STANDALONE) {
                told.push(effect);
            }
        }
        told
    }

    /// The client left, which ends the session (S24-05); or its socket broke,
    /// which ends it only if nobody comes back.
    pub(super) fn detached(&mut self, now: Timestamp, left: bool) -> Vec<Effect> {
        let Some(connection) = self.connection_mut() else {
            return Vec::new();
        };
        if left {
            return self.erase();
        }
        if connection.detached.is_some() {
            return Vec::new();
        }
        connection.detached = Some(now);
        vec![self.save(), Effect::WakeAt(self.next_wake())]
    }

    /// Somebody is attached again.
    pub(super) fn attached(&mut self) -> Option<Effect> {
        self.connection_mut()?.detached.take()?;
        Some(self.save())
    }
}
