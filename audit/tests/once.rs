//! Each record once, in a whole chain: however batches are delivered, by however many
//! writers at once, and wherever the database fails.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

#[path = "support/made.rs"]
mod made;
#[path = "support/tables.rs"]
#[expect(dead_code, reason = "other tests need the rest")]
mod tables;

use audit::{APPEND_TRIES_MAX, Audited, Batch, Written};
use proptest::collection::vec;
use proptest::prelude::*;

use made::{batches, call, record};
use tables::{Fault, Tables};

/// What a writer finds in its way: which fault, and who is faster.
fn trouble() -> impl Strategy<Value = (u8, Vec<prop::sample::Index>)> {
    (0..6_u8, vec(any::<prop::sample::Index>(), 1..3))
}

fn fault((which, faster): &(u8, Vec<prop::sample::Index>), all: &[Batch]) -> Fault {
    match which {
        0 => Fault::Before,
        1 => Fault::After,
        2 | 3 => Fault::Beaten(faster.iter().map(|index| index.get(all).clone()).collect()),
        _ => Fault::None,
    }
}

fn texts<'a>(records: impl Iterator<Item = &'a Written>) -> Vec<String> {
    let mut texts: Vec<String> = records.map(|it| it.text().to_owned()).collect();
    texts.sort();
    texts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_record_has_one_row_and_counts_once(
        lists in vec(vec(record(), 1..5), 1..8),
        deliveries in vec(vec(any::<prop::sample::Index>(), 1..6), 1..12),
        troubles in vec(trouble(), 0..60),
    ) {
        let tables = Tables::new();
        let all = batches(lists);
        tables.fail(troubles.iter().map(|trouble| fault(trouble, &all)));
        for delivery in &deliveries {
            let delivered: Vec<Batch> = delivery.iter().map(|index| index.get(&all).clone()).collect();
            tables.append(&delivered, Audited::Everything);
            prop_assert!(tables.verify(None).is_ok());
        }
        tables.heal();
        // What nobody said had arrived is delivered again, and so is all the rest.
        for batch in &all {
            prop_assert!(tables.append(std::slice::from_ref(batch), Audited::Everything).is_some());
        }
        prop_assert_eq!(tables.append(&all, Audited::Everything), Some(0));

        let mut kept = tables.records();
        kept.sort();
        let records = || all.iter().flat_map(|batch| &batch.records);
        prop_assert_eq!(kept, texts(records()));
        let (head, count) = tables.verify(None).unwrap();
        prop_assert_eq!((head.seq, count), (records().count() as u64, records().count() as u64));
        let calls = records().filter(|it| it.record().kind.is_call()).count();
        let used = tables.number("SELECT COALESCE(SUM(calls + refused), 0) FROM usage");
        prop_assert_eq!(used, i64::try_from(calls).unwrap());
        let micros = tables.number("SELECT COALESCE(SUM(micros), 0) FROM usage");
        prop_assert_eq!(micros, 7 * i64::try_from(calls).unwrap());
    }

    #[test]
    fn without_audited_calls_they_are_counted_once_all_the_same(
        lists in vec(vec(record(), 1..5), 1..6),
        troubles in vec(0..3_u8, 0..30),
    ) {
        let tables = Tables::new();
        let all = batches(lists);
        tables.fail(troubles.iter().map(|which| match which {
            0 => Fault::Before,
            1 => Fault::After,
            _ => Fault::None,
        }));
        for _ in 0..4 {
            tables.append(&all, Audited::NoCalls);
        }
        tables.heal();
        tables.append(&all, Audited::NoCalls).unwrap();
        let records = || all.iter().flat_map(|batch| &batch.records);
        let mut kept = tables.records();
        kept.sort();
        prop_assert_eq!(kept, texts(records().filter(|it| !it.record().kind.is_call())));
        let calls = records().filter(|it| it.record().kind.is_call()).count();
        let used = tables.number("SELECT COALESCE(SUM(calls + refused), 0) FROM usage");
        prop_assert_eq!(used, i64::try_from(calls).unwrap());
        prop_assert!(tables.verify(None).is_ok());
    }
}

#[test]
fn a_batch_that_comes_twice_in_one_delivery_counts_once() {
    let tables = Tables::new();
    let batch = batches(vec![vec![call("echo", "ada", 0)]]).remove(0);
    assert_eq!(
        tables.append(&[batch.clone(), batch], Audited::Everything),
        Some(1)
    );
    assert_eq!(tables.records().len(), 1);
}

#[test]
fn a_writer_gives_up_after_so_many_tries_and_has_changed_nothing() {
    let tables = Tables::new();
    let all = batches(vec![vec![call("echo", "ada", 0)]]);
    let tries = usize::try_from(APPEND_TRIES_MAX).unwrap();
    tables.fail(vec![Fault::Before; tries * 2]);
    assert_eq!(tables.append(&all, Audited::Everything), None);
    assert_eq!(tables.requests.get(), tries);
    assert_eq!(tables.records().len(), 0);
    tables.heal();
    assert_eq!(tables.append(&all, Audited::Everything), Some(1));
}

#[test]
fn without_the_row_of_the_chain_nothing_is_appended() {
    let tables = Tables::new();
    tables.tamper("DELETE FROM audit_chain");
    let all = batches(vec![vec![call("echo", "ada", 0)]]);
    assert_eq!(tables.append(&all, Audited::Everything), None);
    assert_eq!(tables.records().len(), 0);
}
