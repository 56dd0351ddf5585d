//! The session machine, step by step.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::envelope::{self, Body, Message};
use crate::event_id::EventId;
use crate::mac::NameKey;
use crate::principal::Principal;
use crate::revision::Revision;
use crate::session_id::SessionId;
use crate::tool::catalog::Features;
use crate::tool::{Outcome, Said};

mod features;
mod http_sse;
mod messages;
mod restart;
mod tasks;

fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn after(duration: Duration) -> Timestamp {
    start() + jiff::SignedDuration::try_from(duration).unwrap()
}

fn record(revision: Revision) -> Record {
    let principal = Principal {
        account: "alice".into(),
        ledger: "alice".into(),
        provider: "dev".into(),
        issuer: "dev".into(),
        subject: "alice".into(),
        client: "Inspector".into(),
        scopes: vec![],
    };
    let id = SessionId::mint(&NameKey::new([7; 32]), &principal, [1; 16]);
    let asked = Initialize {
        protocol_version: revision.as_str().into(),
        capabilities: json!({"elicitation": {}}).as_object().unwrap().clone(),
        client_info: Map::new(),
    };
    Record::new(&id, principal, asked, Features::ALL, start())
}

/// A session that has its row.
fn kept(record: Record, retention: Retention) -> Session {
    let stored = Stored {
        record,
        streams: vec![],
        events: vec![],
        progress: BTreeMap::new(),
    };
    Session::restore(stored, retention, start()).0
}

fn session() -> Session {
    kept(record(Revision::V20251125), Retention::default())
}

fn step(session: &mut Session, body: &str) -> Vec<Effect> {
    let input = match envelope::read(body.as_bytes()).unwrap() {
        Body::One(Message::Request(request)) => Input::Request(request),
        Body::One(Message::Notification(notification)) => Input::Notification(notification),
        Body::One(Message::Response(response)) => Input::Response(response),
        Body::Array => panic!("an array"),
    };
    session.step(start(), input).unwrap()
}

fn call(session: &mut Session, id: u32) -> CallId {
    let effects = step(
        session,
        &format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"t"}}}}"#),
    );
    match &effects[..] {
        [Effect::Invoke { call, .. }] => *call,
        other => panic!("{other:?}"),
    }
}

fn finish(session: &mut Session, call: CallId, answer: &str) -> Vec<Effect> {
    let Said::Finished(outcome) = Said::read(answer) else {
        panic!("{answer}")
    };
    session
        .step(start(), Input::ToolFinished { call, outcome })
        .unwrap()
}

fn progress(session: &mut Session, call: CallId) -> Vec<Effect> {
    let method = "notifications/progress".to_owned();
    session
        .step(
            start(),
            Input::ToolNotified {
                call,
                method,
                params: None,
            },
        )
        .unwrap()
}

/// What an effect is, in a word: the ones that write a row are in capitals.
fn words(effects: &[Effect]) -> Vec<&'static str> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Answer(_) => "answer",
            Effect::Accept => "accept",
            Effect::List { .. } => "list",
            Effect::LetGo(_) => "let go",
            Effect::NothingFollows => "nothing follows",
            Effect::BeginTask { .. } => "begin task",
            Effect::Task { .. } => "task",
            Effect::ListTasks(_) => "list tasks",
            Effect::Subscribe { .. } => "subscribe",
            Effect::Publish(_) => "publish",
            Effect::Begin { .. } => "begin",
            Effect::Attach { .. } => "attach",
            Effect::Replay { .. } => "replay",
            Effect::Emit(_) => "EMIT",
            Effect::End(_) => "end",
            Effect::Invoke { .. } => "invoke",
            Effect::InvokeAgain { .. } => "invoke again",
            Effect::Abort(_) => "abort",
            Effect::SaveState { .. } => "STATE",
            Effect::SaveRecord(_) => "RECORD",
            Effect::Used => "used",
            Effect::SaveStream(_) => "STREAM",
            Effect::Prune(_) => "PRUNE",
            Effect::WakeAt(_) => "WAKE",
            Effect::Erase => "ERASE",
        })
        .collect()
}

fn emitted(effects: &[Effect]) -> Vec<&Event> {
    effects
        .iter()
        .filter_map(|effect| {
            if let Effect::Emit(event) = effect {
                Some(event)
            } else {
                None
            }
        })
        .collect()
}

const RESULT: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"resultType":"complete","content":[]}}"#;
const ASK: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"resultType":"input_required",
    "inputRequests":{"answer":{"method":"elicitation/create","params":{"mode":"form"}}}}}"#;

/// Architecture, promise 3.
#[test]
fn a_plain_call_writes_no_row() {
    let mut session = session();
    let call = call(&mut session, 1);
    let effects = finish(&mut session, call, RESULT);
    assert_eq!(words(&effects), ["answer"]);
    let [Effect::Answer(text)] = &effects[..] else {
        panic!()
    };
    assert_eq!(text, r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#);
}

/// Architecture, promise 3: the account has its record.
#[test]
fn a_session_stores_its_record_with_the_first_that_has_to_last_and_once() {
    let opened = || Session::open(record(Revision::V20251125), Retention::default());
    let mut session = opened();
    step(
        &mut session,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    );
    let id = call(&mut session, 1);
    assert_eq!(words(&finish(&mut session, id, RESULT)), ["answer"]);
    let id = call(&mut session, 2);
    let streams = |session: &mut Session, id| {
        let effects = session.step(start(), Input::ToolStreams(id));
        words(&effects.unwrap())
    };
    assert_eq!(streams(&mut session, id), ["RECORD", "STREAM", "begin"]);
    let id = call(&mut session, 3);
    assert_eq!(streams(&mut session, id), ["STREAM", "begin"]);

    let listen = Input::Listen { last: None };
    let effects = opened().step(start(), listen).unwrap();
    assert_eq!(words(&effects), ["attach", "RECORD", "subscribe"]);
    let set = r#"{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"debug"}}"#;
    let mut session = opened();
    assert_eq!(words(&step(&mut session, set)), ["RECORD", "answer"]);
    let id = call(&mut session, 3);
    assert_eq!(streams(&mut session, id), ["STREAM", "begin"]);
    let state = r#"{"result":{"content":[],"_meta":{"sessile/state":5}}}"#;
    let mut session = opened();
    let id = call(&mut session, 1);
    assert_eq!(
        words(&finish(&mut session, id, state)),
        ["RECORD", "STATE", "answer"]
    );
}

/// Checklist L-SSE-01.
#[test]
fn what_a_tool_says_first_opens_a_stream_and_each_event_is_one_row() {
    let mut session = session();
    let id = call(&mut session, 1);
    let effects = session.step(start(), Input::ToolStreams(id)).unwrap();
    assert_eq!(words(&effects), ["STREAM", "begin"]);
    assert_eq!(words(&progress(&mut session, id)), ["EMIT"]);
    let effects = finish(&mut session, id, RESULT);
    assert_eq!(words(&effects), ["EMIT", "WAKE", "STREAM", "end"]);
}

/// Checklist L-SSE-05: a tool speaks about its call, not for the server.
#[test]
fn a_tool_cannot_send_other_notifications() {
    let mut session = session();
    let call = call(&mut session, 1);
    let method = "notifications/tools/list_changed".to_owned();
    let effects = session.step(
        start(),
        Input::ToolNotified {
            call,
            method,
            params: None,
        },
    );
    assert_eq!(words(&effects.unwrap()), [""; 0]);
}

/// Checklist L-S2C-02, L-S2C-03.
#[test]
fn a_question_goes_out_on_the_calls_stream_and_its_answer_runs_the_tool_again() {
    let mut session = session();
    let id = call(&mut session, 1);
    let effects = finish(&mut session, id, ASK);
    assert_eq!(
        words(&effects),
        ["STREAM", "begin", "STREAM", "WAKE", "EMIT"]
    );
    let question: Value = serde_json::from_str(&emitted(&effects)[0].message).unwrap();
    assert_eq!(question["method"], "elicitation/create");
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept", "content": {"a": 1}}});
    let effects = step(&mut session, &answer.to_string());
    assert_eq!(words(&effects), ["accept", "STREAM", "invoke"]);
    let Effect::Invoke { call, invocation } = &effects[2] else {
        panic!()
    };
    assert_eq!(invocation.answers["answer"]["action"], "accept");
    // The same answer once more is dropped (N5).
    assert_eq!(words(&step(&mut session, &answer.to_string())), ["accept"]);
    let effects = finish(&mut session, *call, RESULT);
    assert_eq!(words(&effects), ["EMIT", "WAKE", "STREAM", "end"]);
}

/// Checklist L-S2C-01.
#[test]
fn a_client_that_cannot_be_asked_is_not_asked() {
    let mut record = record(Revision::V20250618);
    record.capabilities.clear();
    let mut session = kept(record, Retention::default());
    let id = call(&mut session, 1);
    let effects = finish(&mut session, id, ASK);
    let [Effect::Answer(text)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(text.contains("isError"), "{text}");
}

/// Checklist M-MRTR-06: wrong shapes are never accepted.
#[test]
fn an_answer_of_the_wrong_shape_ends_the_call() {
    for result in [
        r#"{"action":7}"#,
        "{}",
        "null",
        r#"{"action":"accept","content":[]}"#,
    ] {
        let mut session = session();
        let id = call(&mut session, 1);
        finish(&mut session, id, ASK);
        let body = format!(r#"{{"jsonrpc":"2.0","id":"ask-1-1-0","result":{result}}}"#);
        let effects = step(&mut session, &body);
        assert_eq!(
            words(&effects),
            ["accept", "EMIT", "WAKE", "STREAM", "end"],
            "{result}"
        );
        assert!(emitted(&effects)[0].message.contains("isError"), "{result}");
    }
}

/// Checklist L-GATE-02: the codes of 2026-07-28 never reach a session.
#[test]
fn a_missing_capability_is_told_in_words_in_a_session() {
    let mut session = session();
    let id = call(&mut session, 1);
    let error = r#"{"jsonrpc":"2.0","id":0,"error":{"code":-32021,"message":"no sampling"}}"#;
    let effects = finish(&mut session, id, error);
    let [Effect::Answer(text)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(
        text.contains("isError") && !text.contains("-32021"),
        "{text}"
    );
}

/// Checklist L-S2C-04.
#[test]
fn a_client_that_answers_with_an_error_ends_the_call() {
    let mut session = session();
    let id = call(&mut session, 1);
    finish(&mut session, id, ASK);
    let effects = step(
        &mut session,
        r#"{"jsonrpc":"2.0","id":"ask-1-1-0","error":{"code":-1,"message":"no form here"}}"#,
    );
    assert_eq!(words(&effects), ["accept", "EMIT", "WAKE", "STREAM", "end"]);
    assert!(emitted(&effects)[0].message.contains("no form here"));
}

/// Checklist L-RSM-02, §9 Q5: a client that is told nothing comes back for ever.
#[test]
fn coming_back_for_what_is_gone_or_over_is_told_so() {
    let mut session = session();
    let listen = |session: &mut Session, stream: u32, seq: u64| {
        let last = Some(EventId {
            stream: StreamId(stream),
            seq: Seq(seq),
        });
        words(&session.step(start(), Input::Listen { last }).unwrap())
    };
    assert_eq!(listen(&mut session, 4, 99), ["nothing follows"]);
    let plain = call(&mut session, 1);
    progress(&mut session, plain);
    assert_eq!(listen(&mut session, 1, 1), ["attach", "replay"]);
    finish(&mut session, plain, RESULT);
    assert_eq!(listen(&mut session, 1, 1), ["attach", "replay", "end"]);
    assert_eq!(listen(&mut session, 1, 2), ["nothing follows"]);
}

/// Checklist L-CANC-01.
#[test]
fn a_cancelled_call_is_stopped_and_gets_no_response() {
    let mut session = session();
    let plain = call(&mut session, 1);
    let cancel = |id: u32| {
        format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{{"requestId":{id}}}}}"#
        )
    };
    assert_eq!(words(&step(&mut session, &cancel(1))), ["abort", "accept"]);
    assert_eq!(words(&finish(&mut session, plain, RESULT)), [""; 0]);
    let asking = call(&mut session, 2);
    finish(&mut session, asking, ASK);
    assert_eq!(
        words(&step(&mut session, &cancel(2))),
        ["EMIT", "WAKE", "STREAM", "end", "accept"],
        "the question is taken back"
    );
    assert_eq!(words(&step(&mut session, &cancel(9))), ["accept"]);
}

/// Checklist L-SESS-07.
#[test]
fn an_id_in_flight_cannot_be_used_again() {
    let mut session = session();
    let id = call(&mut session, 1);
    let again = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}"#;
    assert_eq!(words(&step(&mut session, again)), ["answer"]);
    finish(&mut session, id, RESULT);
    assert_eq!(words(&step(&mut session, again)), ["invoke"]);
}

/// Checklist P18: not 404.
#[test]
fn an_unknown_method_is_answered_in_the_session() {
    let effects = step(
        &mut session(),
        r#"{"jsonrpc":"2.0","id":1,"method":"no/such"}"#,
    );
    let [Effect::Answer(text)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(text.contains("-32601"), "{text}");
}

/// Checklist R8.
#[test]
fn a_session_ends_when_it_is_told_to_or_was_not_used() {
    let mut deleted = session();
    let running = call(&mut deleted, 1);
    assert_eq!(
        words(&deleted.step(start(), Input::Delete).unwrap()),
        ["abort", "ERASE"]
    );
    let outcome = Outcome::garbage();
    assert!(
        deleted
            .step(
                start(),
                Input::ToolFinished {
                    call: running,
                    outcome
                }
            )
            .is_err()
    );

    let mut idle = session();
    let late = after(SESSION_IDLE_MAX);
    assert_eq!(
        words(&idle.step(late, Input::Listen { last: None }).unwrap()),
        ["ERASE"]
    );
    assert_eq!(idle.step(late, Input::Alarm).unwrap_err(), Ended);
}

#[test]
fn the_alarm_moves_with_use_and_use_is_written_seldom() {
    let mut session = session();
    let soon = after(SESSION_SEEN_STALE_MAX / 2);
    assert_eq!(
        words(&session.step(soon, Input::Listen { last: None }).unwrap()),
        ["attach", "RECORD", "subscribe"],
        "the first time, the session asks to be told of changes"
    );
    assert_eq!(
        words(&session.step(soon, Input::Listen { last: None }).unwrap()),
        ["attach"]
    );
    let later = after(SESSION_SEEN_STALE_MAX * 2);
    let effects = session.step(later, Input::Listen { last: None }).unwrap();
    assert_eq!(words(&effects), ["attach", "RECORD", "used"]);
    let effects = session.step(after(SESSION_IDLE_MAX), Input::Alarm).unwrap();
    assert_eq!(words(&effects), ["WAKE"], "it was used since");
}

#[test]
fn a_result_too_large_to_deliver_becomes_an_error() {
    let mut session = session();
    let id = call(&mut session, 1);
    let large = format!(
        r#"{{"result":{{"content":[{{"type":"text","text":"{}"}}]}}}}"#,
        "x".repeat(crate::limits::EVENT_BYTES_MAX)
    );
    let effects = finish(&mut session, id, &large);
    let [Effect::Answer(text)] = &effects[..] else {
        panic!()
    };
    assert!(text.contains("-32603") && text.len() < 300);
}

#[test]
fn a_tools_new_state_is_stored_in_the_step_that_answers() {
    let mut session = session();
    let id = call(&mut session, 1);
    let answer = r#"{"result":{"content":[],"_meta":{"sessile/state":5}}}"#;
    let effects = finish(&mut session, id, answer);
    assert_eq!(words(&effects), ["STATE", "answer"]);
    let Effect::Answer(text) = &effects[1] else {
        panic!()
    };
    assert!(!text.contains("sessile/"), "{text}");
}
