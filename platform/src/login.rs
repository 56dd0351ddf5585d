//! What the portal and a login's object say to each other.
//!
//! Every request is a `POST` to `https://login` and one of these paths, with
//! JSON in both directions.

use oauth::secret::SecretHash;
use serde::{Deserialize, Serialize};

/// Takes a [`Begun`]; answers with nothing.
pub const BEGIN: &str = "/begin";
/// Takes the hash of the browser's cookie; answers with [`Taken`].
pub const TAKE: &str = "/take";

/// Takes the time until which an assertion has to be remembered; answers
/// whether nobody used it before.
pub const FIRST_USE: &str = "/first-use";

/// What the name of an assertion's object begins with. The random part of
/// `state` has no such sign.
pub const ASSERTION: &str = "assertion:";
/// The binding of these objects.
pub const LOGINS: &str = "LOGINS";

/// A login that begins.
#[derive(Debug, Serialize, Deserialize)]
pub struct Begun {
    /// The sealed transaction.
    pub sealed: String,
    /// The hash of the cookie of the browser that may come back.
    pub browser: SecretHash,
}

/// What is left of a login.
#[derive(Debug, Serialize, Deserialize)]
pub enum Taken {
    /// The sealed transaction; the next one who asks gets nothing.
    Login(String),
    /// It was fetched before, has expired, or never was.
    Gone,
    /// It was begun in another browser.
    OtherBrowser,
}
