//! Tools that give back each kind of content.

use toolkit::model::{ContentBlock, ResourceContents};
use toolkit::{Call, Failure, NoArguments, Reply, Server, Tool};

/// One red pixel.
pub(crate) const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// A sound without a sample.
const WAV: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

async fn simple_text(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Ok(Reply::text("This is a simple text response for testing."))
}

async fn image(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Ok(Reply::content(vec![ContentBlock::image(PNG, "image/png")]))
}

async fn audio(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Ok(Reply::content(vec![ContentBlock::audio(WAV, "audio/wav")]))
}

async fn embedded(_: Call<NoArguments>) -> Result<Reply, Failure> {
    let text = "This is an embedded resource content.";
    let contents = ResourceContents::text(text, "test://embedded-resource");
    Ok(Reply::content(vec![ContentBlock::resource(contents)]))
}

async fn mixed(_: Call<NoArguments>) -> Result<Reply, Failure> {
    let json = r#"{"test":"data","value":123}"#;
    let contents = ResourceContents::text(json, "test://mixed-content-resource");
    Ok(Reply::content(vec![
        ContentBlock::text("Multiple content types test:"),
        ContentBlock::image(PNG, "image/png"),
        ContentBlock::resource(contents.with_mime_type("application/json")),
    ]))
}

async fn fails(_: Call<NoArguments>) -> Result<Reply, Failure> {
    Err(Failure::to_model(
        "This tool intentionally returns an error for testing",
    ))
}

pub(crate) fn add(server: Server) -> Server {
    let tool = |name, words| Tool::new::<NoArguments>(name, words).read_only();
    server
        .tool(tool("test_simple_text", "Gives back a text."), simple_text)
        .tool(tool("test_image_content", "Gives back a picture."), image)
        .tool(tool("test_audio_content", "Gives back a sound."), audio)
        .tool(
            tool("test_embedded_resource", "Gives back a resource."),
            embedded,
        )
        .tool(
            tool(
                "test_multiple_content_types",
                "Gives back a text, a picture and a resource.",
            ),
            mixed,
        )
        .tool(tool("test_error_handling", "Always fails."), fails)
}
