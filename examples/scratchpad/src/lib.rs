//! A scratchpad: named notes that outlive the call.
//!
//! The notes are the state that the call comes with: a session has its own, and
//! a client without sessions names one by the handle from `scratchpad_new`. The
//! code is the same for both.

mod notes;

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::{Call, Failure, NoArguments, Reply, Server, Tool};
use worker::{Context, Env, Request, Response, event};

use notes::Notes;

/// The tools that share the notes.
const FAMILY: &str = "notes";

/// Which scratchpad. Flattened into the arguments of every tool.
#[derive(Debug, Deserialize, JsonSchema)]
struct Pad {
    /// The scratchpad, as `scratchpad_new` named it. Within a session it may be
    /// left out: the session has a scratchpad of its own.
    #[serde(default)]
    #[expect(dead_code, reason = "the house reads it, to find the notes")]
    handle: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Put {
    /// The note's name.
    name: String,
    /// What it says.
    text: String,
    #[serde(flatten)]
    _pad: Pad,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Named {
    /// The note's name.
    name: String,
    #[serde(flatten)]
    _pad: Pad,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct All {
    #[serde(flatten)]
    _pad: Pad,
}

async fn new(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.handle {
        Some(handle) => Ok(Reply::text(handle).with_state(Notes::default().into_state())),
        None => Err(Failure::to_model("This server keeps no scratchpads.")),
    }
}

async fn put(call: Call<Put>) -> Result<Reply, Failure> {
    let mut notes = Notes::of(call.state)?;
    let words = notes.put(&call.arguments.name, call.arguments.text)?;
    Ok(Reply::text(words).with_state(notes.into_state()))
}

async fn get(call: Call<Named>) -> Result<Reply, Failure> {
    let notes = Notes::of(call.state)?;
    Ok(Reply::text(notes.get(&call.arguments.name)?))
}

async fn list(call: Call<All>) -> Result<Reply, Failure> {
    Ok(Reply::structured(&Notes::of(call.state)?.names()))
}

async fn delete(call: Call<Named>) -> Result<Reply, Failure> {
    let mut notes = Notes::of(call.state)?;
    let words = notes.delete(&call.arguments.name)?;
    Ok(Reply::text(words).with_state(notes.into_state()))
}

fn server() -> Server {
    Server::new("scratchpad", env!("CARGO_PKG_VERSION"))
        .public()
        .tool(
            Tool::new::<NoArguments>(
                "scratchpad_new",
                "Makes an empty scratchpad and returns its handle, to pass to the other tools. It \
                 is forgotten when it was not used for 24 hours.",
            )
            .title("New scratchpad")
            .additive()
            .closed_world()
            .mints(FAMILY),
            new,
        )
        .tool(
            Tool::new::<Put>("note_put", "Writes a note, or writes it anew.")
                .title("Write a note")
                .idempotent()
                .closed_world()
                .state(FAMILY, "handle"),
            put,
        )
        .tool(
            Tool::new::<Named>("note_get", "Reads a note.")
                .title("Read a note")
                .read_only()
                .closed_world()
                .state(FAMILY, "handle"),
            get,
        )
        .tool(
            Tool::new::<All>("note_list", "Names all notes.")
                .title("List notes")
                .output::<notes::Names>()
                .read_only()
                .closed_world()
                .state(FAMILY, "handle"),
            list,
        )
        .tool(
            Tool::new::<Named>("note_delete", "Throws a note away.")
                .title("Delete a note")
                .idempotent()
                .closed_world()
                .state(FAMILY, "handle"),
            delete,
        )
}

/// The platform's entry.
#[event(fetch)]
async fn fetch(request: Request, _: Env, _: Context) -> worker::Result<Response> {
    toolkit::fetch(server, request).await
}
