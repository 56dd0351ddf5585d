//! What a request to a tool Worker is about.

use rmcp::model::{ErrorCode, ErrorData};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::params::{Params, member};

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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reference {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    uri: Option<String>,
}

impl Target {
    /// What of a tool Worker a request names, as far as that may need a permission:
    /// also a resource that a client subscribes to. None if it names nothing, or
    /// cannot be read, which others say.
    pub fn named(method: &str, params: &Params<'_>) -> Option<Self> {
        let text = |raw| member::<String>(raw).ok().flatten();
        let members = || params.members().ok();
        match method {
            "tools/call" => text(members()?.name).map(Self::Tool),
            "prompts/get" => text(members()?.name).map(Self::Prompt),
            "resources/read" | "resources/subscribe" => text(members()?.uri).map(Self::Resource),
            "completion/complete" => {
                let reference: Reference = member(members()?.reference).ok().flatten()?;
                match reference.kind.as_str() {
                    "ref/prompt" => reference.name.map(Self::PromptArgument),
                    "ref/resource" => reference.uri.map(Self::TemplateVariable),
                    _ => None,
                }
            }
            _ => None,
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    #[test]
    fn a_request_names_what_may_need_a_permission() {
        let table = [
            (
                "tools/call",
                r#"{"name":"a","arguments":{"name":"b"}}"#,
                Some(Target::Tool("a".into())),
            ),
            (
                "prompts/get",
                r#"{"name":"a"}"#,
                Some(Target::Prompt("a".into())),
            ),
            (
                "resources/read",
                r#"{"uri":"a:b"}"#,
                Some(Target::Resource("a:b".into())),
            ),
            (
                "resources/subscribe",
                r#"{"uri":"a:b"}"#,
                Some(Target::Resource("a:b".into())),
            ),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/prompt","name":"a"},"argument":{"name":"b","value":""}}"#,
                Some(Target::PromptArgument("a".into())),
            ),
            (
                "completion/complete",
                r#"{"ref":{"type":"ref/resource","uri":"a:{b}"}}"#,
                Some(Target::TemplateVariable("a:{b}".into())),
            ),
            ("tools/call", r#"{"uri":"a"}"#, None),
            ("tools/call", "[]", None),
            ("tools/list", r#"{"name":"a"}"#, None),
            ("tasks/result", r#"{"name":"a","taskId":"b"}"#, None),
        ];
        for (method, params, want) in table {
            let params: &RawValue = serde_json::from_str(params).unwrap();
            assert_eq!(
                Target::named(method, &params.into()),
                want,
                "{method} {params}"
            );
        }
        assert_eq!(Target::named("tools/call", &Params::default()), None);
    }
}
