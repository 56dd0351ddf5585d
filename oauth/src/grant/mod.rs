//! Grants: what a user allowed a client, and the codes and refresh tokens that
//! stand for it.
//!
//! Everything here happens inside one account's object, one call at a time;
//! each function first checks all there is to check and only then changes the
//! store, in one transaction of the caller's.

mod code;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod direct;
mod id;
#[cfg(any(test, feature = "contract"))]
mod memory;
#[cfg(test)]
mod promises_tests;
mod refresh;
mod revoke;
#[cfg(test)]
mod revoke_tests;
mod store;
#[cfg(test)]
mod tests;
mod token;

pub use code::{Approval, CODE_LIFE, CODE_REMEMBERED, Redemption, issue, redeem};
pub use direct::{DIRECT_IDLE, Direct, direct};
pub use id::GrantId;
#[cfg(any(test, feature = "contract"))]
pub use memory::MemoryStore;
pub use refresh::{GRANT_LIFE, REFRESH_GRACE, REFRESH_IDLE, Refreshing, refresh};
pub use revoke::{Revocation, RevokedToken, Revoking, revoke};
pub use store::{CODES_MAX, Code, GRANTS_MAX, Grant, GrantStore, Previous, Terms};
pub use token::{CodeText, RefreshText, TokenTexts};

use serde::{Deserialize, Serialize};

/// What a redeemed code or refresh token is worth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// The grant.
    pub grant: GrantId,
    /// What the user agreed to; the scopes may be narrower for this once.
    pub terms: Terms,
    /// The number of the refresh token within its family.
    pub generation: u32,
    /// Its secret part: in the answer to the client, and nowhere else.
    pub refresh_secret: Secret,
}

/// A secret on its way to its owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Why nothing is granted: for our log. The client hears
/// [`GrantRefusal::code`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum GrantRefusal {
    /// We do not know this code or token (any more).
    #[error("unknown")]
    Unknown,
    /// It has expired.
    #[error("expired")]
    Expired,
    /// It was used before; the grant it led to is ended.
    #[error("used before")]
    Reused(Option<GrantId>),
    /// It was issued to another client.
    #[error("issued to another client")]
    OtherClient,
    /// The client has keys, and did not prove itself with one.
    #[error("issued to a client that has to prove itself")]
    Unauthenticated,
    /// Nothing is granted in an account that is disabled.
    #[error("of an account that is disabled")]
    Disabled,
    /// It is bound to a key, and the request has no proof by that one.
    #[error("bound to a key that the request has no proof by")]
    OtherKey,
    /// Its client wants bound tokens alone, and the request has no proof.
    #[error("of a client that wants no token without a proof of possession")]
    NoProof,
    /// It was sent to another redirect URI.
    #[error("sent to another redirect URI")]
    OtherRedirect,
    /// The verifier does not fit the challenge.
    #[error("the verifier does not fit")]
    Verifier,
    /// It is for another resource.
    #[error("for another resource")]
    OtherResource,
    /// More is asked than was granted.
    #[error("the scope is wider than what was granted")]
    WiderScope,
}

impl GrantRefusal {
    /// The error code on the wire (RFC 6749 section 5.2, RFC 8707 section 2).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown
            | Self::Expired
            | Self::Reused(_)
            | Self::OtherClient
            | Self::OtherKey
            | Self::Disabled
            | Self::OtherRedirect
            | Self::Verifier => "invalid_grant",
            Self::NoProof => "invalid_dpop_proof",
            Self::Unauthenticated => "invalid_client",
            Self::OtherResource => "invalid_target",
            Self::WiderScope => "invalid_scope",
        }
    }
}

/// What an account's object answers: a grant, or why there is none.
pub type Answer = Result<Granted, GrantRefusal>;
