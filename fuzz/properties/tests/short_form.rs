//! The properties in short: every input that the fuzzer kept, and near-valid ones.
//!
//! `PROPTEST_CASES=100000` tries more than the usual 256 of each. An input that
//! fails is worth a file in `fuzz/corpus/`, where it is tried ever after.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "short_form/inputs.rs"]
mod inputs;
#[path = "short_form/words.rs"]
mod words;

use std::path::{Path, PathBuf};

use properties::TARGETS;
use proptest::test_runner::{Config, TestError, TestRunner};

/// Most inputs kept of one target: they are tried in every test run.
const KEPT_MAX: usize = 60;
/// Largest input kept, in bytes: one that a person can read.
const KEPT_BYTES_MAX: usize = 4_096;

fn kept(target: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus");
    let entries = std::fs::read_dir(corpus.join(target)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_kept_input_has_its_property() {
    for (target, property) in TARGETS {
        let paths = kept(target);
        assert!((1..=KEPT_MAX).contains(&paths.len()), "{target}");
        for path in paths {
            let data = std::fs::read(&path).unwrap();
            assert!(data.len() <= KEPT_BYTES_MAX, "{}", path.display());
            std::panic::catch_unwind(|| property(&data))
                .unwrap_or_else(|_| panic!("{target} does not hold for {}", path.display()));
        }
    }
}

#[test]
fn every_near_valid_input_has_its_property() {
    let mut failures = Vec::new();
    for (target, property) in TARGETS {
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let tried = TestRunner::new(config).run(&inputs::near_valid(target), |data| {
            property(&data);
            Ok(())
        });
        match tried {
            Ok(()) => {}
            Err(TestError::Fail(why, data)) => {
                let input = String::from_utf8_lossy(&data);
                failures.push(format!("{target}: {input:?}: {why}"));
            }
            Err(TestError::Abort(why)) => failures.push(format!("{target}: {why}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
