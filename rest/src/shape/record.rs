//! What happened.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::Example;

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Row {
    /// Its number in the chain.
    pub seq: u64,
    /// Its hash, which is made of the record, the number, and the hash of the row
    /// before.
    pub hash: String,
    /// What happened: `at` in milliseconds since 1970, `kind`, `name`, `outcome` and, where
    /// they are known, `actor`, `address`, `target`, `permission`, `arguments`, `why`,
    /// `times` and `cost`. Null if it cannot be read, which only a change by other hands
    /// or a newer version brings.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub record: Value,
}

impl Example for Row {
    fn example() -> Self {
        Self {
            seq: 4_711,
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            record: json!({
                "at": 1_795_262_400_000_u64,
                "kind": "tool",
                "actor": { "account": "pXf0Zy1Wqk2c5JdH8sLr9Q", "client": "key:backup" },
                "name": "note_write",
                "permission": "notes:write",
                "outcome": "ok",
            }),
        }
    }
}
