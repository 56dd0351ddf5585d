//! What failed, picked out of the output of a step: a log of thousands of lines
//! hides the one test that a person looks for.

use std::str::Lines;

/// How many lines are shown where a log names no test.
const LAST_LINES: usize = 40;
/// How many lines one failure may take.
const LINES_PER_FAILURE_MAX: usize = 60;
/// How many lines all of them may take.
const LINES_MAX: usize = 400;

/// The failures that cargo's and Node's test runners (TAP) wrote down, each with
/// its reason; of a log with none, the last lines.
pub(super) fn picked(log: &str) -> String {
    let mut lines = log.lines();
    let mut shown: Vec<&str> = Vec::new();
    while let Some(first) = lines.next() {
        let rest = lines.clone();
        let Some(length) = failure(first, rest.clone()) else {
            continue;
        };
        shown.push(first);
        shown.extend(rest.take(length.min(LINES_PER_FAILURE_MAX)));
        lines = skipped(lines, length);
    }
    if shown.is_empty() {
        let before = log.lines().count().saturating_sub(LAST_LINES);
        shown.extend(log.lines().skip(before));
    }
    shown.truncate(LINES_MAX);
    shown.join("\n")
}

fn skipped(mut lines: Lines<'_>, length: usize) -> Lines<'_> {
    for _ in 0..length {
        lines.next();
    }
    lines
}

/// How many lines after its first a failure takes; none where none begins.
fn failure(first: &str, rest: Lines<'_>) -> Option<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    if first.trim_start().starts_with("not ok ") {
        let goes_on = |line: &&str| {
            let ends = line.trim() == "..." && indent(line) <= indent(first) + 2;
            !ends && indent(line) >= indent(first)
        };
        // A group fails with its tests, which say more.
        let of_tests = |line: &str| line.contains("failureType: 'subtestsFailed'");
        let mut reason = rest.take_while(goes_on);
        let length = reason.clone().count();
        (!reason.any(of_tests)).then_some(length)
    } else if first.starts_with("---- ") && first.ends_with(" ----") {
        let goes_on = |line: &&str| *line != "failures:" && !line.starts_with("---- ");
        Some(rest.take_while(goes_on).count())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_test_of_node_is_shown_with_its_reason_and_its_group_is_not() {
        let log = "# Subtest: group\n    # Subtest: one\n    ok 1 - one\n      ---\n      duration_ms: 1\n      ...\n    # Subtest: two\n    not ok 2 - two\n      ---\n      error: |-\n        1 !== 2\n      ...\n    1..2\nnot ok 1 - group\n  ---\n  failureType: 'subtestsFailed'\n  ...\n# fail 1\n";
        assert_eq!(
            picked(log),
            "    not ok 2 - two\n      ---\n      error: |-\n        1 !== 2"
        );
    }

    #[test]
    fn a_failed_test_of_cargo_is_shown_with_its_output() {
        let log = "test a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b stdout ----\nthread 'b' panicked\n\nfailures:\n    b\n\ntest result: FAILED. 1 passed; 1 failed\n";
        assert_eq!(picked(log), "---- b stdout ----\nthread 'b' panicked\n");
    }

    #[test]
    fn of_a_log_that_names_no_test_the_end_is_shown() {
        let log: Vec<String> = (0..100).map(|line| line.to_string()).collect();
        let shown = picked(&log.join("\n"));
        assert_eq!(shown.lines().count(), LAST_LINES);
        assert!(shown.ends_with("\n99"), "{shown}");
    }

    #[test]
    fn what_is_cut_short_harms_nothing() {
        for log in ["", "not ok 1", "    not ok 1 - a\n", "---- a stdout ----"] {
            assert_eq!(picked(log), log.trim_end());
        }
    }
}
