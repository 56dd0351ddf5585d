//! The consent page: may this app act for you?

use askama::Template;

use crate::{ClientView, Hidden, ScopeView, UserView, document::document};

/// Names the app, where the answer goes, what the app may do and who is
/// signed in, and asks (RFC 6749 section 10.2, MCP authorization: "Confused
/// Deputy Problem").
///
/// The decision is posted to [`ConsentPage::action`] as `decision=allow` or
/// `decision=deny`, with the [`ScopeView::field`] of each scope that is ticked;
/// all are at first. Another account is asked for at `/login/switch`. Both
/// carry [`ConsentPage::form_fields`].
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// The app that asks.
    pub client: ClientView,
    /// Who is signed in, and with what.
    pub user: UserView,
    /// What the app asks for, as far as it can be allowed.
    pub scopes: Vec<ScopeView>,
    /// Hidden fields of both forms: the CSRF token and the sealed request.
    pub form_fields: Vec<Hidden>,
    /// Where the decision is posted: a path of our own.
    pub action: String,
}

impl ConsentPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
