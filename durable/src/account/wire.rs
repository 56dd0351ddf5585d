//! What the front Worker and an account's object say to each other about
//! grants.
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
/// Takes an [`oauth::grant::GrantId`]; answers whether that grant is live.
pub const LIVE: &str = "/grants/live";

/// The binding of these objects.
pub const ACCOUNTS: &str = "ACCOUNTS";
