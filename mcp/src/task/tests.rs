use serde_json::{Map, json, value::to_raw_value};

use super::*;
use crate::limits::TASK_LIFE;
use crate::principal::Principal;
use crate::tool::Said;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn open(repeatable: bool) -> Task {
    let params = to_raw_value(&json!({ "name": "t", "arguments": {} })).unwrap();
    let declared = json!({ "elicitation": {} });
    let declared = declared.as_object().unwrap().clone();
    let call = Invocation::read("tools/call", &(&*params).into(), declared, true).unwrap();
    let principal = Principal::anonymous("a".into());
    let (task, effects) = Task::open(Record::new("id".into(), principal, call, repeatable, NOW));
    assert_eq!(
        words(&effects),
        ["SAVE", "wake"],
        "durable before the reply (T-03)"
    );
    task
}

fn words(effects: &[Effect]) -> Vec<&'static str> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::Save(_) => "SAVE",
            Effect::WakeAt(_) => "wake",
            Effect::Invoke(_) => "invoke",
            Effect::Abort => "abort",
            Effect::Tell => "tell",
            Effect::Publish(_) => "publish",
            Effect::Over => "over",
            Effect::Erase => "ERASE",
        })
        .collect()
}

fn finish(task: &mut Task, result: &Value) -> Vec<Effect> {
    let text = json!({ "jsonrpc": "2.0", "id": 0, "result": result }).to_string();
    let Said::Finished(outcome) = Said::read(&text) else {
        panic!("{text}")
    };
    task.step(NOW, Input::ToolFinished(outcome))
}

fn ask(keys: &[&str]) -> Value {
    let asks: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let ask = json!({ "method": "elicitation/create", "params": { "mode": "form" } });
            ((*key).to_owned(), ask)
        })
        .collect();
    json!({ "resultType": "input_required", "inputRequests": asks })
}

fn answers(keys: &[&str]) -> Input {
    let answer = json!({ "action": "accept", "content": {} });
    Input::Update(
        keys.iter()
            .map(|key| ((*key).to_owned(), answer.clone()))
            .collect(),
    )
}

/// Checklist T-02, T-04.
#[test]
fn a_task_completes_also_with_an_error_for_the_model_and_fails_with_one_of_the_protocol() {
    let mut task = open(false);
    let created = task.record().created_result();
    assert_eq!(created["resultType"], "task");
    assert_eq!(created["status"], "working");
    assert!(created["ttlMs"].is_u64() && created["pollIntervalMs"].is_u64());
    assert_eq!(words(&task.step(NOW, Input::Alarm)), ["SAVE", "invoke"]);
    finish(&mut task, &json!({ "content": [], "isError": true }));
    let detailed = task.record().detailed();
    assert_eq!(detailed["resultType"], "complete");
    assert_eq!(detailed["status"], "completed");
    assert_eq!(detailed["result"]["isError"], true);

    let mut task = open(false);
    task.step(NOW, Input::Alarm);
    let broken = Outcome::Failed(fault(ErrorCode::INTERNAL_ERROR, "broken"));
    task.step(NOW, Input::ToolFinished(broken));
    let detailed = task.record().detailed();
    assert_eq!(detailed["status"], "failed");
    assert_eq!(detailed["error"]["code"], -32603);
    assert_eq!(detailed.get("result"), None);
}

/// Checklist T-04, T-06.
#[test]
fn questions_stay_open_until_each_is_answered_and_no_key_is_used_twice() {
    let mut task = open(false);
    task.step(NOW, Input::Alarm);
    assert_eq!(
        words(&finish(&mut task, &ask(&["one", "two"]))),
        ["SAVE", "wake", "tell"]
    );
    let open_keys = |task: &Task| {
        let detailed = task.record().detailed();
        let open = detailed
            .get("inputRequests")
            .and_then(Value::as_object)
            .cloned();
        open.unwrap_or_default().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(open_keys(&task), ["one", "two"]);
    assert_eq!(words(&task.step(NOW, answers(&["other"]))), [""; 0]);
    let wrong = Input::Update([("one".to_owned(), json!(5))].into());
    assert_eq!(
        words(&task.step(NOW, wrong)),
        [""; 0],
        "not the shape of an answer"
    );
    task.step(NOW, answers(&["two"]));
    assert_eq!(open_keys(&task), ["one"]);
    task.step(NOW, answers(&["two", "one"]));
    assert_eq!(task.record().status, Status::Working);
    let effects = task.step(NOW, Input::Alarm);
    let [Effect::Save(_), Effect::Invoke(call)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(call.answers.keys().collect::<Vec<_>>(), ["one", "two"]);
    finish(&mut task, &ask(&["one"]));
    assert_eq!(open_keys(&task), ["one-2"]);
}

/// Checklist T-05.
#[test]
fn a_cancelled_task_stays_cancelled() {
    let mut task = open(false);
    task.step(NOW, Input::Alarm);
    let effects = task.step(NOW, Input::Cancel);
    assert_eq!(words(&effects), ["abort", "SAVE", "wake", "tell", "over"]);
    assert_eq!(
        words(&finish(&mut task, &json!({ "content": [] }))),
        [""; 0]
    );
    assert_eq!(words(&task.step(NOW, Input::Cancel)), [""; 0]);
    assert_eq!(task.record().detailed()["status"], "cancelled");
}

#[test]
fn after_a_crash_a_call_is_made_again_only_if_that_does_no_harm() {
    for (repeatable, status) in [(true, "working"), (false, "failed")] {
        let mut task = open(repeatable);
        task.step(NOW, Input::Alarm);
        let mut restored = Task::restore(task.record().clone());
        restored.step(NOW, Input::Alarm);
        assert_eq!(restored.record().status.as_str(), status);
    }
    let mut asking = open(false);
    asking.step(NOW, Input::Alarm);
    finish(&mut asking, &ask(&["one"]));
    let mut restored = Task::restore(asking.record().clone());
    restored.step(NOW, answers(&["one"]));
    assert_eq!(words(&restored.step(NOW, Input::Alarm)), ["SAVE", "invoke"]);
}

#[test]
fn a_task_is_forgotten_at_its_time_and_not_before() {
    let life = jiff::SignedDuration::try_from(TASK_LIFE).unwrap();
    let mut task = open(false);
    task.step(NOW, Input::Alarm);
    finish(&mut task, &json!({ "content": [] }));
    let soon = NOW + life - jiff::SignedDuration::from_millis(1);
    assert_eq!(words(&task.step(soon, Input::Alarm)), ["wake"]);
    assert_eq!(
        words(&task.step(NOW + life, Input::Alarm)),
        ["abort", "ERASE"]
    );
}

/// Checklist T-09, SEC-01.
#[test]
fn a_task_id_is_of_use_to_its_owner_only() {
    let key = crate::NameKey::new([7; 32]);
    let id = TaskId::mint(Flow::Stateless, &key, "alice", [3; 16]);
    assert_eq!(
        TaskId::verify(Flow::Stateless, &key, "alice", id.as_str()),
        Some(id.clone())
    );
    assert_eq!(
        TaskId::verify(Flow::Stateless, &key, "mallory", id.as_str()),
        None
    );
    let in_session = TaskId::verify(Flow::Session, &key, "alice", id.as_str());
    assert_eq!(in_session, None, "the flows are apart (T-08)");
    let handle = crate::handle::Handle::mint(&key, "alice", [3; 16]);
    assert_eq!(
        TaskId::verify(Flow::Stateless, &key, "alice", handle.as_str()),
        None
    );
}

/// Checklist L-TASK-01, L-TASK-03, L-TASK-04, L-TASK-05.
#[test]
fn a_session_sees_its_task_in_its_own_words() {
    let params = to_raw_value(&json!({ "name": "t", "task": { "ttl": 60_000 } })).unwrap();
    let declared = json!({ "elicitation": {} });
    let declared = declared.as_object().unwrap().clone();
    let call = Invocation::read("tools/call", &(&*params).into(), declared, false).unwrap();
    let principal = Principal::anonymous("a".into());
    let record = Record::new("id".into(), principal, call, false, NOW);
    let shown = record.in_session();
    assert_eq!(
        (&shown["ttl"], &shown["status"]),
        (&json!(60_000), &json!("working"))
    );
    assert!(shown.get("pollInterval").is_some() && shown.get("ttlMs").is_none());

    let (mut task, _) = Task::open(record);
    task.step(NOW, Input::Alarm);
    assert!(
        task.record().outcome().is_none(),
        "there is nothing to answer yet"
    );
    finish(&mut task, &ask(&["one"]));
    let related = json!({ "taskId": "id" });
    let key = "io.modelcontextprotocol/related-task";
    let Some(Outcome::Asks { questions, .. }) = task.record().outcome() else {
        panic!("{task:?}")
    };
    assert_eq!(
        questions["one"].params.as_ref().unwrap()["_meta"][key],
        related
    );
    task.step(NOW, answers(&["one"]));
    task.step(NOW, Input::Alarm);
    finish(&mut task, &json!({ "content": [], "isError": true }));
    assert_eq!(task.record().in_session()["status"], "failed");
    let Some(Outcome::Complete { result, .. }) = task.record().outcome() else {
        panic!("{task:?}")
    };
    assert_eq!(result["isError"], true);
    assert_eq!(result["_meta"][key], related);
    assert_eq!(result.get("resultType"), None);
    let minute = jiff::SignedDuration::from_mins(1);
    assert_eq!(
        words(&task.step(NOW + minute, Input::Alarm)),
        ["abort", "ERASE"]
    );
}

/// Checklist T-08.
#[test]
fn a_stateless_client_has_no_say_in_whether_a_call_is_a_task() {
    let params = to_raw_value(&json!({ "name": "t", "task": { "ttl": 1 } })).unwrap();
    let call = Invocation::read("tools/call", &(&*params).into(), Map::new(), true).unwrap();
    assert_eq!(call.wants_task, None);
}

#[test]
fn a_repeatable_call_that_never_ends_well_is_given_up() {
    let mut task = open(true);
    for _ in 0..CALL_TRIES_MAX {
        assert_eq!(words(&task.step(NOW, Input::Alarm)), ["SAVE", "invoke"]);
    }
    task.step(NOW, Input::Alarm);
    assert_eq!(task.record().status.as_str(), "failed");
}

#[test]
fn no_task_is_larger_than_a_row() {
    let large = "x".repeat(crate::limits::EVENT_BYTES_MAX);
    let mut task = open(false);
    task.step(NOW, Input::Alarm);
    finish(
        &mut task,
        &json!({ "content": [{ "type": "text", "text": large }] }),
    );
    assert_eq!(task.record().status.as_str(), "failed");
    assert!(task.record().fits_row());

    let mut task = open(false);
    task.step(NOW, Input::Alarm);
    finish(&mut task, &ask(&["one"]));
    let answer = json!({ "action": "accept", "content": { "x": large } });
    task.step(NOW, Input::Update([("one".to_owned(), answer)].into()));
    assert_eq!(task.record().status.as_str(), "failed");
    assert!(task.record().fits_row());
}
