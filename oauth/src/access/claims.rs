//! What an access token says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dpop::Confirmation;
use crate::exchange::Actor;
use crate::grant::GrantId;
use crate::identity::{AccountId, Identity};
use crate::role::Bound;
use crate::scope::Scopes;

/// The claims of an access token (RFC 9068 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Our issuer.
    pub iss: String,
    /// The account: a name that says nothing about the person.
    pub sub: AccountId,
    /// The one resource the token is for.
    pub aud: String,
    /// The client it was issued to.
    pub client_id: String,
    /// What that client calls itself; for display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// What it allows.
    pub scope: Scopes,
    /// What the user's roles allowed when it was issued; a claim of ours, left out
    /// for the default role.
    #[serde(default, skip_serializing_if = "Bound::is_default")]
    pub bound: Bound,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// Names this one token.
    pub jti: String,
    /// The grant it comes from.
    pub sid: GrantId,
    /// The key without which it is good for nothing; none in a bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// Who acts for the user, if the token was swapped (RFC 8693 section 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
    /// The user as the provider vouched for them; a claim of ours.
    pub idp: Identity,
}

impl Claims {
    /// When the token ends.
    pub fn expires(&self) -> Timestamp {
        Timestamp::from_second(self.exp).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
