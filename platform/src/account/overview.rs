//! What an account answers to its user's page and the operator.

use jiff::Timestamp;
use oauth::api_key::KeyInfo;
use oauth::grant::{GrantId, Terms};
use serde::{Deserialize, Serialize};

use super::LoginInfo;

/// Who may act for the user, and where they are logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// What clients were granted; at most [`oauth::grant::GRANTS_MAX`].
    pub grants: Vec<GrantInfo>,
    /// API keys, also ended ones that are remembered.
    pub keys: Vec<KeyInfo>,
    /// Sessions; at most `SESSIONS_PER_USER`.
    pub sessions: Vec<SessionInfo>,
    /// Login sessions; at most [`super::LOGINS_MAX`].
    pub logins: Vec<LoginInfo>,
}

/// A grant that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantInfo {
    /// Its name.
    pub id: GrantId,
    /// What the user agreed to.
    pub terms: Terms,
    /// When.
    pub created: Timestamp,
    /// When a token was last issued for it.
    pub used: Timestamp,
}

/// How much there is of each, and nothing of what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// Since when the account is disabled, if it is.
    pub disabled_since: Option<Timestamp>,
    /// Grants.
    pub grants: usize,
    /// API keys that stand.
    pub api_keys: usize,
    /// Sessions.
    pub sessions: i64,
    /// State handles of stateless clients.
    pub handles: i64,
    /// Tasks.
    pub tasks: i64,
    /// Login sessions.
    pub login_sessions: usize,
    /// How often calls or permits were asked for since the object was last made.
    #[serde(default)]
    pub quota_visits: u64,
}

/// A session that counts, as its account knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// The name of its object.
    pub name: String,
    /// What it was opened with; an earlier version did not note it.
    pub grant: Option<GrantId>,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last used, to within 6 hours.
    pub seen: Timestamp,
}
