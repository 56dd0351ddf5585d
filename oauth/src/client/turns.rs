//! Who fetches a document, and who waits for it: one fetch of a URL at a time.
//!
//! A request cannot go on with what another one's I/O brings, on this platform;
//! so who waits looks again after a while, and finds what was remembered or
//! takes the next turn. Limits hold for one isolate. How often somebody may make
//! us fetch is decided elsewhere, at the gate.

use jiff::{SignedDuration, Timestamp};

use crate::client::{DOCUMENT_TIME_MAX, DocumentUrl};

/// Most documents an isolate fetches at once.
pub const AT_ONCE_MAX: usize = 16;
/// Most documents an isolate fetches at once from one host: nobody should be
/// able to make us a nuisance to somebody else.
pub const AT_ONCE_OF_HOST_MAX: usize = 4;
/// How long a turn lasts at most: a request that is broken off never says that
/// its fetch ended. A second more than a fetch may take.
const TURN_MAX: SignedDuration = SignedDuration::from_secs(6);
/// How long a request waits for its turn: one that was broken off may be before it.
pub const PATIENCE_MAX: SignedDuration = SignedDuration::from_secs(7);
const _: () = assert!(DOCUMENT_TIME_MAX.as_secs() < TURN_MAX.as_secs().unsigned_abs());
const _: () = assert!(TURN_MAX.as_secs() < PATIENCE_MAX.as_secs());

/// The fetches of one isolate.
#[derive(Debug, Default)]
pub struct Turns {
    fetching: Vec<Fetching>,
    begun: u64,
}

/// A fetch that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetching {
    number: u64,
    url: DocumentUrl,
    until: Timestamp,
}

/// What a request that needs a document does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Fetches it.
    Fetch(Fetching),
    /// Waits, and looks again.
    Wait,
    /// Gives up: it has waited for [`PATIENCE_MAX`].
    GiveUp,
}

impl Turns {
    /// Asks for a turn, for a request that wants one since `since`.
    pub fn ask(&mut self, url: &DocumentUrl, since: Timestamp, now: Timestamp) -> Turn {
        self.fetching.retain(|fetching| now < fetching.until);
        let host = url.shown_host();
        let of_host = self.fetching.iter();
        let of_host = of_host.filter(|other| other.url.shown_host() == host);
        let taken = self.fetching.iter().any(|other| other.url == *url)
            || of_host.count() >= AT_ONCE_OF_HOST_MAX
            || self.fetching.len() >= AT_ONCE_MAX;
        if taken && now.duration_since(since) < PATIENCE_MAX {
            return Turn::Wait;
        }
        if taken {
            return Turn::GiveUp;
        }
        self.begun = self.begun.wrapping_add(1);
        let fetching = Fetching {
            number: self.begun,
            url: url.clone(),
            until: now.checked_add(TURN_MAX).unwrap_or(Timestamp::MAX),
        };
        self.fetching.push(fetching.clone());
        Turn::Fetch(fetching)
    }

    /// Ends a fetch.
    pub fn end(&mut self, fetching: &Fetching) {
        self.fetching
            .retain(|other| other.number != fetching.number);
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
