//! The tests of the workspace, each with all that it says.
//!
//! Read by indentation, which `cargo fmt` and our JavaScript keep: a test goes
//! on until its own indentation returns. A line belongs to the innermost test
//! around it; `describe` counts as a test of its own for what stands between
//! its tests. Production code is not read: to name a rule is not to keep it.

use std::fmt;

use crate::tree::Tree;

/// A test.
pub(super) struct Test {
    place: String,
    name: String,
    /// The comment above it, and its code.
    pub(super) text: String,
    /// A test that is ignored, or may skip itself, proves nothing.
    pub(super) proves: bool,
}

impl Test {
    fn begin(path: &str, name: String) -> Self {
        Self {
            place: place(path),
            name,
            text: String::new(),
            proves: true,
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} › {}", self.place, self.name)
    }
}

/// All tests but those of this program, whose ids are made up.
pub(super) fn tests(tree: &Tree) -> Vec<Test> {
    let ours = |path: &str| path.starts_with("tests/tidy");
    let rust = tree.ending(&[".rs"]).filter(|(path, _)| !ours(path));
    let javascript = tree
        .ending(&[".mjs", ".js", ".ts"])
        .filter(|(path, _)| path.starts_with("tests/") && !path.starts_with("tests/support/"));
    let rust = rust.flat_map(|(path, text)| read(path, text, rust_title));
    let javascript = javascript.flat_map(|(path, text)| read(path, text, javascript_title));
    rust.chain(javascript).collect()
}

/// Finds the name of the test that a line begins; sees the lines above it, too.
type Title = fn(&str, &[&str]) -> Option<String>;

fn read(path: &str, text: &str, title: Title) -> Vec<Test> {
    let mut done = Vec::new();
    let mut open: Vec<(usize, Test)> = Vec::new();
    // Comments and attributes, which belong to what comes next.
    let mut above: Vec<&str> = Vec::new();
    for line in text.lines() {
        let words = line.trim();
        let depth = line.len() - line.trim_start().len();
        let begun = title(words, &above);
        let is_above = ["//", "/*", "*", "#["]
            .iter()
            .any(|start| words.starts_with(start))
            || above.iter().any(|line| is_test_attribute(line));
        // What turns out to stand above nothing belongs where it stands.
        if begun.is_none() && !is_above {
            keep(&mut open, &mut above);
        }
        if words.is_empty() {
            continue;
        }
        while let Some((_, test)) = open.pop_if(|(start, _)| *start >= depth) {
            done.push(test);
        }
        above.push(line);
        let is_begun = begun.is_some();
        open.extend(begun.map(|name| (depth, Test::begin(path, name))));
        if is_begun || !is_above {
            keep(&mut open, &mut above);
        }
    }
    done.extend(open.into_iter().map(|(_, test)| test));
    done
}

/// Gives lines to the innermost test; outside of tests they are nobody's.
fn keep(open: &mut [(usize, Test)], lines: &mut Vec<&str>) {
    if let Some((_, test)) = open.last_mut() {
        for line in lines.iter() {
            test.text.push_str(line);
            test.text.push('\n');
            let idle = ["#[ignore", ".skip(", "skip: true", ".todo("];
            test.proves &= !idle.iter().any(|word| line.contains(word));
        }
    }
    lines.clear();
}

/// `fn name` under `#[test]` or another attribute of that name.
fn rust_title(line: &str, above: &[&str]) -> Option<String> {
    if !above.iter().any(|line| is_test_attribute(line)) {
        return None;
    }
    let (_, rest) = line.split_once("fn ")?;
    let name = rest.split(['(', '<']).next()?;
    Some(name.to_owned())
}

fn is_test_attribute(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("#[") && line.ends_with("test]")
}

/// The text in `test('…'`, `describe('…'`, or of a row: `['…', async () =>`.
fn javascript_title(line: &str, _: &[&str]) -> Option<String> {
    for call in ["test(", "describe("] {
        let called = line
            .split_once(call)
            .map(|(before, rest)| (before.trim(), rest));
        if let Some(("" | "await t.", rest)) = called {
            return literal(rest).map(|(name, _)| shown(name));
        }
    }
    for (at, _) in line.match_indices(['\'', '"', '`']) {
        let begins = line[..at].is_empty() || line[..at].ends_with('[');
        if let Some((name, rest)) = literal(&line[at..])
            && begins
            && rest.starts_with(", async (")
        {
            return Some(shown(name));
        }
    }
    None
}

/// A literal in any of the three quotes, and what stands behind it.
fn literal(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|char| "'\"`".contains(*char))?;
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if char == quote => return Some((&text[1..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

/// A title as it is printed, with `…` for what is filled in.
fn shown(title: &str) -> String {
    let mut pieces = title.split("${");
    let mut shown = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        shown.push('…');
        // What is filled in may hold braces of its own.
        let mut depth = 1;
        let end = piece.find(|char| {
            depth += i32::from(char == '{') - i32::from(char == '}');
            depth == 0
        });
        shown.push_str(end.map_or("", |end| &piece[end + 1..]));
    }
    shown.replace("\\'", "'").replace("\\\"", "\"")
}

/// A path without what says nothing: `mcp/src/era/tests.rs` is `mcp/era`.
fn place(path: &str) -> String {
    let stem = path.trim_start_matches("tests/");
    let stem = [".test.mjs", ".mjs", ".js", ".ts", ".rs"]
        .iter()
        .find_map(|end| stem.strip_suffix(end))
        .unwrap_or(stem);
    let stem = stem.replace("/src/", "/");
    let stem = stem.strip_suffix("_tests").unwrap_or(&stem);
    ["/tests", "/mod", "/lib"]
        .iter()
        .find_map(|end| stem.strip_suffix(end))
        .unwrap_or(stem)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(String, String, bool)> {
        let tests = tests(&Tree::of(path, text)).into_iter();
        tests
            .map(|test| {
                (
                    test.to_string(),
                    super::super::id::cited(&test.text).join(" "),
                    test.proves,
                )
            })
            .collect()
    }

    fn one(name: &str, ids: &str, proves: bool) -> (String, String, bool) {
        (name.to_owned(), ids.to_owned(), proves)
    }

    #[test]
    fn rust_tests_are_told_from_production_code() {
        let text = "/// Checklist P1.\nfn production() {\n    // P2\n}\n\n\
            /// Checklist P3.\n#[test]\n#[expect(\n    long\n)]\nfn a_test() {\n    let row = \"P4\";\n}\n\n\
            // P5\nmod tests {\n    /// P6.\n    #[tokio::test]\n    async fn another() {\n        // P7\n    }\n\n    \
            #[test]\n    #[ignore = \"P8\"]\n    fn idle() {}\n}\n";
        let want = [
            one("mcp/era › a_test", "P3 P4", true),
            one("mcp/era › another", "P6 P7", true),
            one("mcp/era › idle", "P8", false),
        ];
        assert_eq!(found("mcp/src/era/tests.rs", text), want);
    }

    #[test]
    fn javascript_tests_are_found_as_calls_and_as_rows() {
        let text = "// P1\n\ndescribe('N1: all', limit, () => {\n  const a = 'N2';\n  rows([\n    \
            ['R1: it\\'s', async () => {\n      // R2\n    }],\n    ...[1].map((n) => [\n      \
            `R${n ? '3' : { a: 4 }}: x`, async () => {\n        // R5\n      },\n    ]),\n  ]);\n  // R6\n  \
            test(\"one\", async () => {\n    await t.test('inner', () => {\n      ok('P2');\n    });\n    \
            t.skip('P3');\n  });\n});\n";
        let want = [
            one("workerd/a › N1: all", "N1 N2", true),
            one("workerd/a › R1: it's", "R1 R2", true),
            one("workerd/a › R…: x", "R5", true),
            one("workerd/a › inner", "P2", true),
            one("workerd/a › one", "R6 P3", false),
        ];
        let mut got = found("tests/workerd/a.test.mjs", text);
        got.sort();
        assert_eq!(got, want);
        assert_eq!(found("tests/support/a.mjs", text), []);
    }
}
