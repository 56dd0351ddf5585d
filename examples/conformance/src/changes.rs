//! Tools that change what others see.

use toolkit::{Call, Change, Failure, NoArguments, Reply, Server, Tool};

async fn tools(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Ok(Reply::text("The list of tools changed.").changed(Change::ToolsList))
}

async fn prompts(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Ok(Reply::text("The list of prompts changed.").changed(Change::PromptsList))
}

async fn resource(_: Call<NoArguments>) -> Result<Reply, Failure> {
    let change = Change::Resource {
        uri: crate::resources::WATCHED.to_owned(),
        shared: true,
    };
    Ok(Reply::text("The watched resource changed.").changed(change))
}

/// Ours, not the suite's: nobody but the caller is told.
async fn own_resource(_: Call<NoArguments>) -> Result<Reply, Failure> {
    let change = Change::Resource {
        uri: "test://own-resource".to_owned(),
        shared: false,
    };
    Ok(Reply::text("The caller's own resource changed.").changed(change))
}

pub(crate) fn add(server: Server) -> Server {
    let tool = |name, words| Tool::new::<NoArguments>(name, words).additive();
    server
        .tool(
            tool("test_trigger_tool_change", "Changes the list of tools."),
            tools,
        )
        .tool(
            tool("test_trigger_prompt_change", "Changes the list of prompts."),
            prompts,
        )
        .tool(
            tool(
                "test_trigger_resource_change",
                "Changes the watched resource.",
            ),
            resource,
        )
        .tool(
            tool(
                "test_trigger_own_resource_change",
                "Changes a resource that only its caller has.",
            ),
            own_resource,
        )
}
