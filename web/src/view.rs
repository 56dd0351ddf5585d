//! What several pages show: the app that asks, the person, the scopes.

use crate::Shown;

/// The app (OAuth client) that asks for access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientView {
    /// The name the app gave itself, as [`Shown::name`].
    pub name: Shown,
    /// The host that vouches for the app: that of its Client ID Metadata
    /// Document, as [`Shown::host`]. `None` where nobody does.
    pub client_id_host: Option<Shown>,
    /// Where the answer goes: host and port of the redirect URI, or its
    /// scheme where it has no host, as [`Shown::host`].
    pub redirect_host: Shown,
    /// Whether every redirect URI of the app is on the person's own computer,
    /// so that no host tells this app from another one there.
    pub loopback_only: bool,
    /// The web page the app names as its own (`client_uri`, RFC 7591
    /// section 2), as [`Shown::host`]. It is shown as text and never as a
    /// link, as nobody checked it.
    pub uri: Option<Shown>,
}

/// The person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserView {
    /// What the provider calls the person, as [`Shown::name`].
    pub display_name: Shown,
    /// What the person signed in with, such as "GitHub", as [`Shown::name`].
    pub provider_name: Shown,
}

impl UserView {
    /// The letter in the round picture beside the name.
    pub(crate) fn initial(&self) -> String {
        let first = self
            .display_name
            .as_str()
            .chars()
            .find(|char| char.is_alphanumeric());
        first.map_or_else(|| "·".to_owned(), |char| char.to_uppercase().collect())
    }
}

/// One scope (RFC 6749 section 3.3) that the app asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeView {
    /// The scope as the protocol writes it, as [`Shown::name`].
    pub name: Shown,
    /// What it allows, in words such as "Read your notes", as [`Shown::prose`].
    /// Without any, its name has to do.
    pub words: Option<Shown>,
    /// The field of the consent form by which it is ticked; `None` for what every
    /// app gets.
    pub field: Option<String>,
}

/// A hidden field of a form, such as the CSRF token or the sealed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// The field's name.
    pub name: String,
    /// The field's value.
    pub value: String,
}

impl Hidden {
    /// A hidden field with this name and value.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}
