//! `echo`: gives back what it is given.

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::{Call, Failure, Reply, Tool};

/// The arguments of `echo`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The text to give back.
    text: String,
}

pub(crate) fn definition() -> Tool {
    Tool::new::<Arguments>("echo", "Gives back the text it is given.")
        .title("Echo")
        .read_only()
        .closed_world()
}

pub(crate) async fn echo(call: Call<Arguments>) -> Result<Reply, Failure> {
    Ok(Reply::text(call.arguments.text))
}
