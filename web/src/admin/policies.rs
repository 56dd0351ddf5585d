//! The policies of the quota, and whose they are.

use askama::Template;

use super::AdminFrame;
use crate::{Hidden, Shown, document::document};

/// Lists the policies with a form each to change it, and one for a new one.
///
/// Each form is posted to [`PoliciesPage::action`] with [`PoliciesPage::form_fields`],
/// `do` (`save`, `add`, `delete`, `give` or `take`), `name`, and `document` with `was`,
/// or `role`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/policies.html")]
pub struct PoliciesPage {
    /// What stands around it.
    pub frame: AdminFrame,
    /// The policies there are.
    pub policies: Vec<PolicyRow>,
    /// The roles that can be given one.
    pub roles: Vec<String>,
    /// What stands in the form for a new one: name, document.
    pub new: (String, String),
    /// What is wrong with that, as [`Shown::prose`].
    pub problem: Option<Shown>,
    /// Most characters of a document.
    pub document_chars_max: usize,
    /// Hidden fields of the forms: the CSRF token and what it belongs to.
    pub form_fields: Vec<Hidden>,
    /// Where the forms are posted: a path of our own.
    pub action: &'static str,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// Its name.
    pub name: String,
    /// What it allows, in words.
    pub words: Shown,
    /// What stands in its field.
    pub document: String,
    /// Its revision when the page was opened.
    pub was: u32,
    /// The roles that have it.
    pub roles: Vec<String>,
    /// How many users have it as their own.
    pub users: u32,
    /// What is wrong with what stands in its field, as [`Shown::prose`].
    pub problem: Option<Shown>,
}

impl PoliciesPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
