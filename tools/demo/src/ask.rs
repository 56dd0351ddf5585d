//! `ask`: asks the user, through the client.

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::{Answer, Call, Failure, Question, Reply, Tool};

/// Names the answer.
const KEY: &str = "answer";

/// The form.
#[derive(Debug, Deserialize, JsonSchema)]
struct Form {
    /// Your answer
    answer: String,
}

/// The arguments of `ask`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// What to ask the user.
    question: String,
}

pub(crate) fn definition() -> Tool {
    Tool::new::<Arguments>("ask", "Asks the user a question and returns the answer.")
        .title("Ask the user")
        .read_only()
        .closed_world()
}

pub(crate) async fn ask(call: Call<Arguments>) -> Result<Reply, Failure> {
    match call.form::<Form>(KEY) {
        Some(Answer::Accepted(Form { answer })) => Ok(Reply::text(answer)),
        Some(Answer::Declined) => Ok(Reply::text("The user declined to answer.")),
        Some(Answer::Cancelled) => Ok(Reply::text("The user dismissed the question.")),
        None => Ok(Reply::ask(Question::form::<Form>(
            KEY,
            call.arguments.question,
        ))),
    }
}
