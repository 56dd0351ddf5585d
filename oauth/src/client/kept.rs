//! What an isolate remembers of documents (CIMD section 4.4; checklist AS-16).
//!
//! Isolates remember, and nothing is stored: a document is small and can be
//! fetched again, while KV shows what was written late, remembers what it did
//! not have, and costs a write for each stranger's URL. Only what can be used
//! is remembered; there is no place here for anything else.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::client::{DocumentUrl, KEPT_MIN};

/// Most documents an isolate remembers: at most 5 kB each, so 1.3 MB of its 128.
pub const DOCUMENTS_KEPT_MAX: usize = 256;

/// What one isolate remembers of one kind of document, by URL.
#[derive(Debug)]
pub struct Kept<T>(HashMap<DocumentUrl, One<T>>);

#[derive(Debug)]
struct One<T> {
    value: T,
    fetched: Timestamp,
    until: Timestamp,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Kept<T> {
    /// What is remembered of a document and still good.
    pub fn known(&self, url: &DocumentUrl, now: Timestamp) -> Option<&T> {
        let one = self.0.get(url).filter(|one| now < one.until)?;
        Some(&one.value)
    }

    /// The same, if it was fetched within [`KEPT_MIN`]: for who has a reason to
    /// think that it has changed, and must not make us ask at each request.
    pub fn known_anew(&self, url: &DocumentUrl, now: Timestamp) -> Option<&T> {
        let one = self.0.get(url);
        let one = one.filter(|one| now < after(one.fetched, KEPT_MIN).min(one.until))?;
        Some(&one.value)
    }

    /// Remembers what can be used. When there is too much, the one that is good
    /// for the shortest time gives way.
    pub fn learn(&mut self, url: DocumentUrl, value: T, life: SignedDuration, now: Timestamp) {
        self.0.retain(|_, one| now < one.until);
        if self.0.len() >= DOCUMENTS_KEPT_MAX && !self.0.contains_key(&url) {
            let first = self.0.iter().min_by_key(|(_, one)| one.until);
            if let Some(first) = first.map(|(url, _)| url.clone()) {
                self.0.remove(&first);
            }
        }
        let until = after(now, life);
        self.0.insert(
            url,
            One {
                value,
                fetched: now,
                until,
            },
        );
    }
}

fn after(now: Timestamp, life: SignedDuration) -> Timestamp {
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
