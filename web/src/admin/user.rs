//! One user, and what an admin may do about them.

use askama::Template;

use super::{AdminFrame, UserRow};
use crate::{Hidden, Moment, Shown, document::document};

/// Says who a user is and how much they hold, with a form for their roles, and
/// buttons to end everything and to disable them.
///
/// Each form is posted to [`UserPage::action`] with [`UserPage::form_fields`] and
/// `do`: `roles` with `had` and the fields of what is ticked, `policy` with `policy`,
/// `end`, `disable` or `enable`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/user.html")]
pub struct UserPage {
    /// What stands around it.
    pub frame: AdminFrame,
    /// Who it is.
    pub user: UserRow,
    /// The account, which tokens name.
    pub account: String,
    /// Since when it is disabled, if it is.
    pub disabled: Option<Moment>,
    /// How much there is of each thing.
    pub counts: [Count; 6],
    /// The roles there are.
    pub roles: Vec<RoleChoice>,
    /// The names of those that are ticked and can be unticked, with spaces between
    /// them.
    pub had: String,
    /// The policies that the user can be given as their own: name, and whether it is.
    pub policies: Vec<(String, bool)>,
    /// For how long tokens that are out go on, in words such as `15 minutes`.
    pub token_life: String,
    /// Whether it is the person who looks at the page.
    pub oneself: bool,
    /// Hidden fields of the forms: the CSRF token and what it belongs to.
    pub form_fields: Vec<Hidden>,
    /// Where the forms are posted: a path of our own.
    pub action: String,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// What.
    pub label: &'static str,
    /// How many.
    pub number: i64,
}

/// A role that the user has or may get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChoice {
    /// Its name, as [`Shown::name`].
    pub name: Shown,
    /// What it allows, as [`Shown::prose`].
    pub permissions: Option<Shown>,
    /// What is to be said of it.
    pub note: Option<&'static str>,
    /// The field of the form by which it is ticked; `None` if that is not done here.
    pub field: Option<String>,
    /// Whether the user has it.
    pub ticked: bool,
}

impl UserPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
