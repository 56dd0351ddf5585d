//! The house rules that no compiler checks: the arrows between crates, the
//! sizes and names of files, what must not be left lying about.
//!
//! Each rule is a function from the tree of files to its offenders, so that
//! `every_rule_finds_its_offender` can show it a tree that breaks it.

#[path = "tidy/arrows.rs"]
mod arrows;
#[path = "tidy/conformance/mod.rs"]
mod conformance;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/tree.rs"]
mod tree;

use arrows::arrows;
use conformance::{conformance, renew, security};
use rules::{
    FILE_LINES_MAX, empty_names, glob_imports, locked_places, long_files, misnumbered_migrations,
    objects_left_behind, objects_without_import, silent_crates, unfinished,
};
use tree::Tree;

#[test]
fn arrows_between_crates_point_up_only() {
    demand(
        "an arrow that architecture does not have",
        &arrows(&Tree::ours()),
    );
}

#[test]
fn no_rust_file_is_longer_than_its_limit() {
    demand("a file with more than one idea", &long_files(&Tree::ours()));
}

#[test]
fn nobody_imports_everything_from_worker() {
    demand(
        "worker's `durable` clashes with our crate",
        &glob_imports(&Tree::ours()),
    );
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    demand("name it after what is inside", &empty_names(&Tree::ours()));
}

#[test]
fn nothing_is_left_to_be_done_in_the_code() {
    demand("finish it, or file it", &unfinished(&Tree::ours()));
}

#[test]
fn every_crate_begins_by_saying_what_it_is_for() {
    demand(
        "begin with `//!` and a sentence",
        &silent_crates(&Tree::ours()),
    );
}

#[test]
fn no_lock_file_names_a_place_to_download_from() {
    demand(
        "a lock file ties us to one registry's address",
        &locked_places(&Tree::ours()),
    );
}

#[test]
fn migrations_are_numbered_without_gaps() {
    demand(
        "number them 0001_…sql, 0002_…sql",
        &misnumbered_migrations(&Tree::ours()),
    );
}

#[test]
fn every_object_imports_wasm_bindgen_by_name() {
    demand(
        "the macro expects `worker::wasm_bindgen` in scope",
        &objects_without_import(&Tree::ours()),
    );
}

/// The Worker of the objects has nothing else, and no other Worker has a class.
#[test]
fn every_object_leaves_through_the_worker_of_the_objects() {
    demand(
        "it belongs into objects/, with a `pub use` in objects/src/lib.rs",
        &objects_left_behind(&Tree::ours()),
    );
}

/// A test cites the rule that it proves, in its name or a comment.
#[test]
fn the_conformance_page_names_the_tests_that_prove_each_rule() {
    if std::env::var_os("SESSILE_RENEW").is_some() {
        renew(&Tree::ours()).unwrap();
    }
    demand(
        "renew the page with `SESSILE_RENEW=1 cargo test --test tidy`, mend a wrong id by hand",
        &conformance(&Tree::ours()),
    );
}

#[test]
fn the_page_of_attacks_names_tests_that_there_are() {
    demand("there is no such test", &security(&Tree::ours()));
}

#[test]
fn every_rule_finds_its_offender() {
    let cases: [(Rule, &str, &str); 23] = [
        (security, "docs/security.md", "`a/b › a test that is gone`"),
        (
            arrows,
            "mcp/Cargo.toml",
            "[dependencies]\nworker.workspace = true",
        ),
        (
            arrows,
            "mcp/Cargo.toml",
            "[target.'cfg(a)'.dependencies]\njs-sys = \"1\"",
        ),
        (
            arrows,
            "quota/Cargo.toml",
            "[dev-dependencies]\nmcp.workspace = true",
        ),
        (
            arrows,
            "web/Cargo.toml",
            "[dependencies.x]\npath = \"../oauth\"",
        ),
        (
            arrows,
            "oauth/Cargo.toml",
            "[dependencies]\nx = { path = \"../mcp\" } # ours",
        ),
        (
            arrows,
            "objects/Cargo.toml",
            "[dependencies]\nweb.workspace = true",
        ),
        (
            arrows,
            "tools/demo/Cargo.toml",
            "[dependencies]\nquota.workspace = true",
        ),
        (
            arrows,
            "Cargo.toml",
            "[dependencies]\nx = { path = 'tools/demo' }",
        ),
        (arrows, "elsewhere/Cargo.toml", ""),
        (long_files, "src/a.rs", &"\n".repeat(FILE_LINES_MAX + 1)),
        (
            glob_imports,
            "src/a.rs",
            concat!("use worker", "::{\n    *\n};"),
        ),
        (empty_names, "src/utils/a.rs", ""),
        (empty_names, "src/a.rs", concat!("mod ty", "pes {")),
        (unfinished, "src/a.rs", concat!("    tod", "o!()")),
        (unfinished, "src/a.rs", concat!("// FIX", "ME: later")),
        (silent_crates, "mcp/src/lib.rs", "mod a;"),
        (
            locked_places,
            "tests/package-lock.json",
            "\"resolved\": \"https://a/b.tgz\"",
        ),
        (
            locked_places,
            "Cargo.lock",
            "source = \"registry+https://elsewhere/\"",
        ),
        (misnumbered_migrations, "migrations/0002_users.sql", ""),
        (
            objects_without_import,
            "objects/src/a.rs",
            "#[durable_object]\npub struct A;",
        ),
        (
            conformance,
            "mcp/src/a.rs",
            "/// Checklist P99.\n#[test]\nfn a() {\n}",
        ),
        (
            conformance,
            "docs/conformance.md",
            "| P1 | MUST | a | b | a test that is gone | |\n",
        ),
    ];
    for (rule, path, text) in cases {
        assert!(!rule(&Tree::of(path, text)).is_empty(), "{path}: {text}");
    }
    let object = Tree::of("objects/src/a.rs", "#[durable_object]\npub struct A {");
    assert!(!objects_left_behind(&object).is_empty());
}

type Rule = fn(&Tree) -> Vec<String>;

fn demand(why: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{why}:\n  {}", offenders.join("\n  "));
}
