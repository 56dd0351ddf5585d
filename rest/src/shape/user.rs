//! Users, as admins see them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Example, moment, words};

/// Somebody who has logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// The name of their account.
    pub account: String,
    /// What their provider calls them.
    pub name: Option<String>,
    /// The provider's id in the configuration, at the last login.
    pub provider: String,
    /// The provider's issuer.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// The roles they were given; none for who has the default role alone.
    pub roles: Vec<String>,
    /// Whether the configuration names them an admin.
    pub admin_by_configuration: bool,
    /// When they first logged in.
    pub first_login: Timestamp,
    /// When they last logged in.
    pub last_login: Timestamp,
}

/// A user, and what acts for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UserDetail {
    /// Who it is.
    #[serde(flatten)]
    pub user: User,
    /// Since when they are disabled; null if they are not.
    pub disabled_since: Option<Timestamp>,
    /// How much acts for them.
    pub holds: Holds,
}

/// How much acts for a user, and nothing of what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Holds {
    /// Apps.
    pub grants: i64,
    /// Keys that can be used.
    pub api_keys: i64,
    /// Sessions.
    pub sessions: i64,
    /// State handles of apps without a session.
    pub handles: i64,
    /// Tasks.
    pub tasks: i64,
    /// Browsers that are logged in.
    pub logins: i64,
}

impl Example for User {
    fn example() -> Self {
        Self {
            account: "pXf0Zy1Wqk2c5JdH8sLr9Q".to_owned(),
            name: Some("Ada".to_owned()),
            provider: "github".to_owned(),
            issuer: "https://github.com".to_owned(),
            subject: "583231".to_owned(),
            roles: words(&["help-desk"]),
            admin_by_configuration: false,
            first_login: moment("2026-10-01T09:00:00Z"),
            last_login: moment("2026-11-21T07:00:00Z"),
        }
    }
}

impl Example for UserDetail {
    fn example() -> Self {
        Self {
            user: User::example(),
            disabled_since: None,
            holds: Holds {
                grants: 2,
                api_keys: 1,
                sessions: 3,
                handles: 0,
                tasks: 0,
                logins: 1,
            },
        }
    }
}
