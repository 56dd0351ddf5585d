//! Records and batches for tests.

use audit::{Actor, Batch, BatchId, Cost, Kind, Outcome, Record, Undigested, Written};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use serde_json::value::to_raw_value;

use crate::tables::NOW;

/// A call of a tool, a while ago.
pub(crate) fn call(tool: &str, account: &str, ago_ms: i64) -> Record {
    Record {
        at: Timestamp::from_millisecond(NOW.as_millisecond() - ago_ms).unwrap(),
        kind: Kind::Tool,
        actor: Actor {
            account: Some(account.into()),
            client: Some("app".into()),
            ..Actor::default()
        },
        address: Some("192.0.2.7".into()),
        name: tool.into(),
        target: None,
        permission: None,
        arguments: None,
        outcome: Outcome::Ok,
        why: None,
        times: 1,
        cost: Cost { rows: 1, micros: 7 },
    }
}

/// A batch of its own for each list of records.
pub(crate) fn batches(lists: Vec<Vec<Record>>) -> Vec<Batch> {
    let numbered = lists.into_iter().zip(1_u128..);
    let batch = |(records, number): (Vec<Record>, u128)| Batch {
        id: BatchId::new(number.to_be_bytes()),
        records: records.into_iter().map(Written::from).collect(),
    };
    numbered.map(batch).collect()
}

/// Any record: with odd texts, of any kind, within the last 100 hours.
pub(crate) fn record() -> impl Strategy<Value = Record> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let outcome = prop::sample::select(Outcome::ALL.to_vec());
    let account = prop::option::of(prop::sample::select(vec!["ada", "bob", "\"'\\;--"]));
    (
        kind,
        outcome,
        account,
        ".{0,20}",
        ".{0,300}",
        0..360_000_000_i64,
    )
        .prop_map(|(kind, outcome, account, name, value, ago)| {
            let arguments = to_raw_value(&json!({ "value": value })).unwrap();
            let mut record = call(&name, "nobody", ago);
            record.kind = kind;
            record.outcome = outcome;
            record.actor.account = account.map(Into::into);
            record.arguments =
                Undigested::of(&arguments, &["value".into()]).map(Undigested::digested);
            record.target = Some(value.into());
            record
        })
}
