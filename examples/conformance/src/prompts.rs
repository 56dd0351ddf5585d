//! Prompts.

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::model::{ContentBlock, ResourceContents};
use toolkit::{
    Answer, Call, Completing, Failure, NoArguments, Prompt, PromptReply, Question, Server,
};

use crate::content::PNG;

async fn simple(_: Call<NoArguments>) -> Result<PromptReply, Failure> {
    Ok(PromptReply::text("This is a simple prompt for testing."))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Two {
    /// First test argument
    arg1: String,
    /// Second test argument
    arg2: String,
}

async fn with_arguments(call: Call<Two>) -> Result<PromptReply, Failure> {
    let Two { arg1, arg2 } = call.arguments;
    Ok(PromptReply::text(format!(
        "Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"
    )))
}

/// Words that begin with what was typed.
async fn words(typed: Completing) -> Vec<String> {
    ["paris", "park", "party"]
        .into_iter()
        .filter(|word| word.starts_with(&typed.value))
        .map(str::to_owned)
        .collect()
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Embedded {
    /// URI of the resource to embed
    resource_uri: String,
}

async fn with_resource(call: Call<Embedded>) -> Result<PromptReply, Failure> {
    let text = "Embedded resource content for testing.";
    let contents = ResourceContents::text(text, call.arguments.resource_uri);
    Ok(PromptReply::content([
        ContentBlock::resource(contents),
        ContentBlock::text("Please process the embedded resource above."),
    ]))
}

async fn with_image(_: Call<NoArguments>) -> Result<PromptReply, Failure> {
    Ok(PromptReply::content([
        ContentBlock::image(PNG, "image/png"),
        ContentBlock::text("Please analyze the image above."),
    ]))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Context {
    /// What it is about
    context: String,
}

async fn that_asks(call: Call<NoArguments>) -> Result<PromptReply, Failure> {
    match call.form::<Context>("user_context") {
        Some(Answer::Accepted(Context { context })) => {
            Ok(PromptReply::text(format!("Use this context: {context}")))
        }
        Some(Answer::Declined | Answer::Cancelled) => {
            Ok(PromptReply::text("Go on without a context."))
        }
        None => Ok(PromptReply::ask(Question::form::<Context>(
            "user_context",
            "What is it about?",
        ))),
    }
}

pub(crate) fn add(server: Server) -> Server {
    server
        .prompt(
            Prompt::new::<NoArguments>("test_simple_prompt", "A prompt without arguments."),
            simple,
        )
        .prompt(
            Prompt::new::<Two>("test_prompt_with_arguments", "A prompt with two arguments.")
                .completes("arg1", words),
            with_arguments,
        )
        .prompt(
            Prompt::new::<Embedded>(
                "test_prompt_with_embedded_resource",
                "A prompt with a resource.",
            ),
            with_resource,
        )
        .prompt(
            Prompt::new::<NoArguments>("test_prompt_with_image", "A prompt with a picture."),
            with_image,
        )
        .prompt(
            Prompt::new::<NoArguments>(
                "test_input_required_result_prompt",
                "A prompt that asks first.",
            ),
            that_asks,
        )
}
