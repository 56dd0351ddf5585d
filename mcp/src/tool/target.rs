//! What a request to a tool Worker is about.

use rmcp::model::{ErrorCode, ErrorData};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The one thing of a tool Worker that a request names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// `tools/call` of the tool of that name.
    Tool(String),
    /// `prompts/get` of the prompt of that name.
    Prompt(String),
    /// `resources/read` of the resource of that URI.
    Resource(String),
    /// `completion/complete` for an argument of the prompt of that name.
    PromptArgument(String),
    /// `completion/complete` for a variable of the resource template of that URI.
    TemplateVariable(String),
    /// `tasks/result` of the task of that id, which the house itself answers.
    TaskResult(String),
}

impl Target {
    /// The method of the request.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Tool(_) => "tools/call",
            Self::Prompt(_) => "prompts/get",
            Self::Resource(_) => "resources/read",
            Self::PromptArgument(_) | Self::TemplateVariable(_) => "completion/complete",
            Self::TaskResult(_) => "tasks/result",
        }
    }

    /// The name or URI.
    pub fn name(&self) -> &str {
        match self {
            Self::Tool(name)
            | Self::Prompt(name)
            | Self::Resource(name)
            | Self::PromptArgument(name)
            | Self::TemplateVariable(name)
            | Self::TaskResult(name) => name,
        }
    }

    /// What `Mcp-Name` says, for methods that have it (M-HDR-01).
    pub fn header(&self) -> Option<&str> {
        match self {
            Self::Tool(name) | Self::Prompt(name) | Self::Resource(name) => Some(name),
            Self::PromptArgument(_) | Self::TemplateVariable(_) | Self::TaskResult(_) => None,
        }
    }

    /// The error for something that there is not (M-TOOL-01, M-PRM-01, M-RES-01,
    /// M-COMP-01).
    pub fn unknown(&self) -> ErrorData {
        let (what, data) = match self {
            Self::Tool(_) => ("tool", None),
            Self::Prompt(_) | Self::PromptArgument(_) => ("prompt", None),
            Self::Resource(uri) => ("resource", Some(json!({ "uri": uri }))),
            Self::TemplateVariable(_) => ("resource template", None),
            Self::TaskResult(_) => ("task", None),
        };
        let words = format!("unknown {what}: {}", self.name());
        ErrorData::new(ErrorCode::INVALID_PARAMS, words, data)
    }

    /// Whether the answer may be questions (M-MRTR-01).
    pub fn may_ask(&self) -> bool {
        self.header().is_some()
    }
}
