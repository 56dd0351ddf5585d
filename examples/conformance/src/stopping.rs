//! A tool that is stopped, and one that tells: what happened to a call is seen
//! from outside only by what its function left behind. The suite asks for
//! neither; our own tests do.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toolkit::{Call, Failure, Reply, Server, Tool};
use worker::Delay;

/// Calls that are told apart; for one more, one is forgotten.
const NAMES_MAX: usize = 100;
/// Between two steps.
const PAUSE: Duration = Duration::from_millis(20);
/// Most steps: a call that nobody stops ends after a minute.
const STEPS_MAX: u32 = 3_000;

/// How calls went, by the name that the caller gave. It is good for as long as
/// the isolate lives.
static CALLS: Mutex<BTreeMap<String, Went>> = Mutex::new(BTreeMap::new());

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
struct Went {
    /// Steps that were taken.
    steps: u32,
    /// Whether it came to its end.
    finished: bool,
    /// Whether its function was dropped before that.
    stopped: bool,
}

fn calls() -> MutexGuard<'static, BTreeMap<String, Went>> {
    CALLS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Steps {
    /// What the call is called.
    name: String,
    /// How many steps to take, at most 3000
    #[schemars(range(min = 1, max = 3000))]
    steps: u32,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Named {
    /// What the call is called.
    name: String,
}

/// Notes how a call goes, its end by being dropped.
struct Note(String);

impl Note {
    fn change(&self, change: impl FnOnce(&mut Went)) {
        let mut calls = calls();
        if calls.len() >= NAMES_MAX && !calls.contains_key(&self.0) {
            calls.pop_first();
        }
        change(calls.entry(self.0.clone()).or_default());
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.change(|went| went.stopped = !went.finished);
    }
}

async fn steps(mut call: Call<Steps>) -> Result<Reply, Failure> {
    let steps = call.arguments.steps;
    if steps == 0 || steps > STEPS_MAX {
        return Err(Failure::to_model(format!("`steps` is 1 to {STEPS_MAX}.")));
    }
    let note = Note(call.arguments.name.clone());
    for step in 1..=steps {
        call.progress(f64::from(step), f64::from(steps), "one more step")
            .await;
        note.change(|went| went.steps = step);
        Delay::from(PAUSE).await;
    }
    note.change(|went| went.finished = true);
    Ok(Reply::text("All steps were taken."))
}

async fn taken(call: Call<Named>) -> Result<Reply, Failure> {
    let went = calls().get(&call.arguments.name).copied();
    Ok(Reply::structured(&went.unwrap_or_default()))
}

pub(crate) fn add(server: Server) -> Server {
    server
        .tool(
            Tool::new::<Steps>("test_steps", "Takes steps until it is stopped.").read_only(),
            steps,
        )
        .tool(
            Tool::new::<Steps>(
                "test_steps_once",
                "Takes steps as something would that must not be done twice.",
            ),
            steps,
        )
        .tool(
            Tool::new::<Named>("test_steps_taken", "Tells how a call of test_steps went.")
                .output::<Went>()
                .read_only(),
            taken,
        )
}
