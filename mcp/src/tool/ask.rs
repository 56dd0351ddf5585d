//! A question of a tool to the client.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One question to the client (2026-07-28, multi round-trip requests).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// `elicitation/create`, `sampling/createMessage` or `roots/list`.
    pub method: String,
    /// Its params.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
}

impl Ask {
    /// Checklist M-MRTR-02: nothing else may be asked.
    pub(super) fn is_allowed(&self) -> bool {
        self.capability().is_some()
    }

    /// Whether a client with these capabilities can be asked that, in the mode
    /// it is asked in: `elicitation: {}` means forms (L-S2C-01, M-MRTR-02).
    pub fn fits(&self, capabilities: &Map<String, Value>) -> bool {
        let Some(declared) = self.capability().and_then(|name| capabilities.get(name)) else {
            return false;
        };
        let modes = declared.as_object();
        if self.method != "elicitation/create" {
            return !self.samples_with_tools()
                || modes.is_some_and(|modes| modes.contains_key("tools"));
        }
        if self.is_url_mode() {
            modes.is_some_and(|modes| modes.contains_key("url"))
        } else {
            modes.is_none_or(|modes| modes.contains_key("form") || !modes.contains_key("url"))
        }
    }

    /// Whether that is an answer to this question, by its shape.
    pub fn is_answered_by(&self, answer: &Value) -> bool {
        Self::answers(&self.method, answer)
    }

    /// Whether a value has the shape that the method's answers have.
    pub fn answers(method: &str, answer: &Value) -> bool {
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

    /// Whether the client's model may call tools, which it has to declare.
    pub fn samples_with_tools(&self) -> bool {
        let params = self.params.as_ref();
        self.method == "sampling/createMessage"
            && params.is_some_and(|it| it.get("tools").is_some() || it.get("toolChoice").is_some())
    }

    /// Whether the user is to open a page.
    pub fn is_url_mode(&self) -> bool {
        let params = self.params.as_ref();
        params.and_then(|params| params.get("mode")) == Some(&Value::from("url"))
    }

    /// What a client lacks that cannot be asked, as `requiredCapabilities`.
    pub fn required_capabilities(&self) -> Value {
        match self.capability() {
            Some("elicitation") if self.is_url_mode() => json!({ "elicitation": { "url": {} } }),
            Some("sampling") if self.samples_with_tools() => {
                json!({ "sampling": { "tools": {} } })
            }
            Some(name) => json!({ name: {} }),
            None => json!({}),
        }
    }

    /// The client capability that the question needs.
    pub fn capability(&self) -> Option<&'static str> {
        match self.method.as_str() {
            "elicitation/create" => Some("elicitation"),
            "sampling/createMessage" => Some("sampling"),
            "roots/list" => Some("roots"),
            _ => None,
        }
    }
}
