//! Task ids: the random name of an object and a MAC over that name and the
//! task's owner, so that a stranger's id is refused without asking the object
//! (T-09, L-TASK-07, SEC-01).

use crate::mac::{NameKey, OwnedName};

/// A task's id that was verified for the account that presented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskId(OwnedName);

/// The two flows of tasks, whose ids are not exchangeable (T-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The tasks of 2025-11-25.
    Session,
    /// The extension of 2026-07-28.
    Stateless,
}

impl Flow {
    fn purpose(self) -> &'static str {
        match self {
            Self::Session => "session task",
            Self::Stateless => "task",
        }
    }
}

impl TaskId {
    /// A new id of a task of `account`.
    pub fn mint(flow: Flow, key: &NameKey, account: &str, random: [u8; 16]) -> Self {
        Self(OwnedName::mint(key, flow.purpose(), account, random))
    }

    /// The id, if it was minted by us for this account.
    pub fn verify(flow: Flow, key: &NameKey, account: &str, text: &str) -> Option<Self> {
        OwnedName::verify(key, flow.purpose(), account, text).map(Self)
    }

    /// The name of its object.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What the client passes.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }
}
