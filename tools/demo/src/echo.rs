//! `echo`: gives back what it is given.

use mcp::tool::author::{Call, Definition, Failure, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

/// The arguments of `echo`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The text to give back.
    text: String,
}

pub(crate) fn definition() -> Definition {
    Definition::new::<Arguments>("echo", "Gives back the text it is given.")
        .title("Echo")
        .read_only()
        .closed_world()
}

pub(crate) async fn echo(call: Call<Arguments>) -> Result<Reply, Failure> {
    Ok(Reply::text(call.arguments.text))
}
