//! A tool that announces as much as a tool may, again and again if it is called
//! so: for clients that listen and do not read.

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::{Call, Change, Failure, Reply, Resource, ResourceReply, Server, Tool, Variables};

/// The resource that all names of announced ones begin with.
const NOISE: &str = "test://noise";
/// Most changes of one call: what the server takes.
const CHANGES_MAX: usize = 64;
/// Longest URI that is announced, in bytes: what can be subscribed to.
const URI_BYTES_MAX: usize = 2_048;

#[derive(Debug, Deserialize, JsonSchema)]
struct Announce {
    /// How many resources have changed.
    changes: usize,
    /// How long the URI of each is, in bytes.
    bytes: usize,
}

async fn announce(call: Call<Announce>) -> Result<Reply, Failure> {
    let Announce { changes, bytes } = call.arguments;
    if changes > CHANGES_MAX || bytes > URI_BYTES_MAX {
        let words = format!("At most {CHANGES_MAX} changes of {URI_BYTES_MAX} bytes.");
        return Err(Failure::to_model(words));
    }
    let announced = (0..changes).fold(Reply::text("It was announced."), |reply, number| {
        let uri = format!("{NOISE}/{number}/");
        let uri = format!("{uri:x<bytes$}");
        reply.changed(Change::Resource { uri, shared: true })
    });
    Ok(announced)
}

async fn noise(call: Call<Variables>) -> Result<ResourceReply, Failure> {
    let uri = &call.arguments.uri;
    Ok(ResourceReply::text(uri, "text/plain", "Noise."))
}

pub(crate) fn add(server: Server) -> Server {
    server
        .tool(
            Tool::new::<Announce>("announce", "Says that resources have changed.").additive(),
            announce,
        )
        .resource(
            Resource::new(NOISE, "Noise").description("What the tool announces."),
            noise,
        )
}
