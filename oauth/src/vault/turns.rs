//! Who renews what is kept of one provider: one asker at a time.
//!
//! A refresh token may be good for one use only, and a provider that sees it twice
//! may take it for stolen (RFC 9700 section 4.14.2). So whoever comes meanwhile waits
//! and takes what the renewal brought.

use jiff::{SignedDuration, Timestamp};

use crate::vault::{Kept, Standing};

/// How long a turn lasts at most: one that broke off never says that it ended. Longer
/// than a discovery document and a renewal may take together.
pub const TURN_MAX: SignedDuration = SignedDuration::from_secs(25);
/// How long an asker waits: one that broke off may be before it.
pub const PATIENCE_MAX: SignedDuration = SignedDuration::from_secs(27);
/// How long a provider that was in trouble is left alone.
pub const REST: SignedDuration = SignedDuration::from_secs(30);
const _: () = assert!(TURN_MAX.as_secs() < PATIENCE_MAX.as_secs());

/// The renewals of one user at one provider.
#[derive(Debug, Default)]
pub struct Turns {
    taken: Option<Turn>,
    begun: u64,
    renewed: Option<Timestamp>,
    failed: Option<Timestamp>,
}

/// A renewal that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    number: u64,
    until: Timestamp,
}

/// What an asker does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Takes the access token.
    Give,
    /// Asks the provider, says so with [`Turns::end`], and looks again.
    Renew(Turn),
    /// Waits, and looks again.
    Wait,
    /// Gives up: the provider is in trouble.
    Unreachable,
    /// Gives up: the user has to log in again.
    Ended,
}

impl Turns {
    /// The next step of somebody who wants the access token since `since`.
    pub fn next(&mut self, kept: &Kept, since: Timestamp, now: Timestamp) -> Step {
        let standing = kept.standing(now);
        let still_good = standing != Standing::Ended;
        // Whoever waited for a renewal takes what it brought, however brief that is.
        let brought = self.renewed.is_some_and(|renewed| since <= renewed);
        if standing == Standing::Good || brought {
            return Step::Give;
        }
        if kept.tokens.refresh_token.is_none() {
            return if still_good { Step::Give } else { Step::Ended };
        }
        if self.is_taken(now) && now.duration_since(since) < PATIENCE_MAX {
            return Step::Wait;
        }
        match self.begin(now) {
            Some(turn) => Step::Renew(turn),
            None if still_good => Step::Give,
            None => Step::Unreachable,
        }
    }

    /// A turn; none while another one lasts, or the provider is left alone.
    pub fn begin(&mut self, now: Timestamp) -> Option<Turn> {
        let rests = |failed: Timestamp| now.duration_since(failed).abs() < REST;
        if self.is_taken(now) || self.failed.is_some_and(rests) {
            return None;
        }
        self.begun = self.begun.wrapping_add(1);
        let turn = Turn {
            number: self.begun,
            until: now.checked_add(TURN_MAX).unwrap_or(Timestamp::MAX),
        };
        self.taken = Some(turn.clone());
        Some(turn)
    }

    /// Ends a turn: the provider has answered, or is in trouble. One that lasted too
    /// long has ended already, and says nothing of the one after it.
    pub fn end(&mut self, turn: &Turn, answered: bool, now: Timestamp) {
        if self.taken.as_ref() != Some(turn) {
            return;
        }
        self.taken = None;
        if answered {
            (self.renewed, self.failed) = (Some(now), None);
        } else {
            self.failed = Some(now);
        }
    }

    fn is_taken(&self, now: Timestamp) -> bool {
        self.taken.as_ref().is_some_and(|turn| now < turn.until)
    }
}

#[cfg(test)]
#[path = "turns_tests.rs"]
mod tests;
