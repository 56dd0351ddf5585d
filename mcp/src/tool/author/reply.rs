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
        let value = match self {
            Self::Result { result, state } => {
                let mut value = json!(result);
                if let Some(state) = state {
                    value["_meta"] = json!({ meta::STATE: state });
                }
                value
            }
            Self::Ask {
                key,
                message,
                schema,
            } => json!({
                "resultType": "input_required",
                "inputRequests": { key: {
                    "method": "elicitation/create",
                    "params": { "mode": "form", "message": message, "requestedSchema": schema },
                }},
            }),
        };
        match value {
            Value::Object(result) => result,
            _ => Map::new(),
        }
    }
}

impl Failure {
    /// The result that tells the model.
    pub(super) fn into_result(words: String) -> Map<String, Value> {
        match json!(CallToolResult::error(vec![ContentBlock::text(words)])) {
            Value::Object(result) => result,
            _ => Map::new(),
        }
    }
}
