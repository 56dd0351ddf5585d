//! What an account's object and others say to each other about
//! grants and about what the account pays for.
//!
//! Every request is a `POST` to `https://account` and one of these paths, with
//! JSON in both directions, but for `WATCH`.

/// Takes an [`oauth::grant::Approval`]; answers with the code's
/// [`oauth::grant::Secret`].
pub const ISSUE: &str = "/grants/issue";
/// Takes an [`oauth::grant::Redemption`]; answers with an
/// [`oauth::grant::Answer`].
pub const REDEEM: &str = "/grants/redeem";
/// Takes an [`oauth::grant::Refreshing`]; answers with an
/// [`oauth::grant::Answer`].
pub const REFRESH: &str = "/grants/refresh";
/// Takes an [`oauth::grant::Direct`]; answers with the
/// [`oauth::grant::GrantId`].
pub const DIRECT: &str = "/grants/direct";
/// Takes an [`oauth::grant::Revoking`]; answers with an
/// [`oauth::grant::Revocation`].
pub const REVOKE: &str = "/grants/revoke";
/// Takes an [`oauth::grant::GrantId`]; answers whether the grant stands.
pub(crate) const STANDS: &str = "/grants/stands";
/// `GET` with the id of a grant in the field [`GRANT`]; 101 with a socket that is
/// closed when the grant ends, 410 if it has.
pub(super) const WATCH: &str = "/grants/watch";
/// The field with the id of a grant.
pub(super) const GRANT: &str = "sessile-grant";
/// Takes a [`super::Opening`]; answers with what the quota gives for it, and
/// with null if the grant has ended. If there is a call left, it is spent and the
/// session is counted.
pub const OPEN: &str = "/sessions/open";
/// Takes a session, handle or task that is about to begin, and counts it; answers
/// with nothing.
pub(crate) const ADD: &str = "/held/add";
/// Takes one that was used; answers with nothing.
pub(crate) const USED: &str = "/held/used";
/// Takes one that is over, and kept for a while; answers with nothing.
pub(crate) const OVER: &str = "/held/over";
/// Takes one that is gone; answers with nothing.
pub(crate) const GONE: &str = "/held/gone";

/// The binding of these objects.
pub const ACCOUNTS: &str = "ACCOUNTS";
