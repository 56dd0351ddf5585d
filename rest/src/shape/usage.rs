//! How much was used.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Example, moment};

/// What was used, of whatever the line tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Usage {
    /// When the hour or day begins; null without `every`.
    pub begins: Option<Timestamp>,
    /// Who; null if lines do not tell. Empty for who is not known.
    pub account: Option<String>,
    /// Which tool; null if lines do not tell.
    pub tool: Option<String>,
    /// Which app or key; null if lines do not tell.
    pub client: Option<String>,
    /// Calls that were made, whatever came of them.
    pub calls: u64,
    /// Those of them that went wrong.
    pub errors: u64,
    /// Calls that were not let through; these are no calls.
    pub refused: u64,
    /// Rows written in objects.
    pub rows_written: u64,
    /// Time that tools took, in microseconds.
    pub micros: u64,
}

impl Example for Usage {
    fn example() -> Self {
        Self {
            begins: Some(moment("2026-11-21T00:00:00Z")),
            account: None,
            tool: Some("note_write".to_owned()),
            client: None,
            calls: 120,
            errors: 2,
            refused: 1,
            rows_written: 120,
            micros: 4_200_000,
        }
    }
}
