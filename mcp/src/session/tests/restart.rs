//! The object is gone and comes back: what was stored goes on.

use super::*;
use crate::limits::CALL_TRIES_MAX;
use crate::tool::interrupted;

/// The rows that effects leave.
#[derive(Default)]
pub(super) struct Disk {
    streams: BTreeMap<StreamId, StoredStream>,
    events: Vec<Event>,
}

impl Disk {
    pub(super) fn keep(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::SaveStream(stream) = effect {
                self.streams.insert(stream.id, stream.as_ref().clone());
            } else if let Effect::Emit(event) = effect {
                self.events.push(event.clone());
            }
        }
    }

    /// Another object finds the rows.
    pub(super) fn restore(&mut self, record: Record) -> (Session, Vec<Effect>) {
        let progress = |event: &Event| {
            let message: Value = serde_json::from_str(&event.message).unwrap();
            Some((event.stream, message["params"]["progress"].as_f64()?))
        };
        let logged = |event: &Event| Logged {
            seq: event.seq,
            stream: event.stream,
            bytes: event.message.len() as u64,
            at: event.at,
        };
        let stored = Stored {
            record,
            streams: self.streams.values().cloned().collect(),
            events: self.events.iter().map(logged).collect(),
            progress: self.events.iter().filter_map(progress).collect(),
        };
        let (session, effects) = Session::restore(stored, Retention::default(), start());
        self.keep(&effects);
        (session, effects)
    }
}

fn is_told(session: &mut Session, call: CallId, progress: f64) -> Vec<Effect> {
    let params = json!({ "progressToken": "p", "progress": progress });
    let told = Input::ToolNotified {
        call,
        method: "notifications/progress".into(),
        params: serde_json::value::to_raw_value(&params).ok(),
    };
    session.step(start(), told).unwrap()
}

/// The call that is made again.
fn again(effects: &[Effect]) -> CallId {
    match effects {
        [Effect::SaveStream(_), Effect::InvokeAgain { call, .. }] => *call,
        other => panic!("{other:?}"),
    }
}

fn cut_off() -> (Disk, Session, CallId) {
    let mut disk = Disk::default();
    let mut before = session();
    let id = call(&mut before, 7);
    disk.keep(&is_told(&mut before, id, 2.0));
    let (restored, effects) = disk.restore(record(Revision::V20251125));
    let id = again(&effects);
    (disk, restored, id)
}

/// Architecture, section 3: an eviction in the middle of a question loses nothing.
#[test]
fn a_question_survives_the_object() {
    let mut disk = Disk::default();
    let mut before = session();
    let id = call(&mut before, 1);
    disk.keep(&finish(&mut before, id, ASK));
    let (mut restored, effects) = disk.restore(record(Revision::V20251125));
    assert_eq!(words(&effects), [""; 0]);
    let effects = step(
        &mut restored,
        r#"{"jsonrpc":"2.0","id":"ask-1-1-0","result":{"action":"decline"}}"#,
    );
    assert_eq!(words(&effects), ["accept", "STREAM", "invoke"]);
}

/// Checklist L-PROG-01: a tool that begins anew counts anew, and progress rises.
#[test]
fn a_call_that_was_cut_off_is_made_again_and_tells_only_what_is_new() {
    let (mut disk, mut restored, id) = cut_off();
    for progress in [1.0, 2.0] {
        assert_eq!(words(&is_told(&mut restored, id, progress)), [""; 0]);
    }
    let effects = is_told(&mut restored, id, 3.0);
    assert_eq!(words(&effects), ["EMIT", "WAKE"], "on the stream there was");
    assert_eq!(emitted(&effects)[0].stream, StreamId(1));
    disk.keep(&effects);
    let effects = finish(&mut restored, id, RESULT);
    assert_eq!(words(&effects), ["EMIT", "STREAM", "end"]);
    assert!(emitted(&effects)[0].message.contains("\"id\":7"));
}

/// Architecture, promise 1: never silence.
/// Checklist L-RSM-02.
#[test]
fn a_call_that_cannot_be_made_again_ends_with_an_error_that_is_replayed() {
    let (_, mut restored, call) = cut_off();
    let outcome = Outcome::Failed(interrupted());
    let finished = Input::ToolFinished { call, outcome };
    let effects = restored.step(start(), finished).unwrap();
    assert_eq!(words(&effects), ["EMIT", "WAKE", "STREAM", "end"]);
    let last = emitted(&effects)[0];
    assert_eq!((last.seq, last.stream), (Seq(2), StreamId(1)));
    assert!(last.message.contains("\"id\":7") && last.message.contains("-32603"));
    // The client comes back for it.
    let seen = EventId {
        stream: StreamId(1),
        seq: Seq(1),
    };
    let effects = restored
        .step(start(), Input::Listen { last: Some(seen) })
        .unwrap();
    assert_eq!(words(&effects), ["attach", "replay", "end"]);
}

/// A call may be what kills its object: it is not made for ever.
#[test]
fn a_call_is_made_again_a_few_times_only() {
    let (mut disk, _, _) = cut_off();
    for _ in 2..CALL_TRIES_MAX {
        again(&disk.restore(record(Revision::V20251125)).1);
    }
    let effects = disk.restore(record(Revision::V20251125)).1;
    assert_eq!(words(&effects), ["EMIT", "WAKE", "STREAM", "end"]);
    assert!(emitted(&effects)[0].message.contains("-32603"));
    assert_eq!(
        words(&disk.restore(record(Revision::V20251125)).1),
        [""; 0],
        "it is answered once"
    );
}

/// Checklist L-CANC-01.
#[test]
fn a_call_that_is_made_again_can_be_cancelled() {
    let (_, mut restored, _) = cut_off();
    let effects = step(
        &mut restored,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#,
    );
    assert_eq!(words(&effects), ["abort", "STREAM", "end", "accept"]);
}

/// A tool that was answered after a restart may be cut off as often again.
#[test]
fn an_answer_counts_as_a_new_beginning() {
    let (mut disk, mut restored, id) = cut_off();
    disk.keep(&finish(&mut restored, id, ASK));
    let (mut restored, _) = disk.restore(record(Revision::V20251125));
    let answered = r#"{"jsonrpc":"2.0","id":"ask-1-1-0","result":{"action":"decline"}}"#;
    disk.keep(&step(&mut restored, answered));
    for _ in 1..CALL_TRIES_MAX {
        again(&disk.restore(record(Revision::V20251125)).1);
    }
}
