//! The login page: who are you, and with what do you say so?

use askama::Template;

use crate::{ClientView, Hidden, ScopeView, Shown, document::document};

/// Longest name the development login's field takes, in UTF-16 code units
/// (HTML, `maxlength`): a person's name and more. Whoever reads the form has
/// to check it again.
pub const DEVELOPMENT_NAME_CHARS_MAX: usize = 64;

/// The choice of a login provider, for an app that asks or for a plain login.
///
/// Each choice is a form that posts [`LoginPage::form_fields`] and `provider`
/// to `/login/start`; the development login adds `name`.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    /// The app that sent the person here, if one did.
    pub client: Option<ClientView>,
    /// What that app asks for.
    pub scopes: Vec<ScopeView>,
    /// The configured providers, in the order they are offered.
    pub providers: Vec<ProviderChoice>,
    /// Hidden fields of every form: the CSRF token and the sealed request.
    pub form_fields: Vec<Hidden>,
    /// Why the last attempt failed, in a sentence or two, as
    /// [`Shown::prose`].
    pub error: Option<Shown>,
    /// What has just happened, such as "You are signed out.", as
    /// [`Shown::prose`].
    pub notice: Option<Shown>,
}

/// One way to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderChoice {
    /// The value of the form field `provider`: the provider's name in the
    /// configuration.
    pub id: String,
    /// What follows "Continue with" on the button, as [`Shown::name`]. The
    /// development login has words of its own and does not use it.
    pub label: Shown,
    /// Which mark the button bears, and which form it has.
    pub kind: ProviderKind,
}

/// The kinds of provider that look different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderKind {
    /// GitHub or a GitHub Enterprise server.
    GitHub,
    /// Google.
    Google,
    /// Any other `OpenID` provider.
    OpenId,
    /// The development login: a typed name, and some names to pick from.
    Development {
        /// Names offered as buttons. They are ours, from the configuration.
        suggested: Vec<String>,
    },
}

impl LoginPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
