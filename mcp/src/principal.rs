//! Who is asking, as far as sessions and tools need to know.
//!
//! Whether that is true was decided before, by the authorization rules.

use serde::{Deserialize, Serialize};

/// The account of everybody who calls a public server without a token. What is
/// theirs is guarded by its unguessable name alone.
pub const ANONYMOUS: &str = "anonymous";

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Our name for the user: who owns sessions, handles and tasks.
    pub account: String,
    /// The account whose quota pays for calls: the user's own, or of anonymous
    /// callers one for each address.
    pub ledger: String,
    /// The provider the user logged in with, such as `github`.
    pub provider: String,
    /// That provider's issuer.
    pub issuer: String,
    /// The user's name there: with the issuer, what the user is known by.
    pub subject: String,
    /// The OAuth client's name as it registered, for display only.
    pub client: String,
    /// What the user granted to the client.
    pub scopes: Vec<String>,
}

impl Principal {
    /// Somebody who calls without a token, and is told apart by address only.
    pub fn anonymous(ledger: String) -> Self {
        Self {
            account: ANONYMOUS.to_owned(),
            ledger,
            provider: ANONYMOUS.to_owned(),
            issuer: ANONYMOUS.to_owned(),
            subject: ANONYMOUS.to_owned(),
            client: ANONYMOUS.to_owned(),
            scopes: Vec::new(),
        }
    }
}
