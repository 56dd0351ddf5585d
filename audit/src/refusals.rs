//! Refusals, of which anybody can bring about as many as they like: one record for
//! many, that says how many they were.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How long like refusals are counted before there is another record of them.
pub const REFUSALS_EVERY: Duration = Duration::from_mins(1);
/// Most sorts of refusals that are told apart at once; beyond, what was counted of
/// them is forgotten.
pub const REFUSALS_MAX: usize = 1_000;

/// Refusals that were counted and not told yet, by what makes them alike.
#[derive(Debug, Default)]
pub struct Refusals(HashMap<String, Counted>);

#[derive(Debug)]
struct Counted {
    told: Timestamp,
    since: u32,
}

impl Refusals {
    /// Counts one refusal; returns for how many, this one among them, there is to be a
    /// record now: at the first, and once in each [`REFUSALS_EVERY`] while there are
    /// more. What comes after the last record is told with the next, or never.
    pub fn count(&mut self, alike: &str, now: Timestamp) -> Option<u32> {
        let every = SignedDuration::try_from(REFUSALS_EVERY).unwrap_or(SignedDuration::MAX);
        let is_told = |counted: &Counted| now.duration_since(counted.told) >= every;
        if let Some(counted) = self.0.get_mut(alike) {
            counted.since = counted.since.saturating_add(1);
            if !is_told(counted) {
                return None;
            }
            counted.told = now;
            return Some(std::mem::take(&mut counted.since));
        }
        if self.0.len() >= REFUSALS_MAX {
            self.0.retain(|_, counted| !is_told(counted));
        }
        if self.0.len() >= REFUSALS_MAX {
            self.0.clear();
        }
        let counted = Counted {
            told: now,
            since: 0,
        };
        self.0.insert(alike.to_owned(), counted);
        Some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    #[test]
    fn the_first_is_told_and_those_after_it_together_a_minute_later() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.count("a", NOW), Some(1));
        for _ in 0..9 {
            assert_eq!(refusals.count("a", NOW), None);
        }
        assert_eq!(refusals.count("b", NOW), Some(1));
        let later = NOW + REFUSALS_EVERY;
        assert_eq!(refusals.count("a", later), Some(10));
        assert_eq!(refusals.count("a", later), None);
    }

    #[test]
    fn no_more_sorts_are_kept_than_the_limit() {
        let mut refusals = Refusals::default();
        for number in 0..REFUSALS_MAX * 3 {
            assert_eq!(refusals.count(&number.to_string(), NOW), Some(1));
            assert!(refusals.0.len() <= REFUSALS_MAX);
        }
    }
}
