//! The page of a person's API keys.

use askama::Template;

use crate::{Hidden, Moment, ScopeView, Shown, document::document};

/// Lists the keys, with buttons to rotate and to revoke each, and a form for a new
/// one; shows the text of one that was just made, which no other page does.
///
/// Both forms are posted to [`ApiKeysPage::action`] with
/// [`ApiKeysPage::form_fields`]: `rotate` or `revoke` with the id of a key, or `do`
/// with `make` and the fields `name`, `days` and those of the scopes, or with `look` and
/// the field `key`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "api_keys.html")]
pub struct ApiKeysPage {
    /// A key that was just made or rotated.
    pub made: Option<MadeKeyView>,
    /// The keys, those that have ended among them.
    pub keys: Vec<ApiKeyView>,
    /// What a new one can be for.
    pub scopes: Vec<ScopeView>,
    /// What was typed as the name of a new one that was refused.
    pub name: String,
    /// Longest name, in characters.
    pub name_chars_max: usize,
    /// For how many days a new one can be good; the first is proposed.
    pub days: &'static [u16],
    /// What was just done, in our words.
    pub notice: Option<&'static str>,
    /// Why what was asked was not done, in our words.
    pub refusal: Option<&'static str>,
    /// Hidden fields of the forms: the CSRF token and what it belongs to.
    pub form_fields: Vec<Hidden>,
    /// Where the forms are posted: a path of our own.
    pub action: &'static str,
}

/// A key that was just made or rotated.
#[derive(Clone, PartialEq, Eq)]
pub struct MadeKeyView {
    /// Its name, as [`Shown::name`].
    pub name: Shown,
    /// Its whole text: base64url and underscores.
    pub text: String,
    /// Until when its former secret is good, if it had one.
    pub former_until: Option<Moment>,
}

impl std::fmt::Debug for MadeKeyView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MadeKeyView({}, redacted)", self.name.as_str())
    }
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyView {
    /// The value of `rotate` and `revoke`.
    pub id: String,
    /// Its name, as [`Shown::name`].
    pub name: Shown,
    /// What its text begins with.
    pub begins: String,
    /// What it may do.
    pub scopes: Vec<ScopeView>,
    /// When it got its secret.
    pub made: Moment,
    /// When it was last used.
    pub used: Option<Moment>,
    /// When it ends by itself.
    pub expires: Moment,
    /// Until when its former secret is good, if it is.
    pub former_until: Option<Moment>,
    /// `revoked` or `expired`, if it has ended.
    pub ended: Option<&'static str>,
}

impl ApiKeysPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
