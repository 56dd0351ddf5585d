//! `ask`: asks the user, through the client.

use mcp::tool::author::{Answer, Call, Definition, Failure, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Names the answer, and the one field of the form.
const ANSWER: &str = "answer";

/// The arguments of `ask`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// What to ask the user.
    question: String,
}

pub(crate) fn definition() -> Definition {
    Definition::new::<Arguments>("ask", "Asks the user a question and returns the answer.")
        .title("Ask the user")
        .read_only()
        .closed_world()
}

pub(crate) async fn ask(call: Call<Arguments>) -> Result<Reply, Failure> {
    match call.answer(ANSWER) {
        Some(Answer::Accepted(fields)) => match fields.get(ANSWER) {
            Some(Value::String(answer)) => Ok(Reply::text(answer)),
            _ => Err(Failure::ToModel(
                "The form came back without an answer.".into(),
            )),
        },
        Some(Answer::Declined) => Ok(Reply::text("The user declined to answer.")),
        Some(Answer::Cancelled) => Ok(Reply::text("The user dismissed the question.")),
        None => Ok(Reply::Ask {
            key: ANSWER,
            message: call.arguments.question,
            schema: json!({
                "type": "object",
                "properties": { ANSWER: { "type": "string", "title": "Your answer" } },
                "required": [ANSWER],
            }),
        }),
    }
}
