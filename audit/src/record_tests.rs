use serde_json::value::to_raw_value;
use serde_json::{Map, Value, json};

use super::*;
use crate::{SHOWN_MAX, Undigested, WORD_BYTES_MAX, Written};

fn longest(char: &str) -> Record {
    let text = char.repeat(WORD_BYTES_MAX / char.len());
    let word = || Some(Word::from(text.as_str()));
    let names: Vec<String> = (0..SHOWN_MAX * 2)
        .map(|n| format!("{n:04}{}", char.repeat((WORD_BYTES_MAX - 4) / char.len())))
        .collect();
    let arguments: Map<String, Value> = names
        .iter()
        .map(|name| (name.clone(), text.clone().into()))
        .collect();
    let arguments = to_raw_value(&arguments).unwrap();
    Record {
        at: Timestamp::from_millisecond(253_402_207_199_999).unwrap(),
        kind: Kind::Revocation,
        actor: Actor {
            account: word(),
            name: word(),
            client: word(),
            grant: word(),
            session: word(),
        },
        address: word(),
        name: text.as_str().into(),
        target: word(),
        permission: word(),
        arguments: Undigested::of(&arguments, &names).map(Undigested::digested),
        outcome: Outcome::Refused,
        why: word(),
        times: 1,
        cost: Cost {
            rows: u32::MAX,
            micros: u64::MAX,
        },
    }
}

#[test]
fn no_record_is_longer_than_the_limit() {
    for char in ["\"", "\\", "x", "🌍", "\u{1}", "ß"] {
        let bytes = Written::from(longest(char)).text().len();
        assert!(bytes <= RECORD_BYTES_MAX, "{char:?}: {bytes}");
    }
}

#[test]
fn a_record_is_read_as_it_was_written() {
    for char in ["\"", "\\", "x", "🌍", "ß"] {
        let written = Written::from(longest(char));
        let read: Written = serde_json::from_str(written.text()).unwrap();
        assert_eq!(read, written);
        assert_eq!(read.record().actor, written.record().actor);
    }
}

#[test]
fn a_plain_call_is_a_short_record() {
    let record = Record {
        at: Timestamp::from_millisecond(1_800_000_000_123).unwrap(),
        kind: Kind::Tool,
        actor: Actor {
            account: Some("ada".into()),
            ..Actor::default()
        },
        address: Some("192.0.2.7".into()),
        name: "echo".into(),
        target: None,
        permission: Some("mcp".into()),
        arguments: None,
        outcome: Outcome::Ok,
        why: None,
        times: 1,
        cost: Cost::default(),
    };
    let text: Value = serde_json::from_str(Written::from(record).text()).unwrap();
    let wanted = json!({
        "at": 1_800_000_000_123_u64, "kind": "tool", "actor": {"account": "ada"},
        "address": "192.0.2.7", "name": "echo", "permission": "mcp", "outcome": "ok"
    });
    assert_eq!(text, wanted);
}

#[test]
fn each_kind_and_outcome_is_found_by_the_name_that_records_have() {
    for kind in Kind::ALL {
        assert_eq!(json!(kind), kind.name());
        assert_eq!(Kind::named(kind.name()), Some(kind));
    }
    for outcome in Outcome::ALL {
        assert_eq!(json!(outcome), outcome.name());
        assert_eq!(Outcome::named(outcome.name()), Some(outcome));
    }
    assert_eq!(Kind::named("Tool"), None);
    assert_eq!(Outcome::named(""), None);
}
