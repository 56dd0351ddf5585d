use super::*;
use crate::client::{DocumentRules, KEPT_MAX};
use crate::origin::PublicOrigin;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn url(text: &str) -> DocumentUrl {
    let public = PublicOrigin::parse("https://mcp.example.com").unwrap();
    DocumentUrl::read(text, &DocumentRules::new(public)).unwrap()
}

/// Checklist AS-16.
#[test]
fn a_document_is_known_for_its_time_and_by_its_own_url() {
    let mut memory = Kept::default();
    let (one, two) = (url("https://app.example/1"), url("https://app.example/2"));
    assert_eq!(memory.known(&one, NOW), None);
    memory.learn(one.clone(), "old", KEPT_MIN, NOW);
    let last = NOW + KEPT_MIN - SignedDuration::from_millis(1);
    assert_eq!(memory.known(&one, last), Some(&"old"));
    assert_eq!(memory.known(&one, NOW + KEPT_MIN), None);
    assert_eq!(memory.known(&two, NOW), None);
    memory.learn(one.clone(), "new", KEPT_MIN, last);
    assert_eq!(memory.known(&one, last), Some(&"new"));
}

#[test]
fn an_isolate_remembers_so_many_documents_and_forgets_the_first_to_end() {
    let mut memory = Kept::default();
    let nth = |n: usize| url(&format!("https://app.example/{n}"));
    for n in 0..=DOCUMENTS_KEPT_MAX {
        let life = KEPT_MAX - SignedDuration::from_secs(i64::try_from(n % 7).unwrap());
        memory.learn(nth(n), "app", life, NOW);
        assert!(memory.0.len() <= DOCUMENTS_KEPT_MAX);
        assert!(memory.known(&nth(n), NOW).is_some(), "the newest");
    }
    let known = (0..=DOCUMENTS_KEPT_MAX).filter(|n| memory.known(&nth(*n), NOW).is_some());
    let known: Vec<_> = known.collect();
    assert_eq!(known.len(), DOCUMENTS_KEPT_MAX);
    let gone = (0..=DOCUMENTS_KEPT_MAX)
        .find(|n| !known.contains(n))
        .unwrap();
    assert_eq!(gone % 7, 6, "the one that ends first");
    // What is over makes room before anything that is not.
    memory.learn(nth(1_000), "app", KEPT_MIN, NOW + KEPT_MAX);
    assert_eq!(memory.0.len(), 1);
}

#[test]
fn a_document_that_may_have_changed_is_asked_for_again_after_a_minute_and_not_sooner() {
    let mut memory = Kept::default();
    let one = url("https://app.example/1");
    memory.learn(one.clone(), "old", KEPT_MAX, NOW);
    let last = NOW + KEPT_MIN - SignedDuration::from_millis(1);
    assert_eq!(memory.known_anew(&one, last), Some(&"old"));
    assert_eq!(memory.known_anew(&one, NOW + KEPT_MIN), None);
    assert_eq!(memory.known(&one, NOW + KEPT_MIN), Some(&"old"));
}
