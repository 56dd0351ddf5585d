//! Tools that work: at once, slowly, for ever, or with very much to say.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::{Call, Change, Failure, NoArguments, Reply, Server, Tool};
use worker::Delay;

/// Longer than anybody waits: twice what the server allows a silent tool.
const FOR_EVER: Duration = Duration::from_mins(10);
/// Most that one call says, in bytes: below what a session keeps for a return.
const SAID_BYTES_MAX: usize = 7_000_000;
/// Most messages of one call, likewise.
const MESSAGES_MAX: u32 = 900;
/// How long a step of a slow tool takes.
const STEP: Duration = Duration::from_millis(200);
/// Most steps of one call.
const STEPS_MAX: u32 = 300;

#[derive(Debug, Deserialize, JsonSchema)]
struct Echo {
    /// What to give back.
    text: String,
}

async fn echo(call: Call<Echo>) -> Result<Reply, Failure> {
    Ok(Reply::text(call.arguments.text))
}

/// Waits with a timer that runs: the platform sees a Worker that is busy.
async fn silent(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Delay::from(FOR_EVER).await;
    Ok(Reply::text("Nobody waits for this."))
}

/// Waits for nothing: the platform sees that no answer can ever come.
async fn stuck(_: Call<NoArguments>) -> Result<Reply, Failure> {
    std::future::pending::<()>().await;
    Ok(Reply::text("This is never reached."))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Much {
    /// How many messages.
    messages: u32,
    /// How large each of them is, in bytes.
    bytes: usize,
}

/// Says much, each message with its number and a text of that size.
async fn much(mut call: Call<Much>) -> Result<Reply, Failure> {
    let Much { messages, bytes } = call.arguments;
    let all = usize::try_from(messages).unwrap_or(usize::MAX);
    if messages > MESSAGES_MAX || all.saturating_mul(bytes) > SAID_BYTES_MAX {
        let words = format!("At most {MESSAGES_MAX} messages of {SAID_BYTES_MAX} bytes in all.");
        return Err(Failure::to_model(words));
    }
    let text = "m".repeat(bytes);
    for number in 1..=messages {
        call.progress(f64::from(number), f64::from(messages), &text)
            .await;
    }
    Ok(Reply::text("All was said."))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Slow {
    /// How many steps it takes, each a fifth of a second.
    steps: u32,
}

/// Says after each step how far it is.
async fn slow(mut call: Call<Slow>) -> Result<Reply, Failure> {
    let steps = call.arguments.steps.min(STEPS_MAX);
    for step in 1..=steps {
        Delay::from(STEP).await;
        call.progress(f64::from(step), f64::from(steps), "a step")
            .await;
    }
    Ok(Reply::text("All steps were taken."))
}

/// Tells everybody that the list of tools has changed.
async fn change(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Ok(Reply::text("It was told.").changed(Change::ToolsList))
}

pub(crate) fn add(server: Server) -> Server {
    server
        .tool(
            Tool::new::<Echo>("echo", "Gives back a text.").read_only(),
            echo,
        )
        .tool(
            Tool::new::<Echo>("heavy", "Gives back a text, for five units of the quota.")
                .read_only()
                .weight(5),
            echo,
        )
        .tool(
            Tool::new::<Echo>("picture", "Gives back a text, of a family of its own.")
                .read_only()
                .quota_family("images"),
            echo,
        )
        .tool(
            Tool::new::<NoArguments>("silent", "Works for ten minutes.").read_only(),
            silent,
        )
        .tool(
            Tool::new::<NoArguments>("stuck", "Waits for nothing.").read_only(),
            stuck,
        )
        .tool(Tool::new::<Slow>("slow", "Takes steps.").read_only(), slow)
        .tool(
            Tool::new::<NoArguments>("change", "Tells of a change."),
            change,
        )
        .tool(
            Tool::new::<Much>("much", "Says very much.").read_only(),
            much,
        )
}
