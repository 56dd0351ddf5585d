//! Tools that have something to say before they end.

use std::time::Duration;

use toolkit::{Call, Failure, LogLevel, NoArguments, Reply, Server, Tool};
use worker::Delay;

const PAUSE: Duration = Duration::from_millis(50);

async fn logs(mut call: Call<NoArguments>) -> Result<Reply, Failure> {
    for words in [
        "Tool execution started",
        "Tool processing data",
        "Tool execution completed",
    ] {
        call.log(LogLevel::Info, words).await;
        Delay::from(PAUSE).await;
    }
    Ok(Reply::text("Tool with logging executed successfully"))
}

async fn progress(mut call: Call<NoArguments>) -> Result<Reply, Failure> {
    for done in [0.0, 50.0, 100.0] {
        call.progress(done, 100.0, &format!("{done} of 100")).await;
        Delay::from(PAUSE).await;
    }
    Ok(Reply::text("Tool with progress executed successfully"))
}

async fn reconnection(mut call: Call<NoArguments>) -> Result<Reply, Failure> {
    call.let_go().await;
    Delay::from(PAUSE * 2).await;
    Ok(Reply::text(
        "The connection was let go, and this came after.",
    ))
}

async fn logs_on_request(mut call: Call<NoArguments>) -> Result<Reply, Failure> {
    call.log(LogLevel::Info, "This was asked for").await;
    Ok(Reply::text("Logged, if the request asked for it."))
}

pub(crate) fn add(server: Server) -> Server {
    let tool = |name, words| Tool::new::<NoArguments>(name, words).read_only();
    server
        .tool(tool("test_tool_with_logging", "Logs three messages."), logs)
        .tool(
            tool("test_tool_with_progress", "Reports progress three times."),
            progress,
        )
        .tool(
            tool("test_reconnection", "Lets its connection go, then answers."),
            reconnection,
        )
        .tool(
            tool(
                "test_logging_tool",
                "Logs a message, if the request wants any.",
            ),
            logs_on_request,
        )
}
