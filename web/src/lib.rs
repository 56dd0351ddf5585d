//! The pages a person sees: start, login, consent, account, those for admins, and
//! what went wrong.
//!
//! Every page is a plain struct with a `render` that returns the whole HTML
//! document. Text that somebody else chose (an app's name, a host, a person's
//! name) comes in as [`Shown`], so that no page can show it raw.
//!
//! The pages work without script and bring their own style sheet, so that
//! they can be served under [`CONTENT_SECURITY_POLICY`]. Where there is a chart, a
//! script draws the table that the page has in any case. This crate knows no
//! HTTP and no routes of its own beyond the form targets `/login/start` and
//! `/login/switch`; it decides nothing about who may do what.

mod account;
mod admin;
mod api_keys;
mod assets;
mod audit;
mod consent;
mod document;
mod login;
mod message;
mod moment;
mod shown;
mod start;
mod usage;
mod view;

pub use account::{AccountPage, AppView, LoginView, SessionView};
pub use admin::{
    AdminFrame, AdminLink, ClientRow, ClientsPage, Count, KeysPage, NewRole, PoliciesPage,
    PolicyRow, RoleChoice, RoleKind, RoleRow, RolesPage, SecretRow, UserPage, UserRow, UsersPage,
};
pub use api_keys::{ApiKeyView, ApiKeysPage, MadeKeyView};
pub use assets::{
    ASSET_CACHE_CONTROL, Asset, CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_OF_CHARTS,
    MARK_PATH, MARK_SVG, STYLE_CSS, STYLE_PATH, asset,
};
pub use audit::{AuditOutcome, AuditPage, AuditRow};
pub use consent::ConsentPage;
pub use login::{DEVELOPMENT_NAME_CHARS_MAX, LoginPage, ProviderChoice, ProviderKind};
pub use message::{Link, MessagePage};
pub use moment::Moment;
pub use shown::{HOST_CHARS_MAX, NAME_CHARS_MAX, PROSE_CHARS_MAX, RECORD_CHARS_MAX, Shown};
pub use start::StartPage;
pub use usage::{Choice, Filter, UsagePage, UsageShare, UsageShares, UsageStep, UsageSums};
pub use view::{ClientView, Hidden, ScopeView, UserView};
