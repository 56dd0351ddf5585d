//! What an isolate remembers of a provider, and for how long.

use jiff::{SignedDuration, Timestamp};

use crate::provider::Discovered;
use crate::public_keys::PublicKeys;

/// How long a discovery document is believed. They change with a provider's
/// releases.
pub const DISCOVERY_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// How long keys are believed. Providers publish a new key days before they use
/// it, and take a lost one away at once.
pub const KEYS_LIFE: SignedDuration = SignedDuration::from_hours(1);
/// How often an unknown key id makes us read the keys ahead of time: whoever
/// can make up key ids must not make us ask the provider each time.
pub const FORCE_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// What is remembered of one provider.
#[derive(Debug, Clone, Default)]
pub struct ProviderMemory {
    discovered: Option<(Discovered, Timestamp)>,
    keys: Option<(PublicKeys, Timestamp)>,
    forced: Option<Timestamp>,
}

impl ProviderMemory {
    /// The discovery document, if it is still believed.
    pub fn discovered(&self, now: Timestamp) -> Option<&Discovered> {
        still(self.discovered.as_ref(), DISCOVERY_LIFE, now)
    }

    /// Remembers a discovery document.
    pub fn learn(&mut self, discovered: Discovered, now: Timestamp) {
        self.discovered = Some((discovered, now));
    }

    /// The keys, if they are still believed.
    pub fn keys(&self, now: Timestamp) -> Option<&PublicKeys> {
        still(self.keys.as_ref(), KEYS_LIFE, now)
    }

    /// Remembers keys.
    pub fn learn_keys(&mut self, keys: PublicKeys, now: Timestamp) {
        self.keys = Some((keys, now));
    }

    /// Forgets the keys because one is missing among them; `false` if that was
    /// done a moment ago.
    pub fn force_keys(&mut self, now: Timestamp) -> bool {
        let waits = self.forced.is_some_and(|at| now < end(at, FORCE_EVERY));
        if !waits {
            self.forced = Some(now);
            self.keys = None;
        }
        !waits
    }
}

fn still<T>(kept: Option<&(T, Timestamp)>, life: SignedDuration, now: Timestamp) -> Option<&T> {
    kept.filter(|(_, at)| now < end(*at, life))
        .map(|(value, _)| value)
}

fn end(at: Timestamp, life: SignedDuration) -> Timestamp {
    at.checked_add(life).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    #[test]
    fn keys_are_believed_for_their_time() {
        let mut memory = ProviderMemory::default();
        assert!(memory.keys(NOW).is_none());
        memory.learn_keys(PublicKeys::default(), NOW);
        assert!(memory.keys(NOW).is_some() && memory.keys(NOW + KEYS_LIFE).is_none());
    }

    #[test]
    fn an_unknown_key_makes_us_ask_again_once_a_minute() {
        let mut memory = ProviderMemory::default();
        memory.learn_keys(PublicKeys::default(), NOW);
        assert!(memory.force_keys(NOW) && memory.keys(NOW).is_none());
        memory.learn_keys(PublicKeys::default(), NOW);
        assert!(!memory.force_keys(NOW) && memory.keys(NOW).is_some());
        assert!(memory.force_keys(NOW + FORCE_EVERY));
    }
}
