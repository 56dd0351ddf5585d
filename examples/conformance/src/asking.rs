//! Tools that ask once: the client's model, or its user.

#![expect(
    deprecated,
    reason = "the suite tests sampling, which is deprecated and served"
)]

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use toolkit::model::{CreateMessageRequestParams, SamplingMessage};
use toolkit::{Answer, Call, Failure, NoArguments, Question, Reply, Server, Tool};

#[derive(Debug, Deserialize, JsonSchema)]
struct Prompt {
    /// What to ask the model.
    prompt: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Message {
    /// What to ask the user.
    message: String,
}

/// A question for the client's model.
pub(crate) fn to_model(key: &str, text: &str) -> Question {
    let messages = vec![SamplingMessage::user_text(text)];
    Question::sampling(key, &CreateMessageRequestParams::new(messages, 100))
}

/// The object in a JSON text of ours.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap_or_default()
}

async fn sampling(call: Call<Prompt>) -> Result<Reply, Failure> {
    match call.sampled("answer") {
        Some(sampled) => Ok(Reply::text(format!("LLM response: {}", json!(sampled)))),
        None => Ok(Reply::ask(to_model("answer", &call.arguments.prompt))),
    }
}

/// Asks with this form and tells what came back.
fn elicit<A>(call: &Call<A>, message: &str, form: Value) -> Reply {
    let (action, content) = match call.answer("answer") {
        Some(Answer::Accepted(content)) => ("accept", content),
        Some(Answer::Declined) => ("decline", Map::new()),
        Some(Answer::Cancelled) => ("cancel", Map::new()),
        None => return Reply::ask(Question::form_with("answer", message, &object(form))),
    };
    let content = Value::Object(content);
    Reply::text(format!("User response: action={action}, content={content}"))
}

async fn elicitation(call: Call<Message>) -> Result<Reply, Failure> {
    let form = json!({
        "type": "object",
        "properties": {
            "username": { "type": "string", "description": "User's response" },
            "email": { "type": "string", "description": "User's email address" },
        },
        "required": ["username", "email"],
    });
    Ok(elicit(&call, &call.arguments.message, form))
}

/// SEP-1034: defaults of every primitive type.
async fn defaults(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let form = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": {
                "type": "string", "enum": ["active", "inactive", "pending"], "default": "active",
            },
            "verified": { "type": "boolean", "default": true },
        },
        "required": [],
    });
    Ok(elicit(&call, "Please check these values.", form))
}

/// SEP-1330: the five shapes of an enum.
async fn enums(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let titled = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" },
    ]);
    let form = json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
            "titledSingle": { "type": "string", "oneOf": titled },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": {
                "type": "array",
                "items": { "type": "string", "enum": ["option1", "option2", "option3"] },
            },
            "titledMulti": { "type": "array", "items": { "anyOf": titled } },
        },
        "required": [],
    });
    Ok(elicit(&call, "Please choose.", form))
}

async fn missing_capability(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.sampled("answer") {
        Some(_) => Ok(Reply::text("The client's model answered.")),
        None => Ok(Reply::ask(to_model("answer", "Say something."))),
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Name {
    /// Your name
    name: String,
}

async fn streaming_elicitation(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.form::<Name>("name") {
        Some(Answer::Accepted(Name { name })) => Ok(Reply::text(format!("Hello, {name}!"))),
        Some(Answer::Declined | Answer::Cancelled) => Ok(Reply::text("Nobody answered.")),
        None => Ok(Reply::ask(Question::form::<Name>("name", "Who is there?"))),
    }
}

pub(crate) fn add(server: Server) -> Server {
    let plain = |name, words| Tool::new::<NoArguments>(name, words).read_only();
    server
        .tool(
            Tool::new::<Prompt>("test_sampling", "Asks the client's model.").read_only(),
            sampling,
        )
        .tool(
            Tool::new::<Message>("test_elicitation", "Asks the user.").read_only(),
            elicitation,
        )
        .tool(
            plain(
                "test_elicitation_sep1034_defaults",
                "Asks the user with a form whose fields have defaults.",
            ),
            defaults,
        )
        .tool(
            plain(
                "test_elicitation_sep1330_enums",
                "Asks the user with a form of choices.",
            ),
            enums,
        )
        .tool(
            plain("test_missing_capability", "Needs the client's model."),
            missing_capability,
        )
        .tool(
            plain("test_streaming_elicitation", "Asks for a name."),
            streaming_elicitation,
        )
}
