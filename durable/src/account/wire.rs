//! What the front Worker and an account's object say to each other about
//! grants and sessions.
//!
//! Every request is a `POST` to `https://account` and one of these paths, with
//! JSON in both directions.

/// Takes an [`oauth::grant::Approval`]; answers with the code's
/// [`oauth::grant::Secret`].
pub const ISSUE: &str = "/grants/issue";
/// Takes an [`oauth::grant::Redemption`]; answers with an
/// [`oauth::grant::Answer`].
pub const REDEEM: &str = "/grants/redeem";
/// Takes an [`oauth::grant::Refreshing`]; answers with an
/// [`oauth::grant::Answer`].
pub const REFRESH: &str = "/grants/refresh";
/// Takes a [`super::Opening`]; answers whether the grant still stands. If it
/// does, the session is counted.
pub const OPEN: &str = "/sessions/open";
/// Takes the name of a session that was used; answers with nothing.
pub const SEEN: &str = "/sessions/seen";
/// Takes the name of a session that ended; answers with nothing.
pub const ENDED: &str = "/sessions/ended";

/// The binding of these objects.
pub const ACCOUNTS: &str = "ACCOUNTS";
