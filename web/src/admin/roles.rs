//! The roles, and what they allow.

use askama::Template;

use super::AdminFrame;
use crate::{Hidden, ScopeView, Shown, document::document};

/// Lists the roles with a form each to change it, and one for a new role.
///
/// Each form is posted to [`RolesPage::action`] with [`RolesPage::form_fields`],
/// `do` (`save`, `add` or `delete`), `name`, `permissions` and, but for a new role,
/// `was`, the permissions that it had when the page was opened.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/roles.html")]
pub struct RolesPage {
    /// What stands around it.
    pub frame: AdminFrame,
    /// The roles there are.
    pub roles: Vec<RoleRow>,
    /// The form for a new one.
    pub new: NewRole,
    /// Permissions that can be named, with what they allow.
    pub permissions: Vec<ScopeView>,
    /// For how long tokens that are out go on, in words such as `15 minutes`.
    pub token_life: String,
    /// Hidden fields of the forms: the CSRF token and what it belongs to.
    pub form_fields: Vec<Hidden>,
    /// Where the forms are posted: a path of our own.
    pub action: &'static str,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Its name, as [`Shown::name`].
    pub name: Shown,
    /// Its name, as the form sends it.
    pub sent_name: String,
    /// Which kind of role it is.
    pub kind: RoleKind,
    /// What it allows, as [`Shown::prose`].
    pub permissions: Shown,
    /// What stands in its field.
    pub typed: String,
    /// What it allowed when the page was opened, as the form sends it.
    pub was: String,
    /// How many have it by a row of theirs.
    pub users: u32,
    /// Where those are listed: a path of our own with a query.
    pub users_href: String,
    /// What is wrong with what stands in its field, as [`Shown::prose`].
    pub problem: Option<Shown>,
    /// Whether its form is open at first.
    pub open: bool,
}

/// Which kind of role it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleKind {
    /// `admin`, which nobody changes.
    Admin,
    /// `user` as it is built in.
    BuiltInUser,
    /// `user` as an admin wrote it.
    WrittenUser,
    /// Any other.
    Other,
}

/// The form for a new role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRole {
    /// What stands in the field of its name.
    pub name: String,
    /// What stands in the field of its permissions.
    pub permissions: String,
    /// What is wrong with the name, as [`Shown::prose`].
    pub name_problem: Option<Shown>,
    /// What is wrong with the permissions, as [`Shown::prose`].
    pub problem: Option<Shown>,
}

impl RolesPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}

impl RoleRow {
    fn is_admin(&self) -> bool {
        self.kind == RoleKind::Admin
    }

    fn is_built_in(&self) -> bool {
        matches!(self.kind, RoleKind::Admin | RoleKind::BuiltInUser)
    }

    fn is_user(&self) -> bool {
        matches!(self.kind, RoleKind::BuiltInUser | RoleKind::WrittenUser)
    }
}
