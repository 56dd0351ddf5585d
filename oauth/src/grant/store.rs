//! What is kept of grants, and how the rules reach it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dpop::KeyThumbprint;
use crate::grant::GrantId;
use crate::identity::Identity;
use crate::pkce::Challenge;
use crate::scope::Scopes;
use crate::secret::SecretHash;

/// Most grants of one account; the least recently used makes room.
pub const GRANTS_MAX: usize = 100;
/// Most codes of one account, open and remembered; the oldest makes room.
pub const CODES_MAX: usize = 200;

/// What a user agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Who may act.
    pub client_id: String,
    /// Whether it has keys, as it was when the user agreed: then it proves
    /// itself each time (RFC 6749 section 2.1).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
    /// Whether it wants bound tokens alone, as it said then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dpop_bound: bool,
    /// The key that the code or, of a public client, the refresh token is bound
    /// to (RFC 9449 sections 5 and 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyThumbprint>,
    /// The number of the first refresh token that is bound; those before it are
    /// good without the key, and tell a theft.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub key_since: u32,
    /// On which resource.
    pub resource: String,
    /// How far.
    pub scopes: Scopes,
    /// For whom, as they had logged in.
    pub identity: Identity,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// An authorization code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The hash of its secret part.
    pub hash: SecretHash,
    /// What it stands for.
    pub terms: Terms,
    /// Where it was sent.
    pub redirect_uri: String,
    /// What its verifier must answer to.
    pub challenge: Challenge,
    /// Until when it can be redeemed.
    pub expires: Timestamp,
    /// The grant it led to: it is spent.
    pub redeemed: Option<GrantId>,
}

/// A live grant, and the two refresh tokens that may stand for it. Rotation
/// changes this one record; old tokens are recognised by their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name.
    pub id: GrantId,
    /// What the user agreed to.
    pub terms: Terms,
    /// When it began.
    pub created: Timestamp,
    /// When a token was last issued for it.
    pub used: Timestamp,
    /// When it ends unless it is used.
    pub expires: Timestamp,
    /// The number of the current refresh token.
    pub generation: u32,
    /// Its hash.
    pub current: SecretHash,
    /// The token before it, as long as its answer may have been lost.
    pub previous: Option<Previous>,
}

/// A refresh token that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// Its hash.
    pub hash: SecretHash,
    /// When it was replaced.
    pub replaced: Timestamp,
    /// With what its successor is derived from it again.
    pub salt: String,
}

/// What the rules need of a store. Calls are synchronous, so that nothing can
/// come between them.
pub trait GrantStore {
    /// Why the store failed.
    type Error;

    /// Keeps a new code, and forgets the oldest beyond [`CODES_MAX`].
    fn keep_code(&mut self, code: &Code) -> Result<(), Self::Error>;
    /// Finds a code.
    fn code(&self, hash: &SecretHash) -> Result<Option<Code>, Self::Error>;
    /// Marks a code as spent; it is remembered until `until`.
    fn spend_code(
        &mut self,
        hash: &SecretHash,
        grant: &GrantId,
        until: Timestamp,
    ) -> Result<(), Self::Error>;

    /// Keeps a grant, new or changed; beyond [`GRANTS_MAX`] the least recently
    /// used ends.
    fn keep_grant(&mut self, grant: &Grant) -> Result<(), Self::Error>;
    /// Finds a grant.
    fn grant(&self, id: &GrantId) -> Result<Option<Grant>, Self::Error>;
    /// Finds the grant without a refresh token that a client has: one of generation 0
    /// that has not expired.
    fn direct_grant(&self, client_id: &str, now: Timestamp) -> Result<Option<Grant>, Self::Error>;
    /// Ends a grant: its refresh tokens are worth nothing from now on.
    fn end_grant(&mut self, id: &GrantId) -> Result<(), Self::Error>;

    /// Forgets codes that need not be remembered and grants that have expired.
    fn forget_expired(&mut self, now: Timestamp) -> Result<(), Self::Error>;
    /// Whether there is neither code nor grant.
    fn is_empty(&self) -> Result<bool, Self::Error>;
}
