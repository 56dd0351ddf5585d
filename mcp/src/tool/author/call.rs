//! One call, as a tool's function sees it.

use std::collections::BTreeMap;

use futures_channel::mpsc::Sender;
use futures_util::SinkExt;
use rmcp::model::ProgressToken;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};

use crate::principal::Principal;
use crate::reply;

/// The arguments of a tool that takes none.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub struct NoArguments {}

/// A call of a tool.
#[derive(Debug)]
pub struct Call<A> {
    /// The arguments.
    pub arguments: A,
    /// The present value of the tool's state; none at first, or where the
    /// caller named no state.
    pub state: Option<Value>,
    /// The handle to give to the caller, for a tool that mints.
    pub handle: Option<String>,
    /// Who calls, for a tool that wants to know.
    pub principal: Option<Principal>,
    /// The session the call comes from, likewise; stateless calls have none.
    pub session: Option<String>,
    pub(super) answers: BTreeMap<String, Value>,
    pub(super) progress: Option<ProgressToken>,
    pub(super) said: Sender<String>,
}

/// How the client answered a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// With these values.
    Accepted(Map<String, Value>),
    /// The user said no.
    Declined,
    /// The user said nothing.
    Cancelled,
}

#[derive(Deserialize)]
struct Elicited {
    action: String,
    #[serde(default)]
    content: Option<Map<String, Value>>,
}

impl<A> Call<A> {
    /// The answer to the question of that key; none if it was not asked yet,
    /// or the answer has not the shape of one (M-MRTR-06: ask again).
    pub fn answer(&self, key: &str) -> Option<Answer> {
        let answer = Elicited::deserialize(self.answers.get(key)?).ok()?;
        match answer.action.as_str() {
            "accept" => answer.content.map(Answer::Accepted),
            "decline" => Some(Answer::Declined),
            "cancel" => Some(Answer::Cancelled),
            _ => None,
        }
    }

    /// Tells the client how far the tool is, if it wants to know. Waits while
    /// the client is slower than the tool.
    pub async fn progress(&mut self, done: u64, total: u64, message: &str) {
        let Some(token) = &self.progress else { return };
        let params = json!({
            "progressToken": token, "progress": done, "total": total, "message": message,
        });
        let params = to_raw_value(&params).ok();
        let text = reply::notification("notifications/progress", params.as_deref());
        // The receiver is gone only if nobody waits for the call any more.
        let _ = self.said.send(text).await;
    }
}
