//! Questions to the client, and through it to the user.

#![expect(
    deprecated,
    reason = "sampling and roots are served to clients that declare them (M-DEP-01)"
)]

use mcp::tool::Ask;
use rmcp::model::CreateMessageRequestParams;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use crate::schema;

/// Something to ask the client. The key names the answer in the next run.
#[derive(Debug, Clone)]
pub struct Question {
    pub(crate) key: String,
    pub(crate) method: &'static str,
    pub(crate) params: Value,
}

impl Question {
    /// As the house reads it.
    pub(crate) fn asked(&self) -> Ask {
        Ask {
            method: self.method.to_owned(),
            params: Some(self.params.clone()),
        }
    }

    /// Asks the user to fill in a form with the fields of `F`: a flat struct of
    /// texts, numbers, booleans and enums. Never for secrets (M-ELIC-01). The
    /// answer is [`crate::Call::form`].
    pub fn form<F: JsonSchema>(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::form_with(key, message, &schema::of_form::<F>())
    }

    /// The same with a schema written by hand. The answer is
    /// [`crate::Call::answer`].
    pub fn form_with(
        key: impl Into<String>,
        message: impl Into<String>,
        schema: &Map<String, Value>,
    ) -> Self {
        let message = message.into();
        Self {
            key: key.into(),
            method: "elicitation/create",
            params: json!({ "mode": "form", "message": message, "requestedSchema": schema }),
        }
    }

    /// Asks the user to open a page, for what may not pass through the client.
    /// The answer, [`crate::Call::answer`], says whether the user agreed to, not
    /// what happened there (M-ELIC-01).
    pub fn url(key: impl Into<String>, message: impl Into<String>, url: impl Into<String>) -> Self {
        let (message, url) = (message.into(), url.into());
        Self {
            key: key.into(),
            method: "elicitation/create",
            params: json!({ "mode": "url", "message": message, "url": url }),
        }
    }

    /// Asks the client's model. The answer is [`crate::Call::sampled`].
    pub fn sampling(key: impl Into<String>, params: &CreateMessageRequestParams) -> Self {
        Self {
            key: key.into(),
            method: "sampling/createMessage",
            params: json!(params),
        }
    }

    /// Asks which folders the client works in. The answer is
    /// [`crate::Call::roots`].
    pub fn roots(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            method: "roots/list",
            params: json!({}),
        }
    }
}
