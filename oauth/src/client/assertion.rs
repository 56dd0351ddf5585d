//! How a client of a document proves itself: a JWT that it signed for this
//! purpose (RFC 7523 sections 2.2 and 3, CIMD section 6.2).
//!
//! That it is used once is not seen here: [`Proof`] says what has to be
//! remembered, and until when.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use crate::encoding;
use crate::jwt::{self, Claims, Fault};
use crate::metadata::path;
use crate::origin::PublicOrigin;
use crate::public_keys::PublicKeys;

/// The `client_assertion_type` (RFC 7523 section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest assertion we read, in characters.
pub const ASSERTION_CHARS_MAX: usize = 8_192;
/// How far ahead an assertion may end: it is remembered as long. Clients say a
/// minute to an hour.
pub const ASSERTION_LIFE_MAX: SignedDuration = SignedDuration::from_hours(1);
/// The types an assertion may name. Any other JWT that the client signed is for
/// something else (RFC 8725 section 3.11).
const TYPES: [Option<&str>; 3] = [None, Some("jwt"), Some("client-authentication+jwt")];

/// What an assertion must say.
pub(super) struct Expected<'a> {
    /// Who proves itself.
    pub(super) client_id: &'a str,
    /// To whom.
    pub(super) public: &'a PublicOrigin,
}

/// An assertion that is in order, and was not used before if its name is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// A name that no other assertion has, of this client or of another.
    pub name: String,
    /// Until when it has to be remembered.
    pub until: Timestamp,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssertionRefusal {
    /// It is no such JWT.
    #[error("malformed, or another kind of JWT")]
    Malformed,
    /// It names an algorithm we do not accept.
    #[error("signed with an algorithm that is not allowed")]
    Algorithm,
    /// It names a key that is not among the client's, or none where there are
    /// several.
    #[error("signed with a key that is not among the client's")]
    Key,
    /// The signature is wrong.
    #[error("forged")]
    Signature,
    /// `iss` or `sub` is not the client.
    #[error("of another client: iss and sub have to be the client_id")]
    Client,
    /// It is for another server, or for several.
    #[error("for another server: aud has to be the issuer alone")]
    Audience,
    /// It has ended, has not begun, or ends too late.
    #[error("out of its time: exp has to be within an hour")]
    Time,
    /// It has no name, or one that is too long.
    #[error("without a jti, or with a long one")]
    Name,
    /// It was used before.
    #[error("used before: each request needs a new one")]
    Used,
}

impl From<Fault> for AssertionRefusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Malformed => Self::Malformed,
            Fault::Algorithm => Self::Algorithm,
            Fault::Signature => Self::Signature,
        }
    }
}

/// The client that an assertion is said to be of, before anything is known of
/// it: the request need not name the client as well (RFC 7521 section 4.2).
pub fn claimed_client(assertion: &str) -> Option<String> {
    jwt::unchecked(assertion, ASSERTION_CHARS_MAX, "sub")
}

/// Checks an assertion.
pub(super) fn check(
    assertion: &str,
    keys: &PublicKeys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Proof, AssertionRefusal> {
    let header = jwt::header(assertion, ASSERTION_CHARS_MAX, &TYPES)?;
    let key = keys.find(header.kid.as_deref(), header.alg);
    let key = key.ok_or(AssertionRefusal::Key)?;
    proof(&jwt::claims(assertion, &key, header.alg)?, expected, now)
}

fn proof(
    claims: &Claims,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Proof, AssertionRefusal> {
    let client = [claims.text("iss")?, claims.text("sub")?];
    if client != [expected.client_id; 2] {
        return Err(AssertionRefusal::Client);
    }
    // An assertion for several could be used by one of them at another.
    let audience = claims.only("aud")?;
    if !audience.is_some_and(|audience| is_ours(audience, expected.public)) {
        return Err(AssertionRefusal::Audience);
    }
    let begins = [claims.time_if_any("iat")?, claims.time_if_any("nbf")?];
    let until = claims.good_until(begins, ASSERTION_LIFE_MAX, now)?;
    let until = until.ok_or(AssertionRefusal::Time)?;
    let jti = claims.jti()?.ok_or(AssertionRefusal::Name)?;
    Ok(Proof {
        // No URL has a space in it, so no other pair reads the same.
        name: encoding::encode(Sha256::digest(format!("{} {jti}", expected.client_id))),
        until,
    })
}

/// Whether an audience is this server: its issuer, or as RFC 7523 section 3 has
/// it the token endpoint, or that of pushed requests (RFC 9126 section 2). Some
/// libraries end a URL without a path with a slash.
fn is_ours(audience: &str, public: &PublicOrigin) -> bool {
    let issuer = audience.strip_suffix('/').unwrap_or(audience);
    let endpoints = [path::TOKEN, path::PAR];
    let endpoint = || endpoints.iter().any(|path| audience == public.url(path));
    issuer == public.as_str() || endpoint()
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
