//! Transcripts that once broke a promise, as random ones found them.

use mcp::limits::{CALLS_IN_FLIGHT_MAX, EVENT_BYTES_MAX, EVENTS_KEPT_MAX, ROW_BYTES_MAX};
use mcp::revision::Revision;
use mcp::session::Retention;

use crate::play;
use crate::transcript::{Act, Changed, ReplyWith, Says, Transcript};

const ASK: Says = Says::Asks {
    questions: 1,
    kinds: 0,
};

fn played(acts: Vec<Act>) {
    play(&Transcript {
        revision: Revision::NEWEST_LEGACY,
        capabilities: r#"{"elicitation":{}}"#,
        retention: Retention::default(),
        acts,
    });
}

/// Architecture, promise 7: calls that wait for their client run again.
#[test]
fn calls_that_were_answered_all_at_once_are_still_bounded() {
    let many = Act::Calls(CALLS_IN_FLIGHT_MAX);
    let answers = Act::ReplyAll(ReplyWith::Fitting);
    played(vec![many.clone(), Act::AllSay(ASK), many, answers]);
}

#[test]
fn cancelled_streams_leave_no_rows_behind() {
    let mut acts = Vec::new();
    for _ in 0..2 {
        acts.push(Act::Calls(CALLS_IN_FLIGHT_MAX));
        acts.push(Act::AllSay(Says::Streams));
        acts.push(Act::CancelAll);
    }
    played(acts);
}

#[test]
fn a_stream_without_events_is_not_remembered_for_ever() {
    let kept = usize::try_from(EVENTS_KEPT_MAX).unwrap();
    let call = || Act::Calls(1);
    let finish = || Act::AllSay(Says::Finished);
    let streams = || Act::AllSay(Says::Streams);
    let forget = Act::Change(Changed::List(0), kept);
    let acts = [
        call(),
        streams(),
        finish(),
        call(),
        streams(),
        finish(),
        forget,
    ];
    played(acts.into());
}

#[test]
fn a_session_whose_hub_failed_asks_to_be_told_of_changes_again() {
    played(vec![Act::HubFails, Act::Listen, Act::Listen]);
    let subscribe = || Act::Subscribe(0, 1);
    played(vec![Act::HubFails, subscribe(), subscribe()]);
}

#[test]
fn a_call_from_before_an_effect_failed_is_not_taken_for_another() {
    let call = || Act::Calls(1);
    played(vec![call(), Act::HubFails, Act::Listen, call()]);
}

/// What others do is no use of a session: it expires as if nothing had changed.
#[test]
fn a_change_does_not_keep_a_session() {
    let days = |days: i64| Act::Wait {
        seconds: days * 24 * 60 * 60,
        alarm: false,
    };
    let changes = Act::Change(Changed::List(0), 1);
    played(vec![days(5), changes, days(2), Act::Listen]);
}

/// A row that SQLite refuses would take the whole step with it.
#[test]
fn a_call_too_large_for_a_row_is_answered_without_a_stream() {
    let large = || Act::LargeCall(ROW_BYTES_MAX);
    played(vec![large(), Act::AllSay(Says::Streams)]);
    played(vec![large(), Act::AllSay(Says::Progress)]);
    played(vec![large(), Act::AllSay(ASK)]);
}

#[test]
fn a_reply_too_large_for_a_row_ends_its_call() {
    for with in [ReplyWith::LargeError, ReplyWith::LargeAnswer] {
        let reply = Act::ReplyAll(with(ROW_BYTES_MAX));
        played(vec![Act::Calls(1), Act::AllSay(ASK), reply]);
    }
    let half = Act::LargeCall(EVENT_BYTES_MAX / 2);
    let other_half = Act::ReplyAll(ReplyWith::LargeAnswer(EVENT_BYTES_MAX / 2));
    played(vec![half, Act::AllSay(ASK), other_half]);
}
