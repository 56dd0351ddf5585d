//! The root secrets and signing keys, by their names.

use askama::Template;

use super::AdminFrame;
use crate::{Moment, Shown, document::document};

/// Says which root secrets and signing keys there are, and how to replace them;
/// nothing of what they are.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "admin/keys.html")]
pub struct KeysPage {
    /// What stands around it.
    pub frame: AdminFrame,
    /// The root secrets, the oldest first.
    pub secrets: Vec<SecretRow>,
    /// The ids (`kid`) of the keys of the JWKS, as [`Shown::prose`], that of the one
    /// that signs first.
    pub keys: Vec<Shown>,
    /// Where the JWKS is: a path of our own.
    pub jwks: &'static str,
}

/// A root secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// The name of its variable.
    pub name: String,
    /// Whether it makes what is new.
    pub makes: bool,
    /// What it does, in words.
    pub about: &'static str,
    /// From when it makes what is new, if it says so.
    pub from: Option<Moment>,
}

impl KeysPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
