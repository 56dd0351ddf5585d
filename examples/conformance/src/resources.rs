//! Resources, fixed and by template.

use toolkit::model::ResourceContents;
use toolkit::{Call, Failure, Resource, ResourceReply, ResourceTemplate, Server, Variables};

use crate::content::PNG;

/// The resource that can be subscribed to and changed.
pub(crate) const WATCHED: &str = "test://watched-resource";

async fn text(call: Call<Variables>) -> Result<ResourceReply, Failure> {
    let words = "This is the content of the static text resource.";
    Ok(ResourceReply::text(
        &call.arguments.uri,
        "text/plain",
        words,
    ))
}

async fn binary(call: Call<Variables>) -> Result<ResourceReply, Failure> {
    let contents = ResourceContents::blob(PNG, call.arguments.uri);
    Ok(ResourceReply::contents(vec![
        contents.with_mime_type("image/png"),
    ]))
}

async fn watched(call: Call<Variables>) -> Result<ResourceReply, Failure> {
    Ok(ResourceReply::text(
        &call.arguments.uri,
        "text/plain",
        "Watched.",
    ))
}

async fn data(call: Call<Variables>) -> Result<ResourceReply, Failure> {
    let id = call.arguments.get("id");
    let json =
        serde_json::json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
    let uri = &call.arguments.uri;
    Ok(ResourceReply::text(
        uri,
        "application/json",
        json.to_string(),
    ))
}

pub(crate) fn add(server: Server) -> Server {
    server
        .resource(
            Resource::new("test://static-text", "Static text")
                .description("A text that never changes.")
                .mime_type("text/plain"),
            text,
        )
        .resource(
            Resource::new("test://static-binary", "Static picture")
                .description("A picture that never changes.")
                .mime_type("image/png"),
            binary,
        )
        .resource(
            Resource::new(WATCHED, "Watched resource")
                .description("A resource to subscribe to.")
                .mime_type("text/plain"),
            watched,
        )
        .template(
            ResourceTemplate::new("test://template/{id}/data", "Data by id")
                .description("Made from the id.")
                .mime_type("application/json"),
            data,
        )
}
