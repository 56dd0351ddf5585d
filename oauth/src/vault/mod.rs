//! What a provider gave for its API, kept for tools that act in the user's name
//! there: sealed for one account, renewed ahead of time by one asker at a time, and
//! given to nobody but tools that name the permission for it.

mod kept;
mod sealed;
mod turns;

pub use kept::{AHEAD_MAX, Kept, Standing, TOKEN_CHARS_MAX, Tokens};
pub use sealed::Vault;
pub use turns::{PATIENCE_MAX, REST, Step, TURN_MAX, Turn, Turns};

use crate::provider::{Provider, ProviderKind};

/// What the permission of a tool that acts at a provider begins with; the provider's
/// id follows.
pub const PERMISSION_PREFIX: &str = "upstream:";

/// Error codes by which a token endpoint says that what a refresh token stood for has
/// ended: RFC 6749 section 5.2, and GitHub's word for it (GitHub Docs,
/// "Troubleshooting OAuth app access token request errors").
const ENDED: [&str; 2] = ["invalid_grant", "bad_refresh_token"];

/// Whether a provider's error code says that the user, or what they allowed there,
/// is gone. Every other one is about us, or passes.
pub fn says_ended(code: &str) -> bool {
    ENDED.contains(&code)
}

/// How a provider is asked whether a user still stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// By renewing what is kept.
    Renew,
    /// By asking GitHub's API who its token belongs to.
    User,
}

/// How to ask; none if what is kept is no use for that.
pub fn look(provider: &Provider, kept: &Kept, now: jiff::Timestamp) -> Option<Look> {
    let asks_api = matches!(provider.kind, ProviderKind::GitHub { .. });
    if asks_api && kept.standing(now) != Standing::Ended {
        return Some(Look::User);
    }
    kept.tokens.refresh_token.is_some().then_some(Look::Renew)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
