//! Searches and usage: what is found, in which order, and a page at a time.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

#[path = "support/made.rs"]
#[expect(dead_code, reason = "other tests need the rest")]
mod made;
#[path = "support/tables.rs"]
#[expect(dead_code, reason = "other tests need the rest")]
mod tables;

use audit::{
    Audited, By, Cursor, Every, Kind, Outcome, PAGE_RECORDS_MAX, Page, Record, Search, UsageLine,
    UsageQuery, Written, search, usage,
};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};

use made::{batches, call};
use tables::{NOW, Tables};

const HOUR_MS: i64 = 3_600_000;

fn ago(ms: i64) -> Timestamp {
    NOW - SignedDuration::from_millis(ms)
}

fn with(record: Record, kind: Kind, outcome: Outcome) -> Record {
    Record {
        kind,
        outcome,
        ..record
    }
}

/// Calls of two users in three hours, a refusal, an error, and a login that came late.
fn filled() -> Tables {
    let tables = Tables::new();
    let early = with(call("echo", "ada", 3 * HOUR_MS), Kind::Tool, Outcome::Error);
    let refused = with(
        call("echo", "bob", 2 * HOUR_MS),
        Kind::Tool,
        Outcome::Refused,
    );
    let login = with(
        call("dev", "bob", 2 * HOUR_MS + 1),
        Kind::Login,
        Outcome::Ok,
    );
    let lists = vec![
        vec![early, refused, call("add", "ada", 5)],
        vec![call("add", "ada", 4), call("echo", "ada", 3), login],
    ];
    tables.append(&batches(lists), Audited::Everything).unwrap();
    tables
}

fn page(tables: &Tables, wanted: &Search<'_>) -> Page {
    let page = search(tables, wanted).now_or_never();
    page.expect("nothing is waited for").unwrap()
}

fn everything() -> Search<'static> {
    Search {
        count: PAGE_RECORDS_MAX,
        ..Search::default()
    }
}

fn names(page: &Page) -> Vec<String> {
    let name = |found: &audit::Found| {
        let record = found.record.as_ref().unwrap();
        format!("{} {}", record.actor.account.as_ref().unwrap(), record.name)
    };
    page.found.iter().map(name).collect()
}

fn used(tables: &Tables, query: &UsageQuery<'_>) -> Vec<UsageLine> {
    let lines = usage(tables, query).now_or_never();
    lines.expect("nothing is waited for").unwrap()
}

fn all_usage(by: By) -> UsageQuery<'static> {
    UsageQuery {
        from: ago(48 * HOUR_MS),
        until: ago(-HOUR_MS),
        account: None,
        tool: None,
        client: None,
        by,
    }
}

#[test]
fn records_are_found_with_the_newest_first_also_those_that_came_late() {
    let page = page(&filled(), &everything());
    let wanted = [
        "ada echo", "ada add", "ada add", "bob echo", "bob dev", "ada echo",
    ];
    assert_eq!(names(&page), wanted);
    assert_eq!(page.next, None);
}

#[test]
fn a_search_finds_what_it_says_and_nothing_else() {
    let tables = filled();
    let found = |search: Search<'_>| names(&page(&tables, &search));
    let of_bob = Search {
        account: Some("bob"),
        ..everything()
    };
    assert_eq!(found(of_bob.clone()), ["bob echo", "bob dev"]);
    assert_eq!(
        found(Search {
            kind: Some(Kind::Login),
            ..of_bob
        }),
        ["bob dev"]
    );
    assert_eq!(
        found(Search {
            name: Some("add"),
            ..everything()
        }),
        ["ada add", "ada add"]
    );
    let refused = Search {
        outcome: Some(Outcome::Refused),
        ..everything()
    };
    assert_eq!(found(refused), ["bob echo"]);
    let span = Search {
        from: Some(ago(2 * HOUR_MS)),
        until: Some(ago(4)),
        ..everything()
    };
    assert_eq!(found(span), ["ada add", "bob echo"]);
    let nobody = Search {
        account: Some("' OR 1=1 --"),
        ..everything()
    };
    assert_eq!(found(nobody), Vec::<String>::new());
}

#[test]
fn pages_one_after_the_other_hold_each_record_once() {
    let tables = Tables::new();
    // Many at the same time: only the number tells them apart.
    let records = (0..25).map(|n| call(&format!("tool {n}"), "ada", n / 10));
    let lists = vec![records.collect()];
    tables.append(&batches(lists), Audited::Everything).unwrap();
    let whole = names(&page(&tables, &everything()));
    for count in [1, 4, 24, 25, 26] {
        let mut read = Vec::new();
        let mut after = None;
        loop {
            let page = page(
                &tables,
                &Search {
                    count,
                    after,
                    ..everything()
                },
            );
            assert!(page.found.len() <= count && !page.found.is_empty());
            read.extend(names(&page));
            let Some(next) = page.next else { break };
            let text = next.to_string();
            assert_eq!(text.parse(), Ok(next));
            after = Some(next);
        }
        assert_eq!(read, whole, "{count}");
    }
}

#[test]
fn a_text_that_is_no_cursor_is_refused() {
    for bad in ["", "0", "AAAA", &"A".repeat(23), "'; DROP TABLE audit"] {
        assert!(bad.parse::<Cursor>().is_err(), "{bad}");
    }
}

#[test]
fn no_page_is_longer_than_the_limit_or_empty_of_what_is_there() {
    let tables = filled();
    for (count, wanted) in [(0, 1), (usize::MAX, 6)] {
        assert_eq!(
            page(
                &tables,
                &Search {
                    count,
                    ..everything()
                }
            )
            .found
            .len(),
            wanted
        );
    }
}

#[test]
fn a_record_is_found_with_the_text_that_was_hashed() {
    let tables = filled();
    let found = page(&tables, &everything()).found;
    let texts = tables.records();
    for found in found {
        let index = usize::try_from(found.seq - 1).unwrap();
        assert_eq!(found.text, texts[index]);
        assert_eq!(Written::from(found.record.unwrap()).text(), found.text);
    }
}

#[test]
fn usage_is_summed_up_by_what_is_asked_for() {
    let tables = filled();
    let total = used(&tables, &all_usage(By::default()));
    assert_eq!(total.len(), 1);
    let sums = total[0].sums;
    assert_eq!((sums.calls, sums.errors, sums.refused), (4, 1, 1));
    assert_eq!((sums.rows_written, sums.micros), (5, 35));

    let by_user = used(
        &tables,
        &all_usage(By {
            account: true,
            ..By::default()
        }),
    );
    let users: Vec<_> = by_user
        .iter()
        .map(|line| (&*line.account, line.sums.calls))
        .collect();
    assert_eq!(users, [("ada", 4), ("bob", 0)]);

    let hourly = By {
        every: Some(Every::Hour),
        tool: true,
        ..By::default()
    };
    let hourly = used(&tables, &all_usage(hourly));
    let hour = |line: &UsageLine| (NOW.as_second() - line.begins) / 3600;
    let lines: Vec<_> = hourly
        .iter()
        .map(|line| (hour(line), &*line.tool, line.sums.calls, line.sums.refused))
        .collect();
    assert_eq!(
        lines,
        [
            (1, "add", 2, 0),
            (1, "echo", 1, 0),
            (2, "echo", 0, 1),
            (3, "echo", 1, 0)
        ]
    );
}

#[test]
fn a_day_of_usage_begins_at_midnight() {
    let daily = By {
        every: Some(Every::Day),
        ..By::default()
    };
    for line in used(&filled(), &all_usage(daily)) {
        assert_eq!(line.begins % 86_400, 0);
    }
}

#[test]
fn usage_of_one_user_tool_or_client_holds_nobody_elses() {
    let tables = filled();
    let calls = |query: UsageQuery<'_>| {
        let lines = used(&tables, &query);
        lines.iter().map(|line| line.sums.calls).sum::<u64>()
    };
    let all = all_usage(By::default());
    assert_eq!(
        calls(UsageQuery {
            account: Some("bob"),
            ..all
        }),
        0
    );
    assert_eq!(
        calls(UsageQuery {
            tool: Some("add"),
            ..all
        }),
        2
    );
    assert_eq!(
        calls(UsageQuery {
            client: Some("app"),
            ..all
        }),
        4
    );
    assert_eq!(
        calls(UsageQuery {
            client: Some("'"),
            ..all
        }),
        0
    );
    assert_eq!(
        calls(UsageQuery {
            from: ago(HOUR_MS),
            ..all
        }),
        3
    );
}

#[test]
fn however_many_resources_a_client_names_they_are_one_row_of_usage() {
    let tables = Tables::new();
    let read = |n| {
        with(
            call(&format!("note://{n}"), "ada", 0),
            Kind::Resource,
            Outcome::Ok,
        )
    };
    let lists = vec![(0..300).map(read).collect()];
    tables.append(&batches(lists), Audited::Everything).unwrap();
    assert_eq!(tables.number("SELECT COUNT(*) FROM usage"), 1);
}
