//! What an account holds for its user: sessions, handles and tasks.

use serde::{Deserialize, Serialize};

/// What an account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A session.
    Session,
    /// The state handle of a stateless client.
    Handle,
    /// A task.
    Task,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Session, Self::Handle, Self::Task];
}

/// One thing that an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// What it is.
    pub kind: Kind,
    /// The name of its object.
    pub name: String,
}
