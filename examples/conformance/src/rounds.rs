//! Multi-round-trip requests: tools that end with questions and are run again.

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::{Answer, Call, Failure, NoArguments, Question, Reply, Server, Tool};

use crate::asking::to_model;

#[derive(Debug, Deserialize, JsonSchema)]
struct Name {
    /// Your name
    name: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Color {
    /// Your favourite colour
    color: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Agreed {
    /// Whether to go on
    ok: bool,
}

/// The user did not want to.
fn refused() -> Reply {
    Reply::text("The user did not answer.")
}

async fn elicitation(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.form::<Name>("user_name") {
        Some(Answer::Accepted(Name { name })) => Ok(Reply::text(format!("Hello, {name}!"))),
        Some(Answer::Declined | Answer::Cancelled) => Ok(refused()),
        None => Ok(Reply::ask(Question::form::<Name>(
            "user_name",
            "What is your name?",
        ))),
    }
}

async fn sampling(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.sampled("capital_question") {
        Some(_) => Ok(Reply::text("The client's model answered.")),
        None => Ok(Reply::ask(to_model(
            "capital_question",
            "What is the capital of France?",
        ))),
    }
}

async fn list_roots(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.roots("client_roots") {
        Some(roots) => Ok(Reply::text(format!(
            "The client has {} roots.",
            roots.len()
        ))),
        None => Ok(Reply::ask(Question::roots("client_roots"))),
    }
}

/// What is remembered comes back with the answer, and only if nobody touched it.
async fn request_state(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let remembered = call.memory::<String>();
    match (call.form::<Agreed>("confirm"), remembered.as_deref()) {
        (Some(Answer::Accepted(Agreed { ok })), Some("asked")) => {
            Ok(Reply::text(format!("state-ok, confirmed: {ok}")))
        }
        (Some(Answer::Declined | Answer::Cancelled), _) => Ok(refused()),
        _ => Ok(
            Reply::ask(Question::form::<Agreed>("confirm", "Shall it go on?")).remember(&"asked"),
        ),
    }
}

async fn multiple_inputs(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let name = call.form::<Name>("user_name");
    let greeting = call.sampled("greeting");
    let roots = call.roots("client_roots");
    match (name, greeting, roots) {
        (Some(_), Some(_), Some(roots)) => Ok(Reply::text(format!(
            "All three came, with {} roots.",
            roots.len()
        ))),
        _ => Ok(Reply::ask_all([
            Question::form::<Name>("user_name", "What is your name?"),
            to_model("greeting", "Say hello."),
            Question::roots("client_roots"),
        ])
        .remember(&"three")),
    }
}

/// The answer of the first round is there in the second, too.
async fn multi_round(call: Call<NoArguments>) -> Result<Reply, Failure> {
    let Some(name) = call.form::<Name>("step1") else {
        let question = Question::form::<Name>("step1", "What is your name?");
        return Ok(Reply::ask(question).remember(&1));
    };
    let Some(color) = call.form::<Color>("step2") else {
        let question = Question::form::<Color>("step2", "What is your favourite colour?");
        return Ok(Reply::ask(question).remember(&2));
    };
    match (name, color) {
        (Answer::Accepted(Name { name }), Answer::Accepted(Color { color })) => {
            Ok(Reply::text(format!("{name} likes {color}.")))
        }
        _ => Ok(refused()),
    }
}

/// Asks only for what this client can be asked.
async fn capabilities(call: Call<NoArguments>) -> Result<Reply, Failure> {
    if call.sampled("greeting").is_some() || call.answer("user_name").is_some() {
        return Ok(Reply::text("Thank you."));
    }
    let questions: Vec<Question> = [
        Question::form::<Name>("user_name", "What is your name?"),
        to_model("greeting", "Say hello."),
    ]
    .into_iter()
    .filter(|question| call.can_ask(question))
    .collect();
    if questions.is_empty() {
        return Ok(Reply::text("There is nothing this client can be asked."));
    }
    Ok(Reply::ask_all(questions))
}

pub(crate) fn add(server: Server) -> Server {
    let tool = |name, words| Tool::new::<NoArguments>(name, words).read_only();
    server
        .tool(
            tool("test_input_required_result_elicitation", "Asks for a name."),
            elicitation,
        )
        .tool(
            tool(
                "test_input_required_result_sampling",
                "Asks the client's model.",
            ),
            sampling,
        )
        .tool(
            tool(
                "test_input_required_result_list_roots",
                "Asks for the roots.",
            ),
            list_roots,
        )
        .tool(
            tool(
                "test_input_required_result_request_state",
                "Remembers that it asked.",
            ),
            request_state,
        )
        .tool(
            tool(
                "test_input_required_result_tampered_state",
                "Remembers that it asked; an altered memory is refused.",
            ),
            request_state,
        )
        .tool(
            tool(
                "test_input_required_result_multiple_inputs",
                "Asks three things at once.",
            ),
            multiple_inputs,
        )
        .tool(
            tool("test_input_required_result_multi_round", "Asks twice."),
            multi_round,
        )
        .tool(
            tool(
                "test_input_required_result_capabilities",
                "Asks what the client can be asked.",
            ),
            capabilities,
        )
}
