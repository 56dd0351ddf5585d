//! How a tool's function ends.

use rmcp::model::{CallToolResult, ContentBlock, ErrorData};
use serde_json::{Map, Value, json};

use crate::meta;

/// What a tool gives back.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A result, and the new value of the tool's state if it changed.
    Result {
        /// The result.
        result: Box<CallToolResult>,
        /// The state.
        state: Option<Value>,
    },
    /// A question; the tool is called again with the answer.
    Ask {
        /// Names the answer.
        key: &'static str,
        /// The words for the user.
        message: String,
        /// The form's fields: a flat object schema.
        schema: Value,
    },
}

/// How a tool fails.
#[derive(Debug, Clone)]
pub enum Failure {
    /// In a way that the model should see and can react to.
    ToModel(String),
    /// In the protocol: the call made no sense.
    Protocol(ErrorData),
}

impl Reply {
    /// One text.
    pub fn text(text: impl Into<String>) -> Self {
        let result = CallToolResult::success(vec![ContentBlock::text(text.into())]);
        Self::Result {
            result: Box::new(result),
            state: None,
        }
    }

    /// The same, and the tool's state is this from now on.
    #[must_use]
    pub fn with_state(self, value: Value) -> Self {
        match self {
            Self::Result { result, .. } => Self::Result {
                result,
                state: Some(value),
            },
            ask @ Self::Ask { .. } => ask,
        }
    }

    /// The members of the result on the wire.
    pub(super) fn into_result(self) -> Map<String, Value> {
        match self {
            Self::Result { result, state } => {
                let mut members = members(json!(result));
                if let Some(state) = state {
                    members.insert("_meta".into(), json!({ meta::STATE: state }));
                }
                members
            }
            Self::Ask {
                key,
                message,
                schema,
            } => members(json!({
                "resultType": "input_required",
                "inputRequests": { key: {
                    "method": "elicitation/create",
                    "params": { "mode": "form", "message": message, "requestedSchema": schema },
                }},
            })),
        }
    }
}

impl Failure {
    /// The result that tells the model.
    pub(super) fn into_result(words: String) -> Map<String, Value> {
        members(json!(CallToolResult::error(vec![ContentBlock::text(
            words
        )])))
    }
}

fn members(result: Value) -> Map<String, Value> {
    if let Value::Object(members) = result {
        members
    } else {
        Map::new()
    }
}
