//! `progress`: takes its time and says how far it is.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use toolkit::{Call, Failure, Reply, Tool};
use worker::Delay;

/// Most steps of one call.
const STEPS_MAX: u64 = 1_000;
/// Longest pause between two steps, in milliseconds.
const DELAY_MS_MAX: u64 = 60_000;

/// The arguments of `progress`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Arguments {
    /// How many steps to take, at most 1000.
    #[schemars(range(min = 1, max = 1000))]
    steps: u64,
    /// Milliseconds to wait before each step, at most 60000.
    #[schemars(range(min = 0, max = 60000))]
    delay_ms: u64,
}

pub(crate) fn definition() -> Tool {
    Tool::new::<Arguments>(
        "progress",
        "Takes a number of steps with a pause before each, and reports progress after each.",
    )
    .title("Progress")
    .read_only()
    .closed_world()
    .shows(&["steps"])
}

pub(crate) async fn progress(mut call: Call<Arguments>) -> Result<Reply, Failure> {
    let Arguments { steps, delay_ms } = call.arguments;
    if steps == 0 || steps > STEPS_MAX || delay_ms > DELAY_MS_MAX {
        let words = format!("`steps` is 1 to {STEPS_MAX}, `delay_ms` 0 to {DELAY_MS_MAX}.");
        return Err(Failure::ToModel(words));
    }
    for step in 1..=steps {
        Delay::from(Duration::from_millis(delay_ms)).await;
        let words = format!("Step {step} of {steps}");
        #[expect(clippy::cast_precision_loss, reason = "there are at most 1000 steps")]
        call.progress(step as f64, steps as f64, &words).await;
    }
    Ok(Reply::text(format!("Took {steps} steps.")))
}
