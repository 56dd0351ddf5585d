//! Ids of rules, and how a text cites them.
//!
//! Understood are an id, `P11 to P19`, `M-HDR-01 to 03` and `M-PAR-01, -02`,
//! each on one line. What only looks like an id, such as a family without a
//! number, is passed on as it stands, so that no page knows it.

/// Families whose ids have no hyphen: the rows of the decision tables, and the
/// open questions.
const ROWS: [&str; 4] = ["N", "P", "Q", "R"];
/// Families of one word before the number.
const LISTS: [&str; 9] = ["A", "AS", "ERA", "G", "RS", "S24", "SEC", "T", "X"];
/// What families of two words begin with: sessions, and the stateless era.
const ERAS: [&str; 2] = ["L", "M"];

/// Longest number of an id, in digits.
const DIGITS_MAX: usize = 2;

/// The ids that a text cites, each once, in the order of the text.
pub(super) fn cited(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines() {
        for id in cited_in_line(line) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

fn cited_in_line(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    // The id before, and whether `to` stood behind it.
    let mut before: Option<(&str, &str, bool)> = None;
    for word in line.split(|char: char| !(char.is_ascii_alphanumeric() || "-_".contains(char))) {
        let more = match before {
            Some((family, from, true)) => end_of_range(word, family).map(|to| (family, from, to)),
            Some((family, _, false)) => word
                .strip_prefix('-')
                .filter(|number| is_number(number))
                .map(|number| (family, number, number)),
            None => None,
        };
        if let Some((family, from, to)) = more {
            found.extend(range(family, from, to));
            before = Some((family, to, false));
        } else if let Some((family, number)) = split(word) {
            found.push(format!("{family}{number}"));
            before = Some((family, number, false));
        } else if word == "to" {
            before = before.map(|(family, number, _)| (family, number, true));
        } else if !word.is_empty() {
            before = None;
        }
    }
    found
}

/// The number in `03` or `M-HDR-03` behind `M-HDR-01 to`.
fn end_of_range<'word>(word: &'word str, family: &str) -> Option<&'word str> {
    let number = word.strip_prefix(family).unwrap_or(word);
    is_number(number).then_some(number)
}

/// All ids from one number to another; both as written if they are no range.
fn range(family: &str, from: &str, to: &str) -> Vec<String> {
    let numbers = (from.parse::<u32>(), to.parse::<u32>());
    let (Ok(first), Ok(last)) = numbers else {
        return vec![format!("{family}{from} to {to}")];
    };
    if first > last {
        return vec![format!("{family}{from} to {to}")];
    }
    let width = from.len();
    let numbers = (first..=last).map(|number| {
        // Rows count 9, 10; lists count 09, 10.
        let width = if family.ends_with('-') { width } else { 0 };
        format!("{family}{number:0width$}")
    });
    numbers.collect()
}

/// An id as its family, with the hyphen if it has one, and its number.
pub(super) fn split(word: &str) -> Option<(&str, &str)> {
    let Some((first, rest)) = word.split_once('-') else {
        let digits = word.find(|char: char| char.is_ascii_digit())?;
        let (family, number) = word.split_at(digits);
        return (ROWS.contains(&family) && is_number(number)).then_some((family, number));
    };
    if LISTS.contains(&first) && is_number(rest) {
        return Some(word.split_at(first.len() + 1));
    }
    let (second, number) = rest.split_once('-').unwrap_or((rest, ""));
    let named = second.starts_with(|char: char| char.is_ascii_uppercase())
        && second
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let is_id = ERAS.contains(&first) && named && (number.is_empty() || is_number(number));
    is_id.then(|| word.split_at(word.len() - number.len()))
}

fn is_number(text: &str) -> bool {
    (1..=DIGITS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn citations_are_read_as_people_write_them() {
    let table: [(&str, &[&str]); 12] = [
        ("Checklist G-05: the id is echoed.", &["G-05"]),
        ("Checklist 1.2, rows P9 to P11.", &["P9", "P10", "P11"]),
        ("M-HDR-01 to 03", &["M-HDR-01", "M-HDR-02", "M-HDR-03"]),
        ("RS-03 to RS-05", &["RS-03", "RS-04", "RS-05"]),
        ("M-PAR-01, -02, -04", &["M-PAR-01", "M-PAR-02", "M-PAR-04"]),
        ("M-PAR-01, X-01, -02", &["M-PAR-01", "X-01", "X-02"]),
        ("§9 Q13, (RS-11)", &["Q13", "RS-11"]),
        ("P15 and P15", &["P15"]),
        ("P3 to\nP5", &["P3", "P5"]),
        ("P256, UTF-8, A-Za-z0-9, x-accel, R_1, M-x", &[]),
        // What follows is refused, because no page has it.
        ("M-HDR", &["M-HDR"]),
        ("P5 to P3", &["P5", "P5 to 3"]),
    ];
    for (text, want) in table {
        assert_eq!(cited(text), want, "{text}");
    }
}
