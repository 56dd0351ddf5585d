//! HTTP+SSE: one stream for everything, and a session that ends with it.

use super::restart::Disk;
use super::*;
use crate::event_id::Seq;
use crate::limits::{HTTP_SSE_DETACHED_MAX, QUESTION_LIFE};
use crate::tool::{Change, interrupted};

const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
const LIST: &str = r#"{"jsonrpc":"2.0","id":5,"method":"tools/list"}"#;
const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}"#;

fn initialize(revision: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":0,"method":"initialize","params":{{
            "protocolVersion":"{revision}","capabilities":{{"elicitation":{{}}}},
            "clientInfo":{{"name":"c","version":"1"}}}}}}"#
    )
}

fn opened() -> Session {
    let principal = record(Revision::V20251125).principal;
    let id = SessionId::mint_http_sse(&NameKey::new([7; 32]), &principal, [1; 16]);
    let record = Record::http_sse(&id, principal, Features::ALL, start());
    Session::open(record, Retention::default())
}

fn attached() -> Session {
    let mut session = opened();
    let effects = session.step(start(), Input::Listen { last: None }).unwrap();
    assert_eq!(words(&effects), ["attach", "RECORD"], "and no changes yet");
    session
}

fn ready(revision: Revision) -> Session {
    let mut session = attached();
    step(&mut session, &initialize(revision.as_str()));
    session.step(start(), Input::Found("{}".into())).unwrap();
    step(&mut session, INITIALIZED);
    session
}

fn begin(session: &mut Session) -> (CallId, Vec<Effect>) {
    let effects = step(session, CALL);
    let [.., Effect::Invoke { call, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    (*call, effects)
}

/// What an answer on the stream says; it must be there, and only there.
fn said(effects: &[Effect]) -> Value {
    let mut said = words(effects);
    // A second event wants to be forgotten some day.
    said.retain(|word| !matches!(*word, "RECORD" | "WAKE"));
    assert_eq!(said, ["EMIT", "accept"]);
    let event = emitted(effects)[0];
    assert_eq!(event.stream, StreamId::STANDALONE);
    serde_json::from_str(&event.message).unwrap()
}

/// Checklist S24-05, L-INIT-01, L-INIT-02, L-PING-01.
#[test]
fn only_ping_is_served_before_initialize() {
    let mut session = attached();
    for early in [LIST, CALL, r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#] {
        assert_eq!(said(&step(&mut session, early))["error"]["code"], -32600);
    }
    let ping = r#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#;
    assert_eq!(said(&step(&mut session, ping))["result"], json!({}));
    assert_eq!(words(&step(&mut session, INITIALIZED)), ["accept"]);
    let broken = r#"{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"capabilities":{}}}"#;
    assert_eq!(said(&step(&mut session, broken))["error"]["code"], -32602);
    let effects = step(&mut session, &initialize("2024-11-05"));
    assert_eq!(words(&effects), ["RECORD", "EMIT", "accept"]);
    assert_eq!(said(&effects)["id"], 0);
    let again = step(&mut session, &initialize("2024-11-05"));
    assert_eq!(said(&again)["error"]["code"], -32600);
}

/// Checklist S24-05, L-INIT-02.
#[test]
fn any_revision_with_a_handshake_is_answered() {
    for (asked, answered) in [
        ("2024-11-05", Revision::V20241105),
        ("2025-03-26", Revision::V20250326),
        ("2025-06-18", Revision::V20250618),
        ("2025-11-25", Revision::V20251125),
        ("2026-07-28", Revision::V20251125),
        ("1999-01-01", Revision::V20251125),
    ] {
        let mut session = attached();
        let effects = step(&mut session, &initialize(asked));
        let told = &said(&effects)["result"]["protocolVersion"];
        assert_eq!(
            (told, session.record().revision),
            (&json!(answered.as_str()), answered)
        );
    }
}

/// Checklist S24-02, S24-03: the answer to a POST says nothing.
#[test]
fn everything_is_said_on_the_one_stream() {
    let mut session = ready(Revision::V20251125);
    assert_eq!(words(&step(&mut session, LIST)), ["list"]);
    let (call, effects) = begin(&mut session);
    assert_eq!(words(&effects), ["STREAM", "accept", "invoke"]);
    let effects = session.step(start(), Input::ToolStreams(call)).unwrap();
    assert_eq!(words(&effects), [""; 0]);
    let effects = progress(&mut session, call);
    assert_eq!(words(&effects), ["EMIT"]);
    assert_eq!(emitted(&effects)[0].stream, StreamId::STANDALONE);
    let effects = finish(&mut session, call, RESULT);
    assert_eq!(words(&effects), ["EMIT", "STREAM"]);
    assert_eq!(emitted(&effects)[0].stream, StreamId::STANDALONE);
}

/// Checklist S24-02, L-S2C-03.
#[test]
fn a_question_and_its_answer_cross_on_stream_and_post() {
    let mut session = ready(Revision::V20250618);
    let (call, _) = begin(&mut session);
    let effects = finish(&mut session, call, ASK);
    assert_eq!(words(&effects), ["STREAM", "WAKE", "EMIT"]);
    let question: Value = serde_json::from_str(&emitted(&effects)[0].message).unwrap();
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "decline"}});
    let effects = step(&mut session, &answer.to_string());
    assert_eq!(words(&effects), ["accept", "STREAM", "invoke"]);
}

/// Checklist S24-02, L-S2C-04: what nobody answers is taken back on the stream.
#[test]
fn a_question_that_nobody_answers_ends_on_the_stream() {
    let mut session = ready(Revision::V20250618);
    let (call, _) = begin(&mut session);
    finish(&mut session, call, ASK);
    let effects = session.step(after(QUESTION_LIFE), Input::Alarm).unwrap();
    assert_eq!(words(&effects), ["EMIT", "EMIT", "STREAM", "WAKE"]);
    for event in emitted(&effects) {
        assert_eq!(event.stream, StreamId::STANDALONE);
    }
}

/// Checklist S24-05: changes are told to who is initialized.
#[test]
fn changes_are_heard_of_only_after_the_handshake() {
    let mut session = attached();
    step(&mut session, &initialize("2024-11-05"));
    let effects = step(&mut session, INITIALIZED);
    assert_eq!(words(&effects), ["RECORD", "subscribe", "accept"]);
    assert_eq!(words(&step(&mut session, INITIALIZED)), ["accept"]);
    let change = Input::Changed(&Change::ToolsList);
    assert_eq!(
        words(&session.step(start(), change).unwrap()),
        ["EMIT", "WAKE"]
    );
}

/// Checklist L-CANC-01.
#[test]
fn a_cancelled_call_says_nothing_more() {
    let mut session = ready(Revision::V20241105);
    let (call, _) = begin(&mut session);
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    assert_eq!(
        words(&step(&mut session, cancel)),
        ["abort", "STREAM", "accept"]
    );
    assert_eq!(words(&finish(&mut session, call, RESULT)), [""; 0]);
}

/// Checklist S24-05: the session ends with the connection, and only with it.
#[test]
fn a_client_that_leaves_ends_the_session_and_a_broken_socket_does_not() {
    let detached = |session: &mut Session, left| {
        words(&session.step(start(), Input::Detached { left }).unwrap())
    };
    let mut left = ready(Revision::V20241105);
    assert_eq!(detached(&mut left, true), ["ERASE"]);
    assert_eq!(left.step(start(), Input::Alarm).unwrap_err(), Ended);

    let mut broken = ready(Revision::V20241105);
    assert_eq!(detached(&mut broken, false), ["RECORD", "WAKE"]);
    assert_eq!(detached(&mut broken, false), [""; 0]);
    let last = EventId {
        stream: StreamId::STANDALONE,
        seq: Seq(0),
    };
    let effects = broken.step(start(), Input::Attach { last }).unwrap();
    assert_eq!(words(&effects), ["attach", "replay", "RECORD"]);
    let rings = after(HTTP_SSE_DETACHED_MAX);
    assert_eq!(words(&broken.step(rings, Input::Alarm).unwrap()), ["WAKE"]);

    assert_eq!(detached(&mut broken, false), ["RECORD", "WAKE"]);
    assert_eq!(words(&broken.step(rings, Input::Alarm).unwrap()), ["ERASE"]);

    let mut never = opened();
    assert_eq!(words(&never.step(rings, Input::Alarm).unwrap()), ["ERASE"]);
    // Nobody who leaves ends a session of Streamable HTTP (L-SSE-02).
    assert_eq!(detached(&mut session(), true), [""; 0]);
}

/// Architecture, promise 1: an accepted call is never met with silence.
#[test]
fn a_call_that_was_accepted_survives_the_object() {
    let mut disk = Disk::default();
    let mut before = ready(Revision::V20241105);
    disk.keep(&begin(&mut before).1);
    let (mut restored, effects) = disk.restore(before.record().clone());
    let [_, Effect::InvokeAgain { call, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let outcome = Outcome::Failed(interrupted());
    let finished = Input::ToolFinished { call, outcome };
    let effects = restored.step(start(), finished).unwrap();
    assert_eq!(words(&effects), ["EMIT", "STREAM"]);
    let error = emitted(&effects)[0];
    assert_eq!(error.stream, StreamId::STANDALONE);
    assert!(error.message.contains("-32603"), "{}", error.message);
    assert!(restored.is_http_sse());
}

#[test]
fn finished_calls_leave_one_row_at_most() {
    let mut session = ready(Revision::V20241105);
    for round in 0..5 {
        let (call, _) = begin(&mut session);
        let effects = finish(&mut session, call, RESULT);
        let forgets = words(&effects).contains(&"PRUNE");
        assert_eq!((forgets, session.streams.len()), (round > 0, 1));
    }
}

/// Rows of sessions from before there were two transports are read.
#[test]
fn a_record_without_a_transport_is_one_of_streamable_http() {
    let mut stored = json!(record(Revision::V20251125));
    stored.as_object_mut().unwrap().remove("transport");
    let read: Record = serde_json::from_value(stored).unwrap();
    assert_eq!(read, record(Revision::V20251125));
}
