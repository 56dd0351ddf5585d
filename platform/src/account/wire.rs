//! What an account's object and others say to each other about grants, login
//! sessions, and what the account pays for.
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
/// [`oauth::grant::GrantId`], or why there is none.
pub const DIRECT: &str = "/grants/direct";
/// Takes an [`oauth::grant::Revoking`]; answers with an
/// [`oauth::grant::Revocation`].
pub const REVOKE: &str = "/grants/revoke";
/// Takes the [`oauth::grant::GrantId`] of a grant that its user ends; answers
/// whether there was one.
pub const WITHDRAW: &str = "/grants/withdraw";
/// Takes an [`oauth::api_key::Making`]; answers with [`oauth::api_key::Made`], or
/// why there is none.
pub const KEY_MAKE: &str = "/api-keys/make";
/// Takes an [`oauth::api_key::Rotating`]; answers with [`oauth::api_key::Made`], or
/// why there is none.
pub const KEY_ROTATE: &str = "/api-keys/rotate";
/// Takes the [`oauth::grant::GrantId`] of a key that its owner ends; answers whether
/// there was one.
pub const KEY_REVOKE: &str = "/api-keys/revoke";
/// Takes an [`oauth::api_key::Shown`]; answers with [`oauth::api_key::Checked`], or
/// why the key is not good.
pub const KEY_CHECK: &str = "/api-keys/check";
/// Takes an [`oauth::grant::GrantId`]; answers whether the grant stands, or the key.
pub const STANDS: &str = "/grants/stands";
/// `GET` with the id of a grant in the field [`GRANT`]; 101 with a socket that is
/// closed when the grant ends, 410 if it has.
pub const WATCH: &str = "/grants/watch";
/// The field with the id of a grant.
pub const GRANT: &str = "sessile-grant";
/// Takes a [`super::Opening`]; answers with what the quota gives for it, and
/// with null if the grant has ended. If there is a call left, it is spent and the
/// session is counted and its record kept.
pub const OPEN: &str = "/sessions/open";
/// Takes the name of a session; answers with its [`mcp::session::Record`] as it was
/// opened, and with null if it has ended or its grant has.
pub const RECORD: &str = "/sessions/record";
/// Takes the name of a session that its user ends; answers with nothing, also if
/// there is none.
pub const END: &str = "/sessions/end";
/// Takes the [`super::Visit`] of a login session that begins; answers whether it
/// may.
pub const LOGIN_BEGIN: &str = "/logins/begin";
/// Takes the [`super::Visit`] of a login session that is used; answers whether it
/// stands.
pub const LOGIN_VISIT: &str = "/logins/visit";
/// Takes a [`super::SignOut`]; answers with the keys of the login sessions that
/// ended.
pub const LOGIN_END: &str = "/logins/end";
/// Takes an [`audit::Batch`] that the queue did not take, and keeps it until it does;
/// answers with nothing, or 507 if it keeps too many.
pub const RECORDS: &str = "/records";
/// Takes nothing; answers with an [`super::Overview`].
pub const OVERVIEW: &str = "/overview";
/// Takes nothing; answers with [`super::Numbers`].
pub const NUMBERS: &str = "/numbers";
/// Takes nothing; reads in D1 what the user is allowed, and answers with nothing when
/// whoever can be told knows it.
pub const POLICY: &str = "/policy";
/// Takes nothing; ends everything that acts for the user, and answers with the
/// grants that ended.
pub const END_EVERYTHING: &str = "/everything/end";
/// The same, and lets nothing begin.
pub const DISABLE: &str = "/disable";
/// Takes nothing; answers with nothing. What ended does not come back.
pub const ENABLE: &str = "/enable";
/// Takes the account's [`oauth::identity::AccountId`] and what a login brought, a
/// [`oauth::vault::Kept`]; answers with nothing.
pub const KEEP: &str = "/vault/keep";
/// Takes the account's [`oauth::identity::AccountId`] and a provider's id; answers with
/// a [`mcp::upstream::Lent`], or null.
pub const LEND: &str = "/vault/lend";
/// Takes the account's [`oauth::identity::AccountId`]; answers with nothing, before
/// any provider is asked.
pub const RECHECK: &str = "/vault/recheck";
/// Takes a session, handle or task that is about to begin, and counts it; answers
/// with nothing.
pub const ADD: &str = "/held/add";
/// Takes one that was used; answers with nothing.
pub const USED: &str = "/held/used";
/// Takes one that is over, and kept for a while; answers with nothing.
pub const OVER: &str = "/held/over";
/// Takes one that is gone; answers with nothing.
pub const GONE: &str = "/held/gone";

/// The binding of these objects.
pub const ACCOUNTS: &str = "ACCOUNTS";
