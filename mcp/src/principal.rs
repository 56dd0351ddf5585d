//! Who is asking, as far as sessions and tools need to know.
//!
//! Whether that is true was decided before, by the authorization rules.

use serde::{Deserialize, Serialize};

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Our name for the user.
    pub account: String,
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
