//! The account page: what acts for you, and where you are signed in.

use askama::Template;

use crate::{AdminLink, Hidden, Moment, ScopeView, Shown, UserView, document::document};

/// Lists the apps that have access, the open sessions and the browsers that are
/// signed in, with a button to end each.
///
/// All buttons belong to one form, which is posted to [`AccountPage::action`] with
/// [`AccountPage::form_fields`] and what the button says: `revoke` with the id of
/// an app's access, `end` with that of a session, `sign-out` with that of a login
/// session or with `this`, `others` or `all`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// Who is signed in, and with what.
    pub user: UserView,
    /// The apps that have access.
    pub apps: Vec<AppView>,
    /// The sessions that are open.
    pub sessions: Vec<SessionView>,
    /// The browsers that are signed in.
    pub logins: Vec<LoginView>,
    /// How many API keys stand.
    pub keys: usize,
    /// Where they are: a path of our own.
    pub keys_href: &'static str,
    /// Where usage is shown: a path of our own.
    pub usage_href: &'static str,
    /// Where it is shown what was done, likewise.
    pub audit_href: &'static str,
    /// The pages for admins that the person may see.
    pub admin: Vec<AdminLink>,
    /// What was just done, in our words.
    pub notice: Option<&'static str>,
    /// Hidden fields of the form: the CSRF token and what it belongs to.
    pub form_fields: Vec<Hidden>,
    /// Where the form is posted: a path of our own.
    pub action: String,
}

/// An app that has access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppView {
    /// The value of `revoke` that ends its access.
    pub id: String,
    /// What it calls itself, as [`Shown::name`].
    pub name: Shown,
    /// The host behind it, as [`Shown::host`].
    pub host: Option<Shown>,
    /// What it may do.
    pub scopes: Vec<ScopeView>,
    /// When the person allowed it.
    pub granted: Moment,
    /// When it last used that.
    pub used: Moment,
}

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// The value of `end` that ends it.
    pub id: String,
    /// The app that opened it, as [`Shown::name`]; `None` if that is unknown.
    pub app: Option<Shown>,
    /// When.
    pub opened: Moment,
    /// When it was last used.
    pub used: Moment,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginView {
    /// The value of `sign-out` that signs it out.
    pub id: String,
    /// Its family and system, as [`Shown::name`].
    pub browser: Shown,
    /// The beginning of its address, as [`Shown::name`].
    pub network: Option<Shown>,
    /// When it was signed in.
    pub begun: Moment,
    /// When it was last here.
    pub used: Moment,
    /// Whether it is the one that asks.
    pub this: bool,
}

impl AccountPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
