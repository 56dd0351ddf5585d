//! What an isolate remembers of documents, for how long, and how many it
//! fetches at once (CIMD section 4.4; checklist AS-16).
//!
//! Isolates remember, and nothing is stored: a document is small and can be
//! fetched again, while KV shows what was written late, remembers what it did
//! not have, and costs a write for each stranger's URL. Only documents that
//! can be used are remembered; there is no place here for anything else.

use std::collections::HashMap;

use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};

use crate::client::{Client, DOCUMENT_TIME_MAX, DocumentUrl};

/// Shortest time for which a document is kept, whatever its host says: a login
/// reads it at every page, and takes about so long.
pub const KEPT_MIN: SignedDuration = SignedDuration::from_mins(1);
/// Longest time for which a document is kept, whatever its host says: a
/// redirect URI that was taken out should be refused a day later.
pub const KEPT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How long a document is kept whose host says nothing about that: as long as
/// clients may keep our own.
pub const KEPT_UNSAID: SignedDuration = SignedDuration::from_mins(5);
/// Most documents an isolate remembers: at most 5 kB each, so 1.3 MB of its 128.
pub const DOCUMENTS_KEPT_MAX: usize = 256;
/// Most documents an isolate fetches at once.
pub const AT_ONCE_MAX: usize = 16;
/// Most documents an isolate fetches at once from one host: nobody should be
/// able to make us a nuisance to somebody else.
pub const AT_ONCE_OF_HOST_MAX: usize = 4;

/// What a host said about keeping its document (RFC 9111 section 5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CacheFields {
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Age`.
    pub age: Option<String>,
    /// `Date`.
    pub date: Option<String>,
    /// `Expires`.
    pub expires: Option<String>,
}

/// How long a document may be kept from now on; `None` if it may not be at all.
///
/// An isolate is a shared cache (RFC 9111 section 1), and all it answers with
/// is its own. What it may keep but would have to ask about again (`no-cache`)
/// is kept for [`KEPT_MIN`].
pub fn kept_for(said: &CacheFields, now: Timestamp) -> Option<SignedDuration> {
    let control = said.cache_control.as_deref().unwrap_or_default();
    let directives: Vec<(String, &str)> = control
        .split(',')
        .map(|directive| directive.split_once('=').unwrap_or((directive, "")))
        .map(|(name, value)| {
            (
                name.trim().to_ascii_lowercase(),
                value.trim().trim_matches('"'),
            )
        })
        .collect();
    let directive = |wanted: &str| {
        let mut found = directives.iter().filter(|(name, _)| name == wanted);
        found.next().map(|(_, value)| *value)
    };
    if directive("no-store").is_some() || directive("private").is_some() {
        return None;
    }
    let said_age = directive("s-maxage").or_else(|| directive("max-age"));
    let life = match said_age {
        _ if directive("no-cache").is_some() => SignedDuration::ZERO,
        // A number that cannot be read is stale (section 4.2.1).
        Some(seconds) => seconds_in(seconds).unwrap_or_default() - age(said),
        None => match said.expires.as_deref() {
            // So is a date that cannot be read (section 5.3).
            Some(expires) => date_in(expires).map_or(SignedDuration::ZERO, |expires| {
                let date = said.date.as_deref().and_then(date_in).unwrap_or(now);
                expires.duration_since(date) - age(said)
            }),
            None => KEPT_UNSAID,
        },
    };
    Some(life.clamp(KEPT_MIN, KEPT_MAX))
}

fn age(said: &CacheFields) -> SignedDuration {
    let age = said.age.as_deref().and_then(seconds_in);
    age.unwrap_or_default()
}

/// Seconds, and at most [`KEPT_MAX`]: a larger number means no more.
fn seconds_in(text: &str) -> Option<SignedDuration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let most = KEPT_MAX.as_secs();
    let seconds = || text.parse::<i64>().unwrap_or(most).min(most);
    digits.then(|| SignedDuration::from_secs(seconds()))
}

fn date_in(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new()
        .parse_timestamp(text.trim())
        .ok()
}

/// What one isolate remembers.
#[derive(Debug, Default)]
pub struct DocumentMemory {
    kept: HashMap<DocumentUrl, (Client, Timestamp)>,
    fetching: Vec<Fetching>,
    begun: u64,
}

/// A fetch that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    number: u64,
    host: String,
    until: Timestamp,
}

impl DocumentMemory {
    /// The client of a document that is remembered and still good.
    pub fn known(&self, url: &DocumentUrl, now: Timestamp) -> Option<&Client> {
        let (client, until) = self.kept.get(url)?;
        (now < *until).then_some(client)
    }

    /// Remembers a document that can be used. When there are too many, the one
    /// that is good for the shortest time gives way.
    pub fn learn(
        &mut self,
        url: DocumentUrl,
        client: Client,
        life: SignedDuration,
        now: Timestamp,
    ) {
        self.kept.retain(|_, (_, until)| now < *until);
        if self.kept.len() >= DOCUMENTS_KEPT_MAX && !self.kept.contains_key(&url) {
            let first = self.kept.iter().min_by_key(|(_, (_, until))| *until);
            if let Some(first) = first.map(|(url, _)| url.clone()) {
                self.kept.remove(&first);
            }
        }
        self.kept.insert(url, (client, after(now, life)));
    }

    /// Begins a fetch; `None` if too many are under way.
    ///
    /// Requests do not wait for each other's fetches: on this platform a
    /// request cannot go on with what another one's I/O brought. So this limit
    /// is what bounds the number of fetches of one document, too. A request
    /// that is broken off never says that its fetch ended; its time says it.
    pub fn begin(&mut self, url: &DocumentUrl, now: Timestamp) -> Option<Fetching> {
        self.fetching.retain(|fetching| now < fetching.until);
        let host = url.shown_host();
        let of_host = self.fetching.iter().filter(|other| other.host == host);
        if of_host.count() >= AT_ONCE_OF_HOST_MAX || self.fetching.len() >= AT_ONCE_MAX {
            return None;
        }
        self.begun = self.begun.wrapping_add(1);
        let time = SignedDuration::try_from(DOCUMENT_TIME_MAX).unwrap_or(KEPT_MIN);
        let fetching = Fetching {
            number: self.begun,
            host: host.to_owned(),
            until: after(now, time * 2),
        };
        self.fetching.push(fetching.clone());
        Some(fetching)
    }

    /// Ends a fetch.
    pub fn end(&mut self, fetching: &Fetching) {
        self.fetching
            .retain(|other| other.number != fetching.number);
    }
}

fn after(now: Timestamp, life: SignedDuration) -> Timestamp {
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
#[path = "keeping_tests.rs"]
mod tests;
