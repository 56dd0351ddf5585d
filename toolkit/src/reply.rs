//! How a function ends.

use mcp::meta;
use mcp::tool::Change;
use rmcp::model::{CallToolResult, ContentBlock, ErrorCode, ErrorData};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::question::Question;

/// What a tool gives back.
#[derive(Debug, Clone)]
pub struct Reply(End);

/// The end of a call, whatever it was of.
#[derive(Debug, Clone)]
pub(crate) struct End {
    /// The members of the result.
    result: Map<String, Value>,
    state: Option<Value>,
    changes: Vec<Change>,
    memory: Option<String>,
    task: bool,
}

/// How a function fails.
#[derive(Debug, Clone)]
pub enum Failure {
    /// In a way that the model should see and can react to.
    ToModel(String),
    /// In the protocol: the call made no sense.
    Protocol(ErrorData),
}

impl Failure {
    /// The model sees these words.
    pub fn to_model(words: impl Into<String>) -> Self {
        Self::ToModel(words.into())
    }

    /// The request's arguments make no sense.
    pub fn invalid(words: impl Into<String>) -> Self {
        Self::Protocol(ErrorData::new(
            ErrorCode::INVALID_PARAMS,
            words.into(),
            None,
        ))
    }

    /// There is no such resource (M-RES-01).
    pub fn no_such_resource(uri: &str) -> Self {
        let data = Some(json!({ "uri": uri }));
        Self::Protocol(ErrorData::new(
            ErrorCode::INVALID_PARAMS,
            "there is no such resource",
            data,
        ))
    }
}

impl Reply {
    /// One text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::content(vec![ContentBlock::text(text.into())])
    }

    /// Texts, pictures, sounds and resources.
    pub fn content(content: Vec<ContentBlock>) -> Self {
        Self(End::of(&CallToolResult::success(content)))
    }

    /// A value of the tool's output type, for programs, and as a text for the
    /// model (M-TOOL-01).
    pub fn structured(value: &impl Serialize) -> Self {
        Self(End::of(&CallToolResult::structured(json!(value))))
    }

    /// A question; the function is run again with the answer.
    pub fn ask(question: Question) -> Self {
        Self::ask_all([question])
    }

    /// Several questions at once; the function is run again with the answers.
    pub fn ask_all(questions: impl IntoIterator<Item = Question>) -> Self {
        Self(End::asking(questions))
    }

    /// The call is to go on as a task: the function is run again, with
    /// [`crate::Call::is_task`] and the answers so far. For tools with
    /// [`crate::Tool::task_later`].
    pub fn go_on_as_task() -> Self {
        Self(End {
            task: true,
            ..End::of(&CallToolResult::success(Vec::new()))
        })
    }

    /// The tool's state is this from now on.
    #[must_use]
    pub fn with_state(mut self, value: Value) -> Self {
        self.0.state = Some(value);
        self
    }

    /// Keeps something for the next run of this call, after a question. The
    /// client carries it, sealed; see [`crate::Call::memory`].
    #[must_use]
    pub fn remember(mut self, memory: &impl Serialize) -> Self {
        self.0.memory = serde_json::to_string(memory).ok();
        self
    }

    /// The call changed this for others: clients that listen are told.
    #[must_use]
    pub fn changed(mut self, change: Change) -> Self {
        self.0.changes.push(change);
        self
    }

    pub(crate) fn into_end(self) -> End {
        self.0
    }
}

impl End {
    /// An end with that result.
    pub(crate) fn of(result: &impl Serialize) -> Self {
        let members = match json!(result) {
            Value::Object(members) => Some(members),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => None,
        };
        Self {
            result: members.unwrap_or_default(),
            state: None,
            changes: Vec::new(),
            memory: None,
            task: false,
        }
    }

    /// An end with questions.
    pub(crate) fn asking(questions: impl IntoIterator<Item = Question>) -> Self {
        let requests: Map<String, Value> = questions
            .into_iter()
            .map(|question| {
                let request = json!({ "method": question.method, "params": question.params });
                (question.key, request)
            })
            .collect();
        Self::of(&json!({ "resultType": "input_required", "inputRequests": requests }))
    }

    /// The result that tells the model of a failure.
    pub(crate) fn failed(words: String) -> Self {
        Self::of(&CallToolResult::error(vec![ContentBlock::text(words)]))
    }

    /// The members of the result on the wire.
    pub(crate) fn into_members(self) -> Map<String, Value> {
        let mut result = self.result;
        if let Some(memory) = self.memory {
            result.insert("requestState".into(), memory.into());
        }
        let mut told = Map::new();
        if let Some(state) = self.state {
            told.insert(meta::STATE.into(), state);
        }
        if !self.changes.is_empty() {
            told.insert(meta::CHANGES.into(), json!(self.changes));
        }
        if self.task {
            told.insert(meta::TASK.into(), true.into());
        }
        if !told.is_empty() {
            result.insert("_meta".into(), Value::Object(told));
        }
        result
    }
}
