//! The pages for admins below the account page: users, roles, policies, clients, keys.
//!
//! Each stands in the same [`AdminFrame`]. Who may see which is decided elsewhere;
//! a page links only to those that it is told.

mod clients;
mod keys;
mod policies;
mod roles;
mod user;
mod users;

pub use clients::{ClientRow, ClientsPage};
pub use keys::{KeysPage, SecretRow};
pub use policies::{PoliciesPage, PolicyRow};
pub use roles::{NewRole, RoleKind, RoleRow, RolesPage};
pub use user::{Count, RoleChoice, UserPage};
pub use users::{UserRow, UsersPage};

use crate::Shown;

/// What stands around each page for admins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminFrame {
    /// The pages that the person may see.
    pub pages: Vec<AdminLink>,
    /// What was just done, in our words.
    pub notice: Option<&'static str>,
    /// Why what was asked was not done, as [`Shown::prose`].
    pub refusal: Option<Shown>,
}

/// A link to one of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdminLink {
    /// Where it leads: a path of our own.
    pub href: &'static str,
    /// What it says.
    pub label: &'static str,
    /// What is behind it, in some words.
    pub about: &'static str,
    /// Whether it is where the person is.
    pub here: bool,
}
