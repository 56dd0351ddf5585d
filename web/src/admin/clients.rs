//! The clients that the configuration names.

use askama::Template;

use super::AdminFrame;
use crate::{Shown, document::document};

/// Lists the clients of the configuration; nothing of their secrets.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/clients.html")]
pub struct ClientsPage {
    /// What stands around it.
    pub frame: AdminFrame,
    /// In the order of the configuration.
    pub clients: Vec<ClientRow>,
}

/// A client of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRow {
    /// Its id, as [`Shown::prose`].
    pub id: Shown,
    /// Its name, as [`Shown::name`].
    pub name: Shown,
    /// How it proves itself, such as `client_secret_basic` (RFC 7591 section 2).
    pub authentication: &'static str,
    /// Where its keys are, as [`Shown::prose`], if they are not in the
    /// configuration.
    pub keys_at: Option<Shown>,
    /// Its grant types (RFC 7591 section 2).
    pub grant_types: Vec<&'static str>,
    /// What it may have without a person being asked, with spaces between them: no
    /// text that deceives, as scopes are plain.
    pub scopes: String,
    /// Where answers may go, as [`Shown::prose`].
    pub redirect_uris: Vec<Shown>,
}

impl ClientsPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
