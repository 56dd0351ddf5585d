//! Questions of tools: requests of ours to the client, and their answers.
//!
//! A tool asks by ending with questions; when the client has answered, the
//! tool is called again with the answers (architecture, section 3). For the
//! client this is one request of its own that takes longer.

use std::collections::BTreeMap;

use rmcp::model::{ErrorCode, RequestId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::calls::Call;
use super::streams::{Asked, Phase, StoredStream};
use super::{CallId, Effect, Session};
use crate::envelope::Response;
use crate::event_id::StreamId;
use crate::limits::QUESTION_ROUNDS_MAX;
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
        stored.phase = Phase::Asking {
            open,
            given: BTreeMap::new(),
        };
        if !stored.fits_row() {
            effects.extend(self.finish(stream, too_large()));
            return effects;
        }
        effects.push(Effect::SaveStream(Box::new(stored.clone())));
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
        let no_url = ask.is_url_mode() && self.record.revision < Revision::V20251125;
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
                Phase::Asking { open, given } => open
                    .remove(ours.as_ref())
                    .map(|key| (stored.id, key, given)),
                Phase::Running | Phase::Done => None,
            });
        let Some((stream, asked, given)) = asked else {
            return effects;
        };
        match response.outcome {
            Ok(result) => match serde_json::from_str(result.get()) {
                Ok(answer) if fits(&asked.method, &answer) => {
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
        let Phase::Asking { open, given } = &mut stored.phase else {
            return Vec::new();
        };
        if !open.is_empty() {
            return vec![Effect::SaveStream(Box::new(stored.clone()))];
        }
        // The tool finds the answers of all rounds; one given again counts anew.
        stored.invocation.answers.extend(std::mem::take(given));
        stored.phase = Phase::Running;
        let save = Effect::SaveStream(Box::new(stored.clone()));
        let invocation = stored.invocation.clone();
        let mut call = Call::new(stored.request.clone(), invocation.clone());
        call.stream = Some(stream);
        let call = self.begin(call);
        vec![save, Self::invoke(call, invocation)]
    }

    /// The client cannot answer (L-S2C-04): the call ends with a result the
    /// model sees.
    fn refused(&mut self, stream: StreamId, what: &str) -> Vec<Effect> {
        let Some(stored) = self.streams.get(&stream) else {
            return Vec::new();
        };
        let words = format!("The client answered the tool's question with {what}");
        let response = unanswerable(&stored.request, &stored.invocation.target, words);
        self.finish(stream, response)
    }
}

/// Whether a result has the shape that the method's answers have.
fn fits(method: &str, answer: &Value) -> bool {
    match method {
        "elicitation/create" => match answer.get("action").and_then(Value::as_str) {
            Some("accept") => answer.get("content").is_none_or(Value::is_object),
            Some("decline" | "cancel") => true,
            _ => false,
        },
        "roots/list" => answer.get("roots").is_some_and(Value::is_array),
        _ => answer.is_object(),
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
    if revision < Revision::V20251125
        && let Some(Value::Object(params)) = &mut ask.params
    {
        params.remove("mode");
    }
    reply::request(
        &RequestId::String(id.into()),
        &ask.method,
        ask.params.as_ref(),
    )
}
