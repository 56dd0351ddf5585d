//! Whatever is done to the rows is found; what the retention does is not mistaken for it.

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

use audit::{Audited, Break, Link, RETENTION_ROWS_MAX, Retention, forget};
use futures_util::FutureExt;
use proptest::collection::vec;
use proptest::prelude::*;

use made::{batches, call, record};
use tables::{Fault, NOW, Tables};

const ROWS: i64 = 12;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn filled() -> Tables {
    let tables = Tables::new();
    let records = (0..ROWS)
        .map(|n| call(&format!("tool {n}"), "ada", n))
        .collect();
    tables
        .append(&batches(vec![records]), Audited::Everything)
        .unwrap();
    assert!(tables.verify(None).is_ok());
    tables
}

fn forgotten(tables: &Tables, days: u32) -> Option<bool> {
    let retention = Retention {
        audit_days: days,
        usage_days: days,
    };
    let done = forget(tables, retention, NOW).now_or_never();
    done.expect("nothing is waited for").ok()
}

#[test]
fn a_row_that_is_altered_is_named() {
    for seq in 1..=ROWS {
        let tables = filled();
        tables.tamper(&format!(
            "UPDATE audit SET record = replace(record, 'ada', 'eve') WHERE seq = {seq}"
        ));
        assert_eq!(
            tables.verify(None),
            Err(Break::Altered(seq.cast_unsigned()))
        );
    }
}

#[test]
fn a_row_that_is_altered_with_its_hash_is_found_at_the_next_or_at_the_end() {
    for seq in 1..=ROWS {
        let tables = filled();
        let before = if seq == 1 {
            Link::START
        } else {
            let hash = tables.text(&format!("SELECT hash FROM audit WHERE seq = {}", seq - 1));
            format!("{}:{hash}", seq - 1).parse().unwrap()
        };
        let record = r#"{"at":1,"kind":"tool","name":"eve","outcome":"ok"}"#;
        let hash = before.next(record).hash;
        tables.tamper(&format!(
            "UPDATE audit SET record = '{record}', hash = '{hash}' WHERE seq = {seq}"
        ));
        let found = if seq == ROWS {
            Break::Head(ROWS.cast_unsigned())
        } else {
            Break::Altered(seq.cast_unsigned() + 1)
        };
        assert_eq!(tables.verify(None), Err(found));
    }
}

#[test]
fn a_row_that_is_removed_is_named_also_if_it_is_the_first_or_the_last() {
    for seq in 1..=ROWS {
        let tables = filled();
        tables.tamper(&format!("DELETE FROM audit WHERE seq = {seq}"));
        assert_eq!(
            tables.verify(None),
            Err(Break::Missing(seq.cast_unsigned()))
        );
    }
    let tables = filled();
    tables.tamper("DELETE FROM audit");
    assert_eq!(tables.verify(None), Err(Break::Missing(1)));
}

#[test]
fn rows_that_change_places_are_found() {
    let tables = filled();
    tables.tamper(
        "UPDATE audit SET seq = 100 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 7;
         UPDATE audit SET seq = 7 WHERE seq = 100",
    );
    assert_eq!(tables.verify(None), Err(Break::Altered(4)));
}

#[test]
fn a_row_before_the_beginning_is_found() {
    let tables = filled();
    tables.tamper(
        "INSERT INTO audit (seq, record, hash) SELECT 0, record, hash FROM audit WHERE seq = 1",
    );
    assert_eq!(tables.verify(None), Err(Break::Stray(0)));
}

#[test]
fn a_newest_row_that_is_removed_with_the_head_moved_back_is_found_by_who_noted_the_head() {
    let tables = filled();
    let (noted, _) = tables.verify(None).unwrap();
    tables.tamper(
        "DELETE FROM audit WHERE seq = 12;
         UPDATE audit_chain SET head_seq = 11, head_hash = (SELECT hash FROM audit WHERE seq = 11)",
    );
    assert!(tables.verify(None).is_ok());
    assert_eq!(tables.verify(Some(noted)), Err(Break::Missing(12)));
}

#[test]
fn a_chain_made_anew_is_found_by_who_noted_a_head() {
    let noted = filled().verify(None).unwrap().0;
    let other = Tables::new();
    let records = (0..20)
        .map(|n| call(&format!("other {n}"), "eve", n))
        .collect();
    other
        .append(&batches(vec![records]), Audited::Everything)
        .unwrap();
    assert!(other.verify(None).is_ok());
    assert_eq!(other.verify(Some(noted)), Err(Break::Noted(12)));
}

#[test]
fn a_head_that_was_noted_stays_good_while_the_chain_grows() {
    let tables = filled();
    let (noted, _) = tables.verify(None).unwrap();
    let more = batches(vec![vec![], vec![call("more", "ada", 0)]]);
    tables.append(&more, Audited::Everything).unwrap();
    assert_eq!(tables.verify(Some(noted)).unwrap().1, 13);
}

#[test]
fn what_is_searched_for_cannot_be_altered_beside_the_record() {
    let tables = filled();
    for column in ["at", "account", "name", "kind", "outcome"] {
        let altered = format!("UPDATE audit SET {column} = 'x' WHERE seq = 1");
        assert!(tables.try_tamper(&altered).is_err(), "{column}");
    }
}

#[test]
fn what_is_old_is_forgotten_step_by_step_and_the_rest_can_be_verified() {
    let tables = Tables::new();
    let count = i64::try_from(RETENTION_ROWS_MAX).unwrap();
    let old = (0..count + 5).map(|n| call("old", "ada", 40 * DAY_MS - n));
    let young = (0..7).map(|n| call("young", "ada", DAY_MS - n));
    let lists = vec![old.collect(), young.collect()];
    tables.append(&batches(lists), Audited::Everything).unwrap();
    let (head, _) = tables.verify(None).unwrap();
    assert_eq!(forgotten(&tables, 30), Some(true));
    assert_eq!(tables.verify(Some(head)).map(|(_, left)| left), Ok(12));
    assert_eq!(forgotten(&tables, 30), Some(false));
    assert_eq!(tables.verify(Some(head)).map(|(_, left)| left), Ok(7));
    assert_eq!(tables.number("SELECT COUNT(*) FROM usage"), 1);
    assert_eq!(forgotten(&tables, 30), Some(false));
    assert_eq!(tables.records().len(), 7);
    // Nothing is left, and the chain goes on from where it ended.
    assert_eq!(forgotten(&tables, 0), Some(false));
    assert_eq!(tables.verify(Some(head)).map(|(_, left)| left), Ok(0));
    let more = batches(vec![vec![], vec![], vec![call("new", "ada", 0)]]);
    tables.append(&more, Audited::Everything).unwrap();
    assert_eq!(
        tables.verify(Some(head)).map(|(end, _)| end.seq),
        Ok(head.seq + 1)
    );
    let gone = Link {
        seq: head.seq - 1,
        ..head
    };
    assert_eq!(tables.verify(Some(gone)), Err(Break::NotedIsGone(gone.seq)));
    let other = Link {
        hash: Link::START.hash,
        ..head
    };
    assert_eq!(tables.verify(Some(other)), Err(Break::Noted(head.seq)));
}

#[test]
fn more_than_the_retention_takes_is_found_at_the_beginning() {
    let tables = filled();
    tables.tamper(
        "UPDATE audit_chain SET anchor_seq = 3, anchor_hash = (SELECT hash FROM audit WHERE seq = 3);
         DELETE FROM audit WHERE seq <= 4",
    );
    assert_eq!(tables.verify(None), Err(Break::Missing(4)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_chain_is_whole_between_any_steps_of_appending_and_forgetting(
        lists in vec(vec(record(), 1..6), 1..6),
        steps in vec((any::<bool>(), 0..4_u32, 0..3_u8), 1..20),
    ) {
        let tables = Tables::new();
        let all = batches(lists);
        let mut next = all.iter();
        for (appends, days, fault) in steps {
            tables.fail(match fault {
                0 => vec![Fault::None, Fault::Before],
                1 => vec![Fault::None, Fault::After],
                _ => vec![],
            });
            if appends {
                if let Some(batch) = next.next() {
                    tables.append(std::slice::from_ref(batch), Audited::Everything);
                }
            } else {
                forgotten(&tables, days);
            }
            tables.heal();
            prop_assert!(tables.verify(None).is_ok());
        }
    }
}
