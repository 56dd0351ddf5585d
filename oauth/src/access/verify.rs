//! Checking an access token (RFC 9068 section 4).

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Validation;
use jsonwebtoken::errors::ErrorKind;

use crate::access::keys::{ALGORITHM, TOKEN_TYPE};
use crate::access::{Claims, KeySet};

/// How far in the future a token of ours may have been issued: the clocks of
/// two of the platform's machines differ by less.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// What a token must say to be for us.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Our issuer.
    pub issuer: String,
    /// The identifiers of our resource.
    pub resources: Vec<String>,
}

/// Why a token is refused: for our log; the client hears `invalid_token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It is no JWT of ours.
    #[error("malformed")]
    Malformed,
    /// It names another algorithm than ours.
    #[error("signed with an algorithm that is not allowed")]
    Algorithm,
    /// It is another kind of JWT.
    #[error("not of type at+jwt")]
    Type,
    /// It names a key we do not have.
    #[error("signed with an unknown key")]
    Key,
    /// The signature is wrong.
    #[error("forged")]
    Signature,
    /// It comes from somewhere else.
    #[error("from another issuer")]
    Issuer,
    /// It is for something else.
    #[error("for another audience")]
    Audience,
    /// It has ended.
    #[error("expired")]
    Expired,
    /// What it was issued for was ended.
    #[error("its grant was ended")]
    Ended,
    /// It is from the future.
    #[error("not yet valid")]
    Early,
}

impl KeySet {
    /// Checks a token and returns what it says.
    pub fn verify(
        &self,
        token: &str,
        expected: &Expected,
        now: Timestamp,
    ) -> Result<Claims, TokenRefusal> {
        let claims = self.issued(token, expected)?;
        in_time(&claims, now)?;
        Ok(claims)
    }

    /// What a token says that was issued here for this resource, whether or not
    /// it is over: good for giving it up, and for nothing else.
    pub fn issued(&self, token: &str, expected: &Expected) -> Result<Claims, TokenRefusal> {
        let header = jsonwebtoken::decode_header(token).map_err(|error| why(&error))?;
        if header.alg != ALGORITHM {
            return Err(TokenRefusal::Algorithm);
        }
        // RFC 7515 section 4.1.11: an extension we do not know must be refused.
        if header.crit.is_some() {
            return Err(TokenRefusal::Malformed);
        }
        if !header
            .typ
            .is_some_and(|typ| typ.eq_ignore_ascii_case(TOKEN_TYPE))
        {
            return Err(TokenRefusal::Type);
        }
        let id = header.kid.ok_or(TokenRefusal::Key)?;
        let key = self.verifying(&id).ok_or(TokenRefusal::Key)?;

        let mut rules = Validation::new(ALGORITHM);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.set_issuer(&[&expected.issuer]);
        rules.set_audience(&expected.resources);
        rules.validate_exp = false; // Checked against `now`, in `in_time`.
        jsonwebtoken::decode::<Claims>(token, key, &rules)
            .map(|decoded| decoded.claims)
            .map_err(|error| why(&error))
    }
}

/// Whether a token is neither from the past nor from the future. Asked again
/// each time a cached token is used.
pub(super) fn in_time(claims: &Claims, now: Timestamp) -> Result<(), TokenRefusal> {
    if now.as_second() >= claims.exp {
        return Err(TokenRefusal::Expired);
    }
    if claims.iat > now.as_second().saturating_add(CLOCK_SKEW.as_secs()) {
        return Err(TokenRefusal::Early);
    }
    Ok(())
}

fn why(error: &jsonwebtoken::errors::Error) -> TokenRefusal {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, growing enum")]
    match error.kind() {
        ErrorKind::InvalidSignature => TokenRefusal::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => TokenRefusal::Algorithm,
        ErrorKind::InvalidIssuer => TokenRefusal::Issuer,
        ErrorKind::InvalidAudience => TokenRefusal::Audience,
        _ => TokenRefusal::Malformed,
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
