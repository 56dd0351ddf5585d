//! What acts for a user, and where they are logged in.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Example, moment, words};

/// What an app was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// The app.
    pub client_id: String,
    /// What the app calls itself; null for one whose document would have to be fetched.
    pub client_name: Option<String>,
    /// How far it goes.
    pub scopes: Vec<String>,
    /// When you agreed.
    pub created: Timestamp,
    /// When a token was last issued for it.
    pub last_used: Timestamp,
}

/// A session of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Session {
    /// Its id here. It is not the one that the app sends.
    pub id: String,
    /// The grant or key it was opened with; null where that was not noted.
    pub grant: Option<String>,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last used, to within 6 hours.
    pub last_used: Timestamp,
}

/// A browser that is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Login {
    /// Its id. It is not the one in the cookie.
    pub id: String,
    /// What it calls itself.
    pub browser: String,
    /// The network it was last seen in; null where that is not known.
    pub network: Option<String>,
    /// When it was logged in.
    pub begun: Timestamp,
    /// When it was last used, to within an hour.
    pub last_used: Timestamp,
    /// Whether it is the one that asks.
    pub this: bool,
}

impl Example for Grant {
    fn example() -> Self {
        Self {
            id: "Jm3vQ2n0RkmN1b7cZ8xYfA".to_owned(),
            client_id: "https://app.example/client.json".to_owned(),
            client_name: Some("Example app".to_owned()),
            scopes: words(&["mcp", "notes:read"]),
            created: moment("2026-11-20T08:30:00Z"),
            last_used: moment("2026-11-21T12:00:00Z"),
        }
    }
}

impl Example for Session {
    fn example() -> Self {
        Self {
            id: "kX2b9mN4QqW7eRtYuIoPaA".to_owned(),
            grant: Some("Jm3vQ2n0RkmN1b7cZ8xYfA".to_owned()),
            opened: moment("2026-11-21T11:00:00Z"),
            last_used: moment("2026-11-21T11:00:00Z"),
        }
    }
}

impl Example for Login {
    fn example() -> Self {
        Self {
            id: "Zt5pL8wKq1hG3dSfJ6vBnM".to_owned(),
            browser: "Firefox on Linux".to_owned(),
            network: Some("192.0.2.0/24".to_owned()),
            begun: moment("2026-11-19T07:00:00Z"),
            last_used: moment("2026-11-21T11:00:00Z"),
            this: true,
        }
    }
}
