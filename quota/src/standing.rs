//! How much a user has left, as a client is told.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Family, Policy, SlotNumber, Window};

/// What bounds calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    /// The bucket of a window.
    Rate(Window),
    /// How many run at once.
    Concurrent,
}

impl Limit {
    /// The name of what bounds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rate(window) => window.name(),
            Self::Concurrent => "concurrent",
        }
    }
}

/// What is left of the limit that binds first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The limit.
    pub limit: Limit,
    /// Units left of it.
    pub remaining: u32,
    /// How long until there may be more, in whole seconds.
    pub reset: Duration,
}

/// A call does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("a call of {family} is beyond the limit {}", standing.limit.name())]
pub struct Refused {
    /// The family whose limits they are.
    pub family: Family,
    /// Those limits.
    pub policy: Policy,
    /// The one that keeps the call waiting longest.
    pub standing: Standing,
    /// How long to wait, in whole seconds and at least one; none if the call
    /// weighs more than the bucket holds, and so is never admitted.
    ///
    /// Who waits exactly that long gets through, if nobody else of the same user
    /// comes first and, where too many run at once, whoever holds a permit has
    /// ended or died. A call that goes on running keeps its permit.
    pub retry_after: Option<Duration>,
    /// What is kept for the call, if it comes back after that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<SlotNumber>,
}
