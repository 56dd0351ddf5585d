//! `docs/conformance.md`: which test proves which rule of the protocol.
//!
//! The rules stand in the page by hand; the tests that cite them are found
//! here and written beside them. What a cited rule asks, and whether the test
//! really proves it, no program can judge: that is for whoever reads both.

mod id;
mod page;
mod proofs;

use std::collections::BTreeMap;
use std::path::Path;

use crate::tree::Tree;

/// Where the page is.
const PAGE: &str = "docs/conformance.md";
/// The page of attacks, which names a test for each.
const SECURITY: &str = "docs/security.md";

/// For each id, the tests that cite it.
type Proofs = BTreeMap<String, Vec<String>>;

/// Ids that tests cite and the page does not have, faults of the page, and
/// what is no longer true in it.
pub(crate) fn conformance(tree: &Tree) -> Vec<String> {
    let page = tree.text(PAGE);
    let mut offenders = page::faults(page);
    let (proofs, unknown) = proofs(tree, &page::ids(page));
    offenders.extend(unknown);
    let renewed = page::renewed(page, &proofs);
    let lines = page.lines().zip(renewed.lines());
    if let Some((old, _)) = lines.clone().find(|(old, new)| old != new) {
        offenders.push(format!("{PAGE} is stale, first at: {old}"));
    } else if page != renewed {
        offenders.push(format!("{PAGE} is stale at its end"));
    }
    offenders
}

/// Tests that the page of attacks names, and that there are not.
pub(crate) fn security(tree: &Tree) -> Vec<String> {
    let tests: Vec<String> = proofs::tests(tree)
        .into_iter()
        .filter(|test| test.proves)
        .map(|test| test.to_string())
        .collect();
    let quoted = tree.text(SECURITY).split('`').skip(1).step_by(2);
    quoted
        .filter(|words| words.contains(" › ") && !tests.iter().any(|test| test == words))
        .map(|words| format!("{SECURITY} names {words}"))
        .collect()
}

/// Writes the page anew.
pub(crate) fn renew(tree: &Tree) -> std::io::Result<()> {
    let page = tree.text(PAGE);
    let (proofs, _) = proofs(tree, &page::ids(page));
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    std::fs::write(place, page::renewed(page, &proofs))
}

/// What each test cites, by id; and the citations of ids that are not known.
fn proofs(tree: &Tree, known: &[String]) -> (Proofs, Vec<String>) {
    let mut proofs = Proofs::new();
    let mut unknown = Vec::new();
    for test in proofs::tests(tree) {
        for id in id::cited(&test.text) {
            if !known.contains(&id) {
                unknown.push(format!("{test} cites {id}, which {PAGE} does not have"));
                continue;
            }
            let tests = proofs.entry(id).or_default();
            if test.proves && !tests.contains(&test.to_string()) {
                tests.push(test.to_string());
            }
        }
    }
    (proofs, unknown)
}
