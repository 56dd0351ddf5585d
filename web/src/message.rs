//! The message page: what happened, and what to do about it.

use askama::Template;

use crate::{Shown, document::document};

/// An error or a notice for a person, such as a login that expired, a
/// missing cookie, a provider that said no or is down.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// A few words, such as "This login has expired".
    pub title: String,
    /// What happened, as [`Shown::prose`].
    pub what_happened: Shown,
    /// What the person can do now, as [`Shown::prose`].
    pub what_to_do: Shown,
    /// The one thing most people will want to do next.
    pub action: Option<Link>,
    /// The HTTP status the page is sent with; from 400 on it is an error.
    pub status: u16,
}

/// A link that looks like a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads: a path of our own, never an address somebody gave us.
    pub href: String,
    /// What it says, such as "Start again".
    pub label: String,
}

impl MessagePage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }

    /// Whether the page tells of something that went wrong.
    fn is_error(&self) -> bool {
        self.status >= 400
    }
}
