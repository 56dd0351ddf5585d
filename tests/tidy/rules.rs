//! Rules about single files: their size, name, and what is in them.

use crate::tree::Tree;

/// Longest Rust file, in lines: `docs/`, house style, "Modules and names".
pub(crate) const FILE_LINES_MAX: usize = 500;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = [
    "common", "helper", "helpers", "misc", "types", "util", "utils",
];

/// The index of crates.io, the only source a lock file may name.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn long_files(tree: &Tree) -> Vec<String> {
    let mut sizes: Vec<_> = tree
        .ending(&[".rs"])
        .map(|(path, text)| (text.lines().count(), path))
        .collect();
    sizes.sort_unstable_by(|one, other| other.cmp(one));
    let told = |(lines, path): &(usize, &str)| format!("{lines} lines: {path}");
    if sizes
        .first()
        .is_none_or(|(lines, _)| *lines <= FILE_LINES_MAX)
    {
        return Vec::new();
    }
    sizes.iter().take(10).map(told).collect()
}

pub(crate) fn glob_imports(tree: &Tree) -> Vec<String> {
    let everything = |text: &str| {
        uses_of_worker(text)
            .iter()
            .any(|path| path.starts_with('*') || path.contains("{*") || path.contains(",*"))
    };
    paths(tree.ending(&[".rs"]).filter(|(_, text)| everything(text)))
}

/// What follows `use worker::` in each import, without white space.
fn uses_of_worker(text: &str) -> Vec<String> {
    let imports = text
        .split("use worker::")
        .skip(1)
        .filter_map(|rest| rest.split(';').next());
    imports
        .map(|import| import.split_whitespace().collect())
        .collect()
}

pub(crate) fn empty_names(tree: &Tree) -> Vec<String> {
    let empty = |name: &str| EMPTY_NAMES.contains(&name);
    let by_path = tree
        .ending(&[".rs", ".mjs", ".js", ".ts"])
        .filter(|(path, _)| {
            path.split('/')
                .any(|part| empty(part.split('.').next().unwrap_or(part)))
        });
    let inline = tree.ending(&[".rs"]).filter(|(_, text)| {
        let modules = text
            .lines()
            .filter_map(|line| line.trim().strip_suffix('{')?.trim().rsplit_once("mod "));
        modules.map(|(_, name)| name).any(empty)
    });
    paths(by_path.chain(inline))
}

pub(crate) fn unfinished(tree: &Tree) -> Vec<String> {
    let words = [
        concat!("tod", "o!"),
        concat!("unimplement", "ed!"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    let mut offenders = Vec::new();
    for (path, text) in tree.ending(&[".rs", ".mjs", ".sql", ".toml", ".css", ".html"]) {
        for (index, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                offenders.push(format!("{path}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    offenders
}

pub(crate) fn silent_crates(tree: &Tree) -> Vec<String> {
    let silent = |text: &str| {
        let first = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("//! "));
        first.is_none_or(|sentence| sentence.split_whitespace().count() < 3)
    };
    paths(
        tree.ending(&["/lib.rs", "/main.rs"])
            .filter(|(_, text)| silent(text)),
    )
}

pub(crate) fn locked_places(tree: &Tree) -> Vec<String> {
    let mut offenders = Vec::new();
    for (path, text) in tree.ending(&["Cargo.lock"]) {
        for line in text.lines().filter(|line| line.starts_with("source = ")) {
            if line.trim_start_matches("source = ").trim_matches('"') != CRATES_IO {
                offenders.push(format!("{path}: {line}"));
            }
        }
    }
    for (path, text) in tree.ending(&["package-lock.json", "npm-shrinkwrap.json"]) {
        let resolved = text
            .lines()
            .find(|line| line.contains("\"resolved\": \"http"));
        offenders.extend(resolved.map(|line| format!("{path}: {}, perhaps more", line.trim())));
    }
    for (path, _) in tree.ending(&["yarn.lock", "pnpm-lock.yaml"]) {
        offenders.push(format!("{path}: a lock file of another package manager"));
    }
    offenders
}

pub(crate) fn misnumbered_migrations(tree: &Tree) -> Vec<String> {
    let migrations = tree
        .ending(&[".sql"])
        .filter_map(|(path, _)| path.strip_prefix("migrations/"));
    let expected = (1..).map(|number: usize| format!("{number:04}_"));
    let pairs = migrations
        .zip(expected)
        .filter(|(name, start)| !name.starts_with(start.as_str()));
    pairs
        .map(|(name, start)| format!("{name}, where {start}… was expected"))
        .collect()
}

pub(crate) fn objects_without_import(tree: &Tree) -> Vec<String> {
    let imports = |text: &str| {
        uses_of_worker(text).iter().any(|path| {
            path.split(['{', '}', ',', ':'])
                .any(|name| name == "wasm_bindgen")
        })
    };
    paths(
        tree.ending(&[".rs"])
            .filter(|(_, text)| !objects(text).is_empty() && !imports(text)),
    )
}

pub(crate) fn objects_left_behind(tree: &Tree) -> Vec<String> {
    let exports = tree.text("objects/src/lib.rs").split("pub use ").skip(1);
    let exported: Vec<&str> = exports
        .filter_map(|rest| rest.split(';').next())
        .flat_map(|names| names.split(|char: char| !char.is_alphanumeric()))
        .collect();
    let mut offenders = Vec::new();
    for (path, text) in tree.ending(&[".rs"]) {
        let left = objects(text)
            .into_iter()
            .filter(|name| !exported.contains(name));
        offenders.extend(left.map(|name| format!("{path}: {name}")));
    }
    offenders
}

/// The structs under a `#[durable_object]`.
fn objects(text: &str) -> Vec<&str> {
    let after = text.split("\n#[durable_object").skip(1);
    let first = text.strip_prefix("#[durable_object");
    let declared = after
        .chain(first)
        .filter_map(|rest| rest.split_once("struct "));
    declared
        .filter_map(|(_, rest)| rest.split(|char: char| !char.is_alphanumeric()).next())
        .collect()
}

fn paths<'tree>(files: impl Iterator<Item = (&'tree str, &'tree str)>) -> Vec<String> {
    files.map(|(path, _)| path.to_owned()).collect()
}
