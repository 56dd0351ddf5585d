//! Prompts: messages that a user picks and fills in.

use rmcp::model::{ContentBlock, GetPromptResult, PromptArgument, PromptMessage, Role};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::completion::{Completing, Completions};
use crate::needs::Needs;
use crate::question::Question;
use crate::reply::End;
use crate::schema;

/// A prompt, as clients see it.
#[derive(Debug, Clone)]
pub struct Prompt {
    shown: rmcp::model::Prompt,
    needs: Needs,
    pub(crate) completions: Completions,
}

impl Prompt {
    /// A prompt with arguments of type `A`: a struct of `String` and
    /// `Option<String>` fields.
    pub fn new<A: JsonSchema>(name: &'static str, description: &'static str) -> Self {
        let arguments = arguments(&Value::Object(schema::of_arguments::<A>()));
        let arguments = (!arguments.is_empty()).then_some(arguments);
        Self {
            shown: rmcp::model::Prompt::new(name, Some(description), arguments),
            needs: Needs::default(),
            completions: Completions::default(),
        }
    }

    /// A name for people.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.shown = self.shown.with_title(title);
        self
    }

    /// Whoever gets the prompt or completes it needs this permission, such as `notes:read`: its user has to
    /// have allowed it to the app, and a role of theirs has to let them. See also
    /// [`crate::Server::permission`].
    ///
    /// A name has 1 to 40 ASCII letters, digits and `:._/-`; with one that has not,
    /// or with `mcp` or `offline_access`, this is left out of the list, and the log
    /// says so.
    #[must_use]
    pub fn permission(mut self, name: &'static str) -> Self {
        self.needs.permission = Some(name);
        self
    }

    /// Completes an argument while the user types.
    #[must_use]
    pub fn completes<F, R>(mut self, argument: &'static str, function: F) -> Self
    where
        F: Fn(Completing) -> R + 'static,
        R: Future<Output = Vec<String>> + 'static,
    {
        self.completions.add(argument, function);
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.shown.name
    }

    pub(crate) fn listed(&self) -> Value {
        self.needs.told(json!(self.shown))
    }
}

/// The fields of the type, as a prompt lists its arguments.
fn arguments(schema: &Value) -> Vec<PromptArgument> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|it| it.as_str() == Some(name)));
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, property)| {
            let argument = PromptArgument::new(name).with_required(is_required(name));
            match property.get("description").and_then(Value::as_str) {
                Some(words) => argument.with_description(words),
                None => argument,
            }
        })
        .collect()
}

/// What a prompt gives back.
#[derive(Debug, Clone)]
pub struct PromptReply(End);

impl PromptReply {
    /// One text in the user's words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::messages(vec![user(ContentBlock::text(text.into()))])
    }

    /// Several contents in the user's words.
    pub fn content(content: impl IntoIterator<Item = ContentBlock>) -> Self {
        Self::messages(content.into_iter().map(user).collect())
    }

    /// A conversation.
    pub fn messages(messages: Vec<PromptMessage>) -> Self {
        Self(End::of(&GetPromptResult::new(messages)))
    }

    /// A question; the function is run again with the answer.
    pub fn ask(question: Question) -> Self {
        Self(End::asking([question]))
    }

    pub(crate) fn into_end(self) -> End {
        self.0
    }
}

fn user(content: ContentBlock) -> PromptMessage {
    PromptMessage::new(Role::User, content)
}
