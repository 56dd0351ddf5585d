//! The list of users.

use askama::Template;

use super::AdminFrame;
use crate::{Moment, Shown, document::document};

/// Lists users, the newest login first, a page at a time, with a field to search.
///
/// The search is sent with `GET` to [`UsersPage::action`], as `q`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/users.html")]
pub struct UsersPage {
    /// What stands around it.
    pub frame: AdminFrame,
    /// What was searched for, as it was typed.
    pub search: String,
    /// Most characters of it.
    pub search_chars_max: usize,
    /// The role that all of these have, if that was asked.
    pub role: Option<Shown>,
    /// Those of this page.
    pub users: Vec<UserRow>,
    /// Where the next page is: a path of our own with a query.
    pub next: Option<String>,
    /// Where the first page is, unless it is this one.
    pub first: Option<String>,
    /// Where the search goes: a path of our own.
    pub action: &'static str,
}

/// A user as the list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Where the user's page is.
    pub href: String,
    /// What the provider calls them, as [`Shown::name`].
    pub name: Shown,
    /// What they log in with, as [`Shown::name`].
    pub provider: Shown,
    /// Who they are there, as [`Shown::prose`].
    pub subject: Shown,
    /// The provider's issuer, as [`Shown::prose`].
    pub issuer: Shown,
    /// Their roles, as [`Shown::name`].
    pub roles: Vec<Shown>,
    /// Whether the configuration names them an admin.
    pub in_configuration: bool,
    /// When they first logged in.
    pub first_login: Moment,
    /// When they last did.
    pub last_login: Moment,
}

impl UsersPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }

    /// Whether only some are asked for.
    fn filters(&self) -> bool {
        !self.search.is_empty() || self.role.is_some()
    }
}
