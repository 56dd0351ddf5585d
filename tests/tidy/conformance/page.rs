//! The page: tables of rules, written by hand but for one column.

use std::fmt::Write;

use super::Proofs;
use super::id;

/// Columns of a table: id, level, meaning, page, tests, remark.
const COLUMNS: usize = 6;

/// How remarks begin that say why there can be no test yet.
const NOT_BUILT: &str = "Not built";

/// Around the part that is made.
const BEGIN: &str = "<!-- made by tests/tidy from here on -->";
const END: &str = "<!-- made by tests/tidy up to here -->";

/// A run of ids that is at least this long is shown as a range.
const RUN_MIN: usize = 3;

/// One rule.
struct Row {
    section: String,
    id: String,
    tests: String,
    remark: String,
}

/// The ids of the page, in its order.
pub(super) fn ids(page: &str) -> Vec<String> {
    let rows = page.lines().filter_map(cells);
    rows.filter_map(|cells| cells.into_iter().next()).collect()
}

/// Rows that have not six cells, and ids that come twice.
pub(super) fn faults(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = Vec::new();
    for cells in page.lines().filter_map(cells) {
        if cells.len() != COLUMNS {
            faults.push(format!("not {COLUMNS} cells: {}", cells.join(" | ")));
        }
        let id = cells.into_iter().next().unwrap_or_default();
        if seen.contains(&id) {
            faults.push(format!("{id} comes twice"));
        }
        seen.push(id);
    }
    faults
}

/// The page with the tests and the summary as they are now.
pub(super) fn renewed(page: &str, proofs: &Proofs) -> String {
    let mut section = String::new();
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut section);
        }
        let Some(Ok(cells)) = cells(line).map(<[String; COLUMNS]>::try_from) else {
            lines.push(line.to_owned());
            continue;
        };
        let [id, level, meaning, page, _, remark] = cells;
        let tests = proofs.get(&id).map(Vec::as_slice).unwrap_or_default();
        let tests = tests.join("<br>").replace('|', "\\|");
        lines.push(row(&[&id, &level, &meaning, &page, &tests, &remark]));
        rows.push(Row {
            section: section.clone(),
            id,
            tests,
            remark,
        });
    }
    let text = lines.join("\n") + "\n";
    match (text.split_once(BEGIN), text.split_once(END)) {
        (Some((before, _)), Some((_, after))) => {
            format!("{before}{BEGIN}\n\n{}\n{END}{after}", summary(&rows))
        }
        _ => text,
    }
}

/// The cells of a line that is a rule's row.
fn cells(line: &str) -> Option<Vec<String>> {
    let inside = line.strip_prefix('|')?.strip_suffix('|')?;
    let mut cells = vec![String::new()];
    let mut escaped = false;
    for char in inside.chars() {
        if char == '|' && !escaped {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(char);
        }
        escaped = char == '\\';
    }
    let cells: Vec<_> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
    cells.first().and_then(|id| id::split(id))?;
    Some(cells)
}

/// A row as it is written by hand: an empty cell is one space.
fn row(cells: &[&str; COLUMNS]) -> String {
    let cells = cells.iter().map(|cell| match *cell {
        "" => "| ".to_owned(),
        cell => format!("| {cell} "),
    });
    cells.collect::<String>() + "|"
}

/// How many rules are proven, and which are not.
fn summary(rows: &[Row]) -> String {
    let without = || rows.iter().filter(|row| row.tests.is_empty());
    let not_built = without().filter(|row| row.remark.starts_with(NOT_BUILT));
    let mut text = format!(
        "**{} of {} ids are proven by a test, and {} are not built.**\n\n\
         | section | ids | proven |\n| --- | --- | --- |\n",
        rows.len() - without().count(),
        rows.len(),
        not_built.count(),
    );
    for section in distinct(rows.iter().map(|row| row.section.as_str())) {
        let here = rows.iter().filter(|row| row.section == section).count();
        let open = without().filter(|row| row.section == section).count();
        let _ = writeln!(text, "| {section} | {here} | {} |", here - open);
    }
    text.push_str("\nIds without a test, by their remark:\n\n");
    // What has no excuse comes first.
    let mut remarks = distinct(without().map(|row| row.remark.as_str()));
    remarks.sort_by_key(|remark| (remark.starts_with(NOT_BUILT), !remark.is_empty()));
    for remark in remarks {
        let ids: Vec<_> = without()
            .filter(|row| row.remark == remark)
            .map(|row| row.id.as_str())
            .collect();
        let words = match remark {
            "" => "Built, without a test.",
            remark => remark,
        };
        let _ = writeln!(text, "- {}: {words}", ranges(&ids));
    }
    text
}

fn distinct<'text>(all: impl Iterator<Item = &'text str>) -> Vec<&'text str> {
    let mut found = Vec::new();
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// Ids in a row of the page, with `to` for those that follow each other.
fn ranges(ids: &[&str]) -> String {
    let follows = |one: &&str, next: &&str| {
        let parts = id::split(one).zip(id::split(next));
        let number = |text: &str| text.parse::<u32>().unwrap_or_default();
        parts.is_some_and(|((family, one), (same, next))| {
            family == same && number(one) + 1 == number(next)
        })
    };
    let runs = ids.chunk_by(follows).map(|run| match run {
        [first, .., last] if run.len() >= RUN_MIN => format!("{first} to {last}"),
        _ => run.join(", "),
    });
    runs.collect::<Vec<_>>().join(", ")
}

#[test]
fn what_is_written_by_hand_stays_and_the_rest_is_made() {
    let page = format!(
        "words\n{BEGIN}\nold\n{END}\n## One\n| id | level |\n| --- | --- |\n\
         | P1 | MUST | a \\| b | page | old | stays |\n| P2 | MAY | c | page | old |  |\n\
         | P3 | MAY | c | page | | |\n| P4 | MAY | c | page | | |\n"
    );
    let proofs = Proofs::from([("P1".to_owned(), vec!["a › b|c".to_owned(), "d".to_owned()])]);
    let once = renewed(&page, &proofs);
    assert!(
        once.contains("| P1 | MUST | a \\| b | page | a › b\\|c<br>d | stays |\n"),
        "{once}"
    );
    assert!(once.contains("| P2 | MAY | c | page | | |\n"), "{once}");
    assert!(
        once.contains("**1 of 4 ids are proven by a test, and 0 "),
        "{once}"
    );
    assert!(once.contains("- P2 to P4: Built"), "{once}");
    assert!(
        once.starts_with("words\n") && !once.contains("old"),
        "{once}"
    );
    assert_eq!(renewed(&once, &proofs), once);
    assert_eq!(faults("| P1 | x |\n| P1 | a | b | c | d | e |").len(), 2);
}
