//! Tools whose calls are tasks.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::model::{ErrorCode, ErrorData};
use toolkit::{Answer, Call, Failure, NoArguments, Question, Reply, Server, Tool};
use worker::Delay;

#[derive(Debug, Deserialize, JsonSchema)]
struct Name {
    /// Your name
    name: String,
}

async fn greet(call: Call<Name>) -> Result<Reply, Failure> {
    Ok(Reply::text(format!("Hello, {}!", call.arguments.name)))
}

/// Longest that a call may take, in seconds.
const SECONDS_MAX: f64 = 600.0;

#[derive(Debug, Deserialize, JsonSchema)]
struct Slow {
    /// How long to take, in seconds, at most 600
    #[schemars(range(min = 0, max = 600))]
    seconds: f64,
    /// What to call the result
    #[serde(default)]
    label: String,
}

async fn slow_compute(call: Call<Slow>) -> Result<Reply, Failure> {
    let Slow { seconds, label } = call.arguments;
    if !(0.0..=SECONDS_MAX).contains(&seconds) {
        let words = format!("`seconds` is 0 to {SECONDS_MAX}.");
        return Err(Failure::to_model(words));
    }
    Delay::from(Duration::from_secs_f64(seconds)).await;
    Ok(Reply::text(format!("Computed {label} in {seconds} s.")))
}

async fn failing_job(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Delay::from(Duration::from_secs(1)).await;
    Err(Failure::to_model("The job failed, as it always does."))
}

async fn protocol_error_job(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Err(Failure::Protocol(ErrorData::new(
        ErrorCode::INTERNAL_ERROR,
        "The job broke, as it always does.",
        None,
    )))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct File {
    /// The file to delete
    filename: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Confirmed {
    /// Whether to do it
    confirm: bool,
}

async fn confirm_delete(call: Call<File>) -> Result<Reply, Failure> {
    let filename = &call.arguments.filename;
    match call.form::<Confirmed>("confirm") {
        Some(Answer::Accepted(Confirmed { confirm: true })) => {
            Ok(Reply::text(format!("Deleted {filename}.")))
        }
        Some(_) => Ok(Reply::text(format!("Kept {filename}."))),
        None => Ok(Reply::ask(Question::form::<Confirmed>(
            "confirm",
            format!("Delete {filename}?"),
        ))),
    }
}

async fn multi_input(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match (call.form::<Name>("first"), call.form::<Name>("second")) {
        (Some(_), Some(_)) => Ok(Reply::text("Both answers came.")),
        _ => Ok(Reply::ask_all([
            Question::form::<Name>("first", "Who is first?"),
            Question::form::<Name>("second", "Who is second?"),
        ])),
    }
}

/// Asks first, and goes on as a task.
async fn asks_then_task(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.form::<Name>("name") {
        None => Ok(Reply::ask(Question::form::<Name>(
            "name",
            "What is your name?",
        ))),
        Some(_) if !call.is_task => Ok(Reply::go_on_as_task()),
        Some(Answer::Accepted(Name { name })) => Ok(Reply::text(format!("Done, {name}."))),
        Some(Answer::Declined | Answer::Cancelled) => Ok(Reply::text("Done, for nobody.")),
    }
}

pub(crate) fn add(server: Server) -> Server {
    server
        .tool(
            Tool::new::<Name>("greet", "Greets at once.").read_only(),
            greet,
        )
        .tool(
            Tool::new::<Slow>("slow_compute", "Takes its time.")
                .read_only()
                .task(),
            slow_compute,
        )
        .tool(
            Tool::new::<NoArguments>("failing_job", "Fails after a second.").task_only(),
            failing_job,
        )
        .tool(
            Tool::new::<NoArguments>("protocol_error_job", "Breaks.").task(),
            protocol_error_job,
        )
        .tool(
            Tool::new::<File>("confirm_delete", "Asks before it deletes.").task(),
            confirm_delete,
        )
        .tool(
            Tool::new::<NoArguments>("multi_input", "Asks two things at once.").task(),
            multi_input,
        )
        .tool(
            Tool::new::<NoArguments>("test_tool_with_task", "Asks, then goes on as a task.")
                .task_later(),
            asks_then_task,
        )
}
