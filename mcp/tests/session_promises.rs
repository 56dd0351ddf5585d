//! Promises 1 and 2 of the architecture, under random transcripts.
//!
//! Promise 1: a message that was appended reaches its client exactly once, in
//! order, on exactly one stream, over evictions, kills and reconnects, as long
//! as the client returns within the retention time. What is beyond retention
//! is said to be gone, never skipped in silence. Promise 2: a session outlives
//! every process; ended and expired sessions are one and the same 404.
//!
//! A transcript is what clients, tools, others, the clock and the platform do.
//! A `World` plays it against the session machine, around which it models the
//! object, the front Workers and the clients; [`promises`] says what must hold,
//! each as a function. `PROPTEST_CASES=100000` plays more than the usual 256.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]

#[path = "session_promises/fed.rs"]
mod fed;
#[path = "session_promises/found.rs"]
mod found;
#[path = "session_promises/object.rs"]
mod object;
#[path = "session_promises/promises.rs"]
mod promises;
#[path = "session_promises/reading.rs"]
mod reading;
#[path = "session_promises/rows.rs"]
mod rows;
#[path = "session_promises/said.rs"]
mod said;
#[path = "session_promises/settling.rs"]
mod settling;
#[path = "session_promises/transcript.rs"]
mod transcript;
#[path = "session_promises/world.rs"]
mod world;

use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};
use transcript::{Transcript, transcripts};
use world::World;

/// Longest transcript.
const ACTS_MAX: usize = 120;

/// Architecture, promises 1 and 2.
/// Checklist L-RSM-02, L-SSE-05, L-SESS-07, L-CANC-01, L-S2C-03.
#[test]
fn no_transcript_breaks_a_promise_of_sessions() {
    let config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/session_promises/regressions.txt",
        ))),
        ..Config::default()
    };
    let played = TestRunner::new(config).run(&transcripts(ACTS_MAX), |transcript| {
        play(&transcript);
        Ok(())
    });
    if let Err(failed) = played {
        panic!("{failed}");
    }
}

fn play(transcript: &Transcript) {
    let mut world = World::begin(transcript);
    for act in &transcript.acts {
        world.act(act);
    }
    world.settle();
}
