//! Policies: how many calls users may make.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Example, words};

/// Most characters of a policy's name.
pub const POLICY_NAME_CHARS_MAX: usize = 40;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What it allows; null if what is kept cannot be read, and whoever has it has the
    /// limits of the configuration.
    pub document: Option<Map<String, Value>>,
    /// The roles that have it.
    pub roles: Vec<String>,
    /// How many users have it as their own.
    pub users: u32,
}

/// A policy to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPolicy {
    /// Its name.
    #[schemars(
        length(min = 1, max = POLICY_NAME_CHARS_MAX),
        regex(pattern = r"^[a-z0-9_-]+$")
    )]
    pub name: String,
    /// What it allows: `per_second`, `per_minute`, `per_day` and `concurrent`, and the
    /// same for families of tools under `families`.
    pub document: Map<String, Value>,
}

/// What a policy shall allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavePolicy {
    /// What it allows.
    pub document: Map<String, Value>,
}

/// Which policy a role or user has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Its name.
    #[schemars(
        length(min = 1, max = POLICY_NAME_CHARS_MAX),
        regex(pattern = r"^[a-z0-9_-]+$")
    )]
    pub policy: String,
}

fn document() -> Map<String, Value> {
    let document = json!({ "per_minute": { "amount": 120, "burst": 60 }, "concurrent": 8 });
    document.as_object().cloned().unwrap_or_default()
}

impl Example for Policy {
    fn example() -> Self {
        Self {
            name: "generous".to_owned(),
            document: Some(document()),
            roles: words(&["help-desk"]),
            users: 0,
        }
    }
}

impl Example for AddPolicy {
    fn example() -> Self {
        Self {
            name: "generous".to_owned(),
            document: document(),
        }
    }
}

impl Example for SavePolicy {
    fn example() -> Self {
        Self {
            document: document(),
        }
    }
}

impl Example for Given {
    fn example() -> Self {
        Self {
            policy: "generous".to_owned(),
        }
    }
}
