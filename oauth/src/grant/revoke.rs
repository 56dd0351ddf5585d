//! Revocation: a client gives a grant up (RFC 7009).
//!
//! Whichever of its tokens the client names, the grant ends, and with it all of
//! them: section 2.1 asks that for refresh tokens and allows it for access
//! tokens, of which nothing is kept that could be ended by itself.

use serde::{Deserialize, Serialize};

use crate::grant::{Grant, GrantId, GrantRefusal, GrantStore, Secret};

/// A client's attempt to revoke a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoking {
    /// The grant the token names. Only we can have written that into it.
    pub grant: GrantId,
    /// The client that sends it.
    pub client_id: String,
    /// Whether that was proved.
    #[serde(default)]
    pub authenticated: bool,
    /// The token.
    pub token: RevokedToken,
}

/// What is left to check of the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RevokedToken {
    /// A refresh token.
    Refresh {
        /// Its number; as the grant's name, only we can have sealed it.
        generation: u32,
        /// Its secret part.
        secret: Secret,
    },
    /// An access token, whose signature was ours; it may be over.
    Access,
}

/// What came of it: the grant has just ended, or nothing changed.
pub type Revocation = Result<(), GrantRefusal>;

/// Ends the grant of a token, if there is one and the token is the client's.
///
/// A token of another client is refused and ends nothing: RFC 7009 section 2.1
/// has the server verify "whether the token was issued to the client making the
/// revocation request", refuse if not, and say so. A secret that was made up is
/// looked at first, so that nobody learns by it whose a grant is.
pub fn revoke<S: GrantStore>(store: &mut S, asked: &Revoking) -> Result<Revocation, S::Error> {
    let Some(grant) = store.grant(&asked.grant)? else {
        return Ok(Err(GrantRefusal::Unknown));
    };
    if !was_issued(&grant, &asked.token) {
        return Ok(Err(GrantRefusal::Unknown));
    }
    if grant.terms.client_id != asked.client_id {
        return Ok(Err(GrantRefusal::OtherClient));
    }
    if grant.terms.confidential && !asked.authenticated {
        return Ok(Err(GrantRefusal::Unauthenticated));
    }
    store.end_grant(&grant.id)?;
    Ok(Ok(()))
}

/// Whether the token was issued for this grant. Of a refresh token before the
/// previous one nothing is kept but that its number is lower: no secret is left
/// to compare, and its use would end the grant, too.
fn was_issued(grant: &Grant, token: &RevokedToken) -> bool {
    let RevokedToken::Refresh { generation, secret } = token else {
        return true;
    };
    if *generation == grant.generation {
        return grant.current.is_of(&secret.0);
    }
    let previous = grant.previous.as_ref();
    match previous.filter(|_| generation.saturating_add(1) == grant.generation) {
        Some(previous) => previous.hash.is_of(&secret.0),
        None => *generation < grant.generation,
    }
}
