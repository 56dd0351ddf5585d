//! Messages that belong to no answer: changes, logs, and what a client that was
//! let go comes back for.

use super::*;
use crate::limits::{QUESTION_LIFE, SUBSCRIPTIONS_MAX};
use crate::tool::Change;

/// Checklist L-SSE-03, L-SSE-04, L-RSM-02.
#[test]
fn a_client_that_is_let_go_comes_back_for_the_answer() {
    for (revision, goes) in [(Revision::V20250618, false), (Revision::V20251125, true)] {
        let mut session = kept(record(revision), Retention::default());
        let running = call(&mut session, 1);
        let told = Input::ToolNotified {
            call: running,
            method: LET_GO.to_owned(),
            params: None,
        };
        let effects = session.step(start(), told).unwrap();
        let last = EventId {
            stream: StreamId(1),
            seq: Seq(0),
        };
        if !goes {
            assert_eq!(words(&effects), ["STREAM", "begin"]);
            let effects = session.step(start(), Input::Attach { last }).unwrap();
            assert_eq!(words(&effects), ["attach", "replay"], "it stays");
            continue;
        }
        assert_eq!(words(&effects), ["STREAM", "begin", "STREAM", "let go"]);
        // The front Worker comes for the stream only now, and is let go as well.
        let effects = session.step(start(), Input::Attach { last }).unwrap();
        assert_eq!(words(&effects), ["attach", "replay", "let go"]);
        let back = Input::Listen { last: Some(last) };
        let effects = session.step(start(), back).unwrap();
        assert_eq!(words(&effects), ["attach", "replay", "STREAM"]);
        let effects = finish(&mut session, running, RESULT);
        assert_eq!(words(&effects), ["EMIT", "STREAM", "end"]);
    }
}

/// Checklist L-RES-01, L-LIST-01, L-SSE-05.
#[test]
fn a_session_is_told_of_lists_and_of_the_resources_it_subscribed_to() {
    let mut session = session();
    let ask = |session: &mut Session, method: &str, uri: &str| {
        let text =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"uri":"{uri}"}}}}"#);
        words(&step(session, &text))
    };
    let told = |session: &mut Session, change: &Change| {
        let effects = session.step(start(), Input::Changed(change)).unwrap();
        emitted(&effects)
            .iter()
            .map(|event| (event.stream, event.message.clone()))
            .collect::<Vec<_>>()
    };
    let change = Change::Resource {
        uri: "test://x".into(),
        shared: true,
    };
    assert_eq!(told(&mut session, &change), []);
    let saved = ["RECORD", "subscribe", "answer"];
    assert_eq!(ask(&mut session, "resources/subscribe", "test://x"), saved);
    assert_eq!(
        ask(&mut session, "resources/subscribe", "test://x"),
        ["answer"]
    );
    let heard = told(&mut session, &change);
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].0, StreamId::STANDALONE);
    assert!(heard[0].1.contains("notifications/resources/updated"));
    assert_eq!(
        ask(&mut session, "resources/unsubscribe", "test://x"),
        saved
    );
    assert_eq!(told(&mut session, &change), []);
    assert!(
        told(&mut session, &Change::ToolsList)[0]
            .1
            .contains("tools/list_changed")
    );
    for number in 0..SUBSCRIPTIONS_MAX {
        ask(
            &mut session,
            "resources/subscribe",
            &format!("test://{number}"),
        );
    }
    assert_eq!(
        ask(&mut session, "resources/subscribe", "one more"),
        ["answer"]
    );
}

/// Checklist L-LOG-01.
#[test]
fn a_session_is_sent_logs_at_or_above_its_level() {
    let mut session = session();
    let log = |session: &mut Session, running: CallId, level: &str| {
        let params = format!(r#"{{"level":"{level}","data":"x"}}"#);
        let told = Input::ToolNotified {
            call: running,
            method: "notifications/message".to_owned(),
            params: Some(serde_json::value::RawValue::from_string(params).unwrap()),
        };
        let effects = session.step(start(), told).unwrap();
        emitted(&effects).len()
    };
    let running = call(&mut session, 1);
    assert_eq!(log(&mut session, running, "debug"), 0);
    assert_eq!(log(&mut session, running, "info"), 1);
    let set = |level: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":2,"method":"logging/setLevel","params":{{"level":"{level}"}}}}"#
        )
    };
    assert_eq!(
        words(&step(&mut session, &set("error"))),
        ["RECORD", "answer"]
    );
    assert_eq!(log(&mut session, running, "warning"), 0);
    assert_eq!(log(&mut session, running, "critical"), 1);
    let refused = step(&mut session, &set("loud"));
    assert!(matches!(&refused[..], [Effect::Answer(text)] if text.contains("-32602")));
    assert_eq!(
        log(&mut session, running, "error"),
        1,
        "a refusal changes nothing"
    );
}

/// Checklist L-S2C-04.
#[test]
fn a_question_that_is_not_answered_in_time_is_taken_back_and_its_call_ends() {
    let mut session = session();
    let asking = call(&mut session, 1);
    let effects = finish(&mut session, asking, ASK);
    let late = after(QUESTION_LIFE);
    let wakes = effects
        .iter()
        .any(|effect| matches!(effect, Effect::WakeAt(at) if *at == late));
    assert!(wakes, "{effects:?}");
    let soon = late - jiff::SignedDuration::from_millis(1);
    assert_eq!(words(&session.step(soon, Input::Alarm).unwrap()), ["WAKE"]);
    let effects = session.step(late, Input::Alarm).unwrap();
    assert_eq!(
        words(&effects),
        ["EMIT", "WAKE", "EMIT", "STREAM", "end", "WAKE"]
    );
    let told = emitted(&effects);
    assert!(told[0].message.contains("notifications/cancelled"));
    assert!(told[0].message.contains("ask-1-1-0"));
    assert!(told[1].message.contains("\"id\":1") && told[1].message.contains("isError"));
    let answer = r#"{"jsonrpc":"2.0","id":"ask-1-1-0","result":{"action":"decline"}}"#;
    assert_eq!(words(&step(&mut session, answer)), ["accept"], "too late");
}

/// Checklist L-SSE-03: only clients of 2025-11-25 know priming events.
#[test]
fn only_new_enough_clients_are_primed() {
    for (revision, primed) in [(Revision::V20250618, false), (Revision::V20251125, true)] {
        let mut session = kept(record(revision), Retention::default());
        let effects = session.step(start(), Input::Listen { last: None }).unwrap();
        let [
            Effect::Attach {
                primed: is_primed, ..
            },
            ..,
        ] = &effects[..]
        else {
            panic!("{effects:?}")
        };
        assert_eq!(*is_primed, primed);
    }
}

/// Checklist L-S2C-06, L-S2C-01.
#[test]
fn the_request_to_open_a_page_has_an_id_of_its_own_and_goes_to_who_can_open_one() {
    const ASK_URL: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"resultType":"input_required",
        "inputRequests":{"k":{"method":"elicitation/create","params":{"mode":"url","url":"https://x.example/","message":"Open"}}}}}"#;
    for (revision, declared, asked) in [
        (
            Revision::V20251125,
            json!({ "elicitation": { "url": {} } }),
            true,
        ),
        (Revision::V20251125, json!({ "elicitation": {} }), false),
        (
            Revision::V20250618,
            json!({ "elicitation": { "url": {} } }),
            false,
        ),
    ] {
        let mut client = record(revision);
        client.capabilities = declared.as_object().unwrap().clone();
        let mut session = kept(client, Retention::default());
        let asking = call(&mut session, 1);
        let effects = finish(&mut session, asking, ASK_URL);
        let told = emitted(&effects);
        assert_eq!(told.len(), usize::from(asked), "{effects:?}");
        assert!(
            told.iter()
                .all(|event| event.message.contains(r#""elicitationId":"ask-1-1-0""#))
        );
    }
}
