//! What is sent and answered.

mod acting;
mod key;
mod list;
mod me;
mod policy;
mod record;
mod role;
mod usage;
mod user;
mod whole;

pub use acting::{Grant, Login, Session};
pub use key::{
    Key, KeyState, KeyWithText, LIFE_SECONDS_MAX, LIFE_SECONDS_MIN, MakeKey, NAME_CHARS_MAX,
    OVERLAP_SECONDS_MAX, RotateKey, SCOPES_MAX, is_name,
};
pub use list::List;
pub use me::{Credential, Me};
pub use policy::{AddPolicy, Given, POLICY_NAME_CHARS_MAX, Policy, SavePolicy};
pub use record::Row;
pub use role::{
    AddRole, PERMISSIONS_MAX, Permission, ROLE_NAME_CHARS_MAX, ROLES_PER_USER_MAX, Role, SaveRole,
    UserRoles,
};
pub use usage::Usage;
pub use user::{Holds, User, UserDetail};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use crate::problem::{Code, Problem};

/// A type, as the table names it.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Its schema; a reference, if it has a name.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// One of it.
    pub example: fn() -> Value,
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shape")
    }
}

/// What can be shown in the document.
pub trait Example: JsonSchema + Serialize {
    /// One that could be real.
    fn example() -> Self;
}

impl Shape {
    pub(crate) const fn of<T: Example>() -> Self {
        Self {
            schema: |generator| generator.subschema_for::<T>(),
            example: || serde_json::to_value(T::example()).unwrap_or_default(),
        }
    }
}

impl Example for Problem {
    fn example() -> Self {
        Self::new(
            Code::NotFound,
            "There is nothing at this path, or you may not see it.",
        )
    }
}

/// The document about all this.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Document(serde_json::Map<String, Value>);

impl Example for Document {
    fn example() -> Self {
        Self(
            [("openapi".to_owned(), Value::from("3.1.0"))]
                .into_iter()
                .collect(),
        )
    }
}

/// A moment for examples.
fn moment(text: &str) -> jiff::Timestamp {
    text.parse().unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}
