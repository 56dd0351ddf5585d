//! `count` and `count_start`: a counter that outlives the call.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use toolkit::{Call, Failure, NoArguments, Reply, Tool};

/// The tools that share the counter.
const FAMILY: &str = "count";

/// The arguments of `count`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// The counter, as `count_start` named it. Without one, the session's own
    /// counter is meant; a client without a session needs one.
    #[serde(default)]
    #[expect(
        dead_code,
        reason = "the house reads it, to find the state the call is about"
    )]
    handle: Option<String>,
}

pub(crate) fn definition() -> Tool {
    Tool::new::<Arguments>("count", "Adds one to a counter and returns the new number.")
        .title("Count")
        .additive()
        .closed_world()
        .state(FAMILY, "handle")
}

pub(crate) async fn count(call: Call<Arguments>) -> Result<Reply, Failure> {
    let before = match &call.state {
        None => {
            let words = "Without a session, a counter needs a handle: call count_start first and \
                         pass what it returns as `handle`.";
            return Err(Failure::ToModel(words.into()));
        }
        Some(Value::Null) => 0,
        Some(value) => value
            .as_u64()
            .ok_or_else(|| Failure::ToModel("The counter holds something else.".into()))?,
    };
    let number = before.saturating_add(1);
    Ok(Reply::text(number.to_string()).with_state(number.into()))
}

pub(crate) fn start_definition() -> Tool {
    Tool::new::<NoArguments>(
        "count_start",
        "Makes a new counter at 0 and returns its handle, to pass to `count`. The counter is \
         forgotten when it was not used for 24 hours.",
    )
    .title("New counter")
    .additive()
    .closed_world()
    .mints(FAMILY)
}

pub(crate) async fn start(call: Call<NoArguments>) -> Result<Reply, Failure> {
    match call.handle {
        Some(handle) => Ok(Reply::text(handle).with_state(0.into())),
        None => Err(Failure::ToModel("This server keeps no counters.".into())),
    }
}
