//! One call, as a function sees it.

#![expect(
    deprecated,
    reason = "sampling and roots are served to clients that declare them (M-DEP-01)"
)]

use std::rc::Rc;

use futures_channel::mpsc::Sender;
use futures_util::SinkExt;
use mcp::log_level::LogLevel;
use mcp::principal::Principal;
use mcp::reply;
use mcp::session::LET_GO;
use mcp::tool::Invocation;
use mcp::upstream::{Lent, Upstream};
use rmcp::model::{CreateMessageResult, ListRootsResult, Root};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::question::Question;
use crate::reply::Failure;

/// What the model is told if there is nothing that acts for the user at a provider.
const NOT_LENT: &str = "This acts in the user's name at their login provider, and there is \
    nothing to do so with: the user has to log in again, with that provider, and to allow it.";
/// The same if there may be later.
const UNREACHABLE: &str = "This acts in the user's name at their login provider, which cannot be \
    reached at the moment: try again later.";

/// The arguments of a tool or prompt that takes none.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub struct NoArguments {}

/// A call of a tool, or the request for a prompt or a resource.
#[derive(Debug)]
pub struct Call<A> {
    /// The arguments; of a resource, its URI and the template's variables.
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
    /// Whether the call is a task by now, or there is none to become: the client
    /// knows no tasks.
    pub is_task: bool,
    pub(crate) invocation: Rc<Invocation>,
    pub(crate) progressed: Option<f64>,
    pub(crate) upstream: Option<Lent>,
    pub(crate) said: Sender<String>,
}

impl<A> Call<A> {
    /// The answer to the form or page of that key; none if it was not asked
    /// yet, or the answer has not the shape of one: ask then (M-MRTR-06).
    pub fn answer(&self, key: &str) -> Option<Answer> {
        answer::read(self.invocation.answers.get(key)?)
    }

    /// The answer to [`Question::form`], as a value of the form's type.
    pub fn form<F: DeserializeOwned>(&self, key: &str) -> Option<Answer<F>> {
        answer::read(self.invocation.answers.get(key)?)
    }

    /// The answer to [`Question::sampling`].
    pub fn sampled(&self, key: &str) -> Option<CreateMessageResult> {
        CreateMessageResult::deserialize(self.invocation.answers.get(key)?).ok()
    }

    /// The answer to [`Question::roots`].
    pub fn roots(&self, key: &str) -> Option<Vec<Root>> {
        let listed = ListRootsResult::deserialize(self.invocation.answers.get(key)?).ok()?;
        Some(listed.roots)
    }

    /// Whether this client can be asked that, in the way it is asked.
    pub fn can_ask(&self, question: &Question) -> bool {
        question.asked().fits(&self.invocation.capabilities)
    }

    /// What [`crate::Reply::remember`] kept in an earlier run of this call.
    pub fn memory<M: DeserializeOwned>(&self) -> Option<M> {
        serde_json::from_str(self.invocation.request_state.as_deref()?).ok()
    }

    /// What acts for the user at their login provider: of a tool, prompt or resource
    /// with a permission such as `upstream:github`. The failure says what the user
    /// has to do.
    pub fn upstream(&self) -> Result<Upstream, Failure> {
        let lent = self.upstream.as_ref();
        lent.and_then(Lent::upstream).ok_or_else(|| {
            let later = lent.is_some_and(Lent::is_unreachable);
            Failure::to_model(if later { UNREACHABLE } else { NOT_LENT })
        })
    }

    /// Tells the client how far the tool is, if it wants to know and the number
    /// has grown (M-PROG-01). Waits while the client is slower than the tool.
    pub async fn progress(&mut self, done: f64, total: f64, message: &str) {
        let Some(token) = &self.invocation.progress else {
            return;
        };
        if self.progressed.is_some_and(|before| done <= before) {
            return;
        }
        self.progressed = Some(done);
        let params = json!({
            "progressToken": token, "progress": number(done), "total": number(total),
            "message": message,
        });
        self.say("notifications/progress", &params).await;
    }

    /// Sends the client a log message, if it wants messages of that level.
    /// Nothing secret or personal belongs there (SEC-08).
    pub async fn log(&mut self, level: LogLevel, data: impl Into<Value>) {
        if self.invocation.log_level.is_none_or(|least| level < least) {
            return;
        }
        let params = json!({ "level": level, "data": data.into() });
        self.say("notifications/message", &params).await;
    }

    /// Lets the client's connection go while the tool works on: the client
    /// comes back for the rest (2025-11-25, polling). With other clients the
    /// connection stays.
    pub async fn let_go(&mut self) {
        self.say(LET_GO, &json!({})).await;
    }

    async fn say(&mut self, method: &str, params: &Value) {
        let params = to_raw_value(params).ok();
        let text = reply::notification(method, params.as_deref());
        // The receiver is gone only if nobody waits for the call any more.
        let _ = self.said.send(text).await;
    }
}

/// Whole numbers are written without a fraction.
fn number(value: f64) -> Value {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT_MAX {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is whole and below 2^53"
        )]
        return Value::from(value as i64);
    }
    Value::from(value)
}
