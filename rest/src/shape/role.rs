//! Roles, and who has which.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Example, words};

/// Most characters of a role's name.
pub const ROLE_NAME_CHARS_MAX: usize = 40;
/// Most roles of one user.
pub const ROLES_PER_USER_MAX: usize = 20;
/// Most permissions of one role; all together have at most 1,000 characters.
pub const PERMISSIONS_MAX: usize = 500;

/// What a role allows or takes out: `notes:read`, all that begin with `notes:*`, or
/// everything with `*`; after `!`, what is taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Permission(
    #[schemars(regex(pattern = r"^!?([A-Za-z0-9][A-Za-z0-9:._/-]{0,39}\*?|\*)$"))] pub String,
);

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub permissions: Vec<String>,
    /// Whether it is as it is built in, and stands in no database.
    pub built_in: bool,
    /// How many users were given it.
    pub users: u32,
}

/// A role to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddRole {
    /// Its name; `admin` is none.
    #[schemars(
        length(min = 1, max = ROLE_NAME_CHARS_MAX),
        regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
        extend("not" = { "const": "admin" })
    )]
    pub name: String,
    /// What it allows.
    #[schemars(length(max = PERMISSIONS_MAX))]
    pub permissions: Vec<Permission>,
}

/// What a role shall allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveRole {
    /// What it allows.
    #[schemars(length(max = PERMISSIONS_MAX))]
    pub permissions: Vec<Permission>,
}

/// The roles that a user was given; none for who has the default role alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRoles {
    /// Their names.
    #[schemars(
        length(max = ROLES_PER_USER_MAX),
        inner(
            length(min = 1, max = ROLE_NAME_CHARS_MAX),
            regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
        )
    )]
    pub roles: Vec<String>,
}

fn permissions() -> Vec<Permission> {
    words(&["notes:*", "!notes:delete"])
        .into_iter()
        .map(Permission)
        .collect()
}

impl Example for Role {
    fn example() -> Self {
        Self {
            name: "help-desk".to_owned(),
            permissions: words(&["notes:*", "!notes:delete"]),
            built_in: false,
            users: 2,
        }
    }
}

impl Example for AddRole {
    fn example() -> Self {
        Self {
            name: "help-desk".to_owned(),
            permissions: permissions(),
        }
    }
}

impl Example for SaveRole {
    fn example() -> Self {
        Self {
            permissions: permissions(),
        }
    }
}

impl Example for UserRoles {
    fn example() -> Self {
        Self {
            roles: words(&["help-desk"]),
        }
    }
}
