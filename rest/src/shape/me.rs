//! Who is asking.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Example, moment, words};
use crate::operation::{ACCOUNT_READ, ACCOUNT_WRITE};

/// Who you are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Me {
    /// The name of your account.
    pub account: String,
    /// What your login provider calls you.
    pub name: Option<String>,
    /// The provider's id in the configuration.
    pub provider: String,
    /// The provider's issuer.
    pub issuer: String,
    /// Who you are there.
    pub subject: String,
    /// Your roles; `user` if you have no other.
    pub roles: Vec<String>,
    /// Whether the configuration names you an admin, whatever your roles are.
    pub admin_by_configuration: bool,
    /// How this request showed who you are.
    pub credential: Credential,
    /// What the key or token allows of what your roles do; null for a login session,
    /// which has no scopes.
    pub scopes: Option<Vec<String>>,
    /// The permissions of this API that you have with this credential.
    pub permissions: Vec<String>,
    /// For a login session: what the field `X-CSRF-Token` has to be, for an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
}

/// What shows who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Credential {
    /// A key.
    ApiKey {
        /// Its id.
        id: String,
        /// What you call it.
        name: String,
        /// When it ends.
        expires: Timestamp,
    },
    /// An app's access token.
    AccessToken {
        /// The app.
        client_id: String,
        /// What the app calls itself.
        client_name: Option<String>,
        /// What it was granted: `/me/grants` has it.
        grant: String,
        /// When the token ends.
        expires: Timestamp,
    },
    /// The browser in which you are logged in.
    LoginSession {
        /// Its id: `/me/logins` has it.
        id: String,
    },
}

impl Example for Me {
    fn example() -> Self {
        Self {
            account: "pXf0Zy1Wqk2c5JdH8sLr9Q".to_owned(),
            name: Some("Ada".to_owned()),
            provider: "github".to_owned(),
            issuer: "https://github.com".to_owned(),
            subject: "583231".to_owned(),
            roles: words(&["user"]),
            admin_by_configuration: false,
            credential: Credential::ApiKey {
                id: "3q2-7wABAgME".to_owned(),
                name: "backup".to_owned(),
                expires: moment("2027-02-19T12:00:00Z"),
            },
            scopes: Some(words(&["mcp", ACCOUNT_READ, ACCOUNT_WRITE])),
            permissions: words(&[ACCOUNT_READ, ACCOUNT_WRITE]),
            csrf_token: None,
        }
    }
}
