//! Login sessions, as whoever serves a page and the account speak of them.

use jiff::Timestamp;
use oauth::login::SeenFrom;
use serde::{Deserialize, Serialize};

/// Most login sessions of one account at once; beyond, the one that was not used
/// for longest ends.
pub const LOGINS_MAX: usize = 20;

/// Somebody comes with a login session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Its key: the hash of its id.
    pub key: String,
    /// When it began.
    pub begun: Timestamp,
    /// Whether it was entered then; one of an earlier version was not.
    pub entered: bool,
    /// Where it is used.
    pub from: SeenFrom,
}

/// Which login sessions end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignOut {
    /// The one of this key.
    One(String),
    /// All but the one of this key.
    Others(String),
    /// All.
    All,
}

/// A login session that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginInfo {
    /// Its key.
    pub key: String,
    /// When it began.
    pub begun: Timestamp,
    /// When it was last used, to within an hour.
    pub seen: Timestamp,
    /// Where it was then.
    pub from: SeenFrom,
}
