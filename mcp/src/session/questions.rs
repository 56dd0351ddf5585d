//! Questions of tools: requests of ours to the client, and their answers.
//!
//! A tool asks by ending with questions; when the client has answered, the
//! tool is called again with the answers (architecture, section 3). For the
//! client this is one request of its own that takes longer.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rmcp::model::{ErrorCode, RequestId};
use serde::Deserialize;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::calls::Call;
use super::streams::{Asked, Phase, StoredStream};
use super::{CallId, Effect, Session, expiry};
use crate::envelope::Response;
use crate::event_id::StreamId;
use crate::limits::{QUESTION_LIFE, QUESTION_ROUNDS_MAX};
use crate::reply::{self, fault};
use crate::revision::Revision;
use crate::tool::{Ask, Target};

#[derive(Deserialize)]
struct ClientError {
    #[serde(default)]
    message: String,
}

impl Session {
    pub(super) fn ask(
        &mut self,
        now: Timestamp,
        id: CallId,
        questions: BTreeMap<String, Ask>,
        request_state: Option<String>,
    ) -> Vec<Effect> {
        let Some(call) = self.calls.get(&id) else {
            return Vec::new();
        };
        let request = call.request.clone();
        let cannot = questions.values().find_map(|ask| self.cannot_ask(ask));
        if let Some(words) = cannot {
            let response = unanswerable(&request, &call.invocation.target, words);
            return self.respond(id, &request, response);
        }
        let target = call.invocation.target.clone();
        let too_large = || {
            let words = "The call is larger than this server keeps while it asks.";
            unanswerable(&request, &target, words.to_owned())
        };
        let Some((stream, mut effects)) = self.stream_of(id) else {
            return self.respond(id, &request, too_large());
        };
        self.calls.remove(&id);
        let Some(stored) = self.streams.get_mut(&stream) else {
            return effects;
        };
        stored.round += 1;
        stored.invocation.request_state = request_state;
        if stored.round > QUESTION_ROUNDS_MAX {
            let words = "the tool asked more often than this server allows";
            let error = fault(ErrorCode::INTERNAL_ERROR, words);
            effects.extend(self.finish(stream, reply::error(Some(&request), &error)));
            return effects;
        }
        let round = stored.round;
        let mut open = BTreeMap::new();
        let mut messages = Vec::new();
        for (number, (key, ask)) in questions.into_iter().enumerate() {
            // Unique in the session, as stream and round are (L-SESS-07).
            let ours = format!("ask-{}-{round}-{number}", stream.0);
            let method = ask.method.clone();
            messages.push(request_text(&ours, ask, self.record.revision));
            open.insert(ours, Asked { key, method });
        }
        let life = SignedDuration::try_from(QUESTION_LIFE).unwrap_or_default();
        stored.phase = Phase::Asking {
            open,
            given: BTreeMap::new(),
            until: now.saturating_add(life).unwrap_or(Timestamp::MAX),
        };
        if !stored.fits_row() {
            effects.extend(self.finish(stream, too_large()));
            return effects;
        }
        effects.push(Effect::SaveStream(Box::new(stored.clone())));
        effects.push(Effect::WakeAt(self.next_wake()));
        if messages.is_empty() {
            effects.extend(self.resume_if_answered(stream));
        }
        for message in messages {
            effects.extend(self.emit(stream, message));
        }
        effects
    }

    /// Why this client cannot be asked that (L-S2C-01), in words for the model.
    fn cannot_ask(&self, ask: &Ask) -> Option<String> {
        let capability = ask.capability()?;
        let refuse = |what: &str| Some(format!("This has to ask you something, but {what}."));
        if !self.record.capabilities.contains_key(capability) {
            return refuse(&format!(
                "your client did not declare the capability `{capability}`"
            ));
        }
        let too_old = capability == "elicitation" && self.record.revision < Revision::V20250618;
        let no_url = (ask.is_url_mode() || ask.samples_with_tools())
            && self.record.revision < Revision::V20251125;
        if too_old || no_url || !ask.fits(&self.record.capabilities) {
            return refuse("your client's revision or capabilities do not allow that question");
        }
        None
    }

    /// N5: an answer to a question of ours; one that fits none is dropped.
    pub(super) fn response(&mut self, response: &Response<'_>) -> Vec<Effect> {
        let mut effects = vec![Effect::Accept];
        let RequestId::String(ours) = &response.id else {
            return effects;
        };
        let asked = self
            .streams
            .values_mut()
            .find_map(|stored| match &mut stored.phase {
                Phase::Asking { open, given, .. } => open
                    .remove(ours.as_ref())
                    .map(|key| (stored.id, key, given)),
                Phase::Running | Phase::Done => None,
            });
        let Some((stream, asked, given)) = asked else {
            return effects;
        };
        match response.outcome {
            Ok(result) => match serde_json::from_str(result.get()) {
                Ok(answer) if Ask::answers(&asked.method, &answer) => {
                    given.insert(asked.key, answer);
                    if self
                        .streams
                        .get(&stream)
                        .is_some_and(StoredStream::fits_row)
                    {
                        effects.extend(self.resume_if_answered(stream));
                    } else {
                        effects.extend(self.refused(stream, "more than this server keeps"));
                    }
                }
                // A client that does not know how to answer would not know it
                // the next time either (M-MRTR-06).
                _ => effects.extend(self.refused(stream, "an answer of the wrong shape")),
            },
            Err(error) => {
                let reason = serde_json::from_str::<ClientError>(error.get())
                    .map_or_else(|_| String::new(), |error| error.message);
                effects.extend(self.refused(stream, &format!("an error: {reason}")));
            }
        }
        effects
    }

    /// When nothing is open any more, the tool is called again; until then the
    /// answer so far is kept.
    fn resume_if_answered(&mut self, stream: StreamId) -> Vec<Effect> {
        let Some(stored) = self.streams.get_mut(&stream) else {
            return Vec::new();
        };
        let Phase::Asking { open, given, .. } = &mut stored.phase else {
            return Vec::new();
        };
        if !open.is_empty() {
            return vec![Effect::SaveStream(Box::new(stored.clone()))];
        }
        // The tool finds the answers of all rounds; one given again counts anew.
        stored.invocation.answers.extend(std::mem::take(given));
        stored.phase = Phase::Running;
        stored.again = 0;
        let save = Effect::SaveStream(Box::new(stored.clone()));
        let invocation = stored.invocation.clone();
        let call = Call::on(stored, None);
        let call = self.begin(call);
        vec![save, Self::invoke(call, invocation.into())]
    }

    /// What the client has not answered in time: it is told that nobody waits
    /// any more, and the call ends (L-S2C-04).
    pub(super) fn give_up_unanswered(&mut self, now: Timestamp) -> Vec<Effect> {
        let late: Vec<StreamId> = self
            .streams
            .values()
            .filter(|stored| matches!(stored.phase, Phase::Asking { until, .. } if until <= now))
            .map(|stored| stored.id)
            .collect();
        let mut effects = Vec::new();
        for stream in late {
            effects.extend(self.refused(stream, "silence"));
        }
        effects
    }

    /// Tells the client that its answers are not waited for any more.
    pub(super) fn take_back(&mut self, stream: StreamId, reason: &str) -> Vec<Effect> {
        let open: Vec<String> = match self.streams.get(&stream).map(|stored| &stored.phase) {
            Some(Phase::Asking { open, .. }) => open.keys().cloned().collect(),
            Some(Phase::Running | Phase::Done) | None => Vec::new(),
        };
        let mut effects = Vec::new();
        for ours in open {
            let params = json!({ "requestId": ours, "reason": reason });
            let params = to_raw_value(&params).ok();
            let text = reply::notification("notifications/cancelled", params.as_deref());
            effects.extend(self.emit(stream, text));
        }
        effects
    }

    /// When there is something to do without being asked: at the expiry, when a
    /// client should have answered, or when an event is to be forgotten.
    pub(super) fn next_wake(&self) -> Timestamp {
        let answers = self.streams.values().filter_map(|stored| {
            if let Phase::Asking { until, .. } = stored.phase {
                return Some(until);
            }
            None
        });
        answers
            .chain(self.log.due())
            .fold(expiry(&self.record), Timestamp::min)
    }

    /// The client cannot answer (L-S2C-04): the call ends with a result the
    /// model sees.
    fn refused(&mut self, stream: StreamId, what: &str) -> Vec<Effect> {
        let mut effects = self.take_back(stream, "the call ended");
        let Some(stored) = self.streams.get(&stream) else {
            return effects;
        };
        let words = format!("The client answered the tool's question with {what}");
        let response = unanswerable(&stored.request, &stored.invocation.target, words);
        effects.extend(self.finish(stream, response));
        effects
    }
}

/// The end of a call that cannot go on: for a tool, a result that tells the
/// model why; other results have no way to say so.
pub(super) fn unanswerable(request: &RequestId, target: &Target, words: String) -> String {
    if !matches!(target, Target::Tool(_)) {
        return reply::error(Some(request), &fault(ErrorCode::INVALID_REQUEST, words));
    }
    let content = json!({ "content": [{ "type": "text", "text": words }], "isError": true });
    reply::result(request, &content)
}

/// The request as this revision knows it: form mode has no name before 2025-11-25.
fn request_text(id: &str, mut ask: Ask, revision: Revision) -> String {
    let url_mode = ask.is_url_mode();
    if let Some(Value::Object(params)) = &mut ask.params {
        if revision < Revision::V20251125 {
            params.remove("mode");
        } else if url_mode {
            params.insert("elicitationId".into(), id.into()); // L-S2C-06
        }
    }
    reply::request(
        &RequestId::String(id.into()),
        &ask.method,
        ask.params.as_ref(),
    )
}
