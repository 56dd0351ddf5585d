//! `note_write` and `note_read`: a note that only apps with a permission may touch.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use toolkit::{Call, Failure, Reply, Tool};

/// May read notes.
pub(crate) const READ: &str = "notes:read";
/// May change notes.
pub(crate) const WRITE: &str = "notes:write";
/// The tools that share the note.
const FAMILY: &str = "note";
/// Longest note, in bytes.
const NOTE_BYTES_MAX: usize = 10_000;

/// The arguments of `note_write`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Write {
    /// What to note.
    text: String,
}

/// The arguments of `note_read`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Read {
    /// The note, as `note_write` named it.
    #[expect(
        dead_code,
        reason = "the house reads it, to find the state the call is about"
    )]
    handle: String,
}

pub(crate) fn write_definition() -> Tool {
    Tool::new::<Write>(
        "note_write",
        "Keeps a note and returns its handle, to pass to `note_read`. The note is forgotten when \
         it was not read for 24 hours.",
    )
    .title("Write a note")
    .additive()
    .closed_world()
    .permission(WRITE)
    .mints(FAMILY)
}

pub(crate) async fn write(call: Call<Write>) -> Result<Reply, Failure> {
    let text = call.arguments.text;
    if text.len() > NOTE_BYTES_MAX {
        let words = format!("A note has at most {NOTE_BYTES_MAX} bytes.");
        return Err(Failure::ToModel(words));
    }
    match call.handle {
        Some(handle) => Ok(Reply::text(handle).with_state(text.into())),
        None => Err(Failure::ToModel("This server keeps no notes.".into())),
    }
}

pub(crate) fn read_definition() -> Tool {
    Tool::new::<Read>("note_read", "Reads a note.")
        .title("Read a note")
        .read_only()
        .closed_world()
        .task()
        .permission(READ)
        .state(FAMILY, "handle")
}

pub(crate) async fn read(call: Call<Read>) -> Result<Reply, Failure> {
    match call.state {
        Some(Value::String(text)) => Ok(Reply::text(text)),
        _ => Err(Failure::ToModel("There is no such note.".into())),
    }
}
