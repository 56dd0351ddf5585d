//! Task ids: the random name of an object and a MAC over that name and the
//! task's owner, so that a stranger's id is refused without asking the object
//! (T-09, L-TASK-07, SEC-01).

use crate::mac::{NameKey, OwnedName};

/// A task's id that was verified for the account that presented it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskId(OwnedName);

const PURPOSE: &str = "task";

impl TaskId {
    /// A new id of a task of `account`.
    pub fn mint(key: &NameKey, account: &str, random: [u8; 16]) -> Self {
        Self(OwnedName::mint(key, PURPOSE, account, random))
    }

    /// The id, if it was minted by us for this account.
    pub fn verify(key: &NameKey, account: &str, text: &str) -> Option<Self> {
        OwnedName::verify(key, PURPOSE, account, text).map(Self)
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
