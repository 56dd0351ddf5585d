//! How a client of a document proves itself: a JWT that it signed for this
//! purpose (RFC 7523 sections 2.2 and 3, CIMD section 6.2).
//!
//! That it is used once is not seen here: [`Proof`] says what has to be
//! remembered, and until when.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Validation;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::encoding;
use crate::metadata::path;
use crate::origin::PublicOrigin;
use crate::public_keys::{ALGORITHMS, PublicKeys};

/// The `client_assertion_type` (RFC 7523 section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Longest assertion we read, in characters.
pub const ASSERTION_CHARS_MAX: usize = 8_192;
/// How far ahead an assertion may end: it is remembered as long. Clients say a
/// minute to an hour.
pub const ASSERTION_LIFE_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Longest `jti`, in bytes.
const JTI_BYTES_MAX: usize = 256;
/// How far a client's clock may be from ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// The types an assertion may name. Any other JWT that the client signed is for
/// something else (RFC 8725 section 3.11).
const TYPES: [&str; 2] = ["jwt", "client-authentication+jwt"];

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

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    iat: Option<f64>,
    nbf: Option<f64>,
    jti: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// The client that an assertion is said to be of, before anything is known of
/// it: the request need not name the client as well (RFC 7521 section 4.2).
pub fn claimed_client(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Said {
        sub: String,
    }
    if assertion.len() > ASSERTION_CHARS_MAX {
        return None;
    }
    let said = jsonwebtoken::dangerous::insecure_decode_claims::<Said>(assertion);
    said.ok().map(|said| said.sub)
}

/// Checks an assertion.
pub(super) fn check(
    assertion: &str,
    keys: &PublicKeys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Proof, AssertionRefusal> {
    if assertion.len() > ASSERTION_CHARS_MAX {
        return Err(AssertionRefusal::Malformed);
    }
    let header = jsonwebtoken::decode_header(assertion).map_err(|_| AssertionRefusal::Malformed)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(AssertionRefusal::Algorithm);
    }
    let typ = header.typ.map(|typ| typ.to_ascii_lowercase());
    // RFC 7515 section 4.1.11: an extension we do not know must be refused.
    if header.crit.is_some() || typ.is_some_and(|typ| !TYPES.contains(&typ.as_str())) {
        return Err(AssertionRefusal::Malformed);
    }
    let key = keys.find(header.kid.as_deref(), header.alg);
    let key = key.ok_or(AssertionRefusal::Key)?;
    let mut rules = Validation::new(header.alg);
    // All claims are checked below, against `now` and in our own words.
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    let checked = jsonwebtoken::decode::<Map<String, Value>>(assertion, &key, &rules);
    let claims = checked.map_err(|error| why(&error))?.claims;
    let claims = serde_json::from_value(Value::Object(claims));
    let claims: Claims = claims.map_err(|_| AssertionRefusal::Malformed)?;
    proof(&claims, expected, now)
}

fn proof(
    claims: &Claims,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Proof, AssertionRefusal> {
    if claims.iss != expected.client_id || claims.sub != expected.client_id {
        return Err(AssertionRefusal::Client);
    }
    let audience = match &claims.aud {
        Audience::One(audience) => Some(audience),
        // An assertion for several could be used by one of them at another.
        Audience::Many(several) => several.first().filter(|_| several.len() == 1),
    };
    if !audience.is_some_and(|audience| is_ours(audience, expected.public)) {
        return Err(AssertionRefusal::Audience);
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium fit")]
    let seconds = |duration: SignedDuration| duration.as_secs() as f64;
    let (now_seconds, skew) = (
        seconds(now.duration_since(Timestamp::UNIX_EPOCH)),
        CLOCK_SKEW,
    );
    let early = |time: f64| time > now_seconds + seconds(skew);
    let over = claims.exp <= now_seconds - seconds(skew);
    let late = claims.exp > now_seconds + seconds(ASSERTION_LIFE_MAX + skew);
    if over || late || claims.iat.is_some_and(early) || claims.nbf.is_some_and(early) {
        return Err(AssertionRefusal::Time);
    }
    let jti = claims.jti.as_deref().unwrap_or_default();
    if jti.is_empty() || jti.len() > JTI_BYTES_MAX {
        return Err(AssertionRefusal::Name);
    }
    // As long as it is good, and a skew more: the next one's clock is another.
    let ahead = SignedDuration::try_from_secs_f64(claims.exp - now_seconds);
    let life = ahead.unwrap_or(ASSERTION_LIFE_MAX) + skew + skew;
    Ok(Proof {
        // No URL has a space in it, so no other pair reads the same.
        name: encoding::encode(Sha256::digest(format!("{} {jti}", expected.client_id))),
        until: now.checked_add(life).unwrap_or(Timestamp::MAX),
    })
}

/// Whether an audience is this server: its issuer, or as RFC 7523 section 3 has
/// it the token endpoint, or that of pushed requests (RFC 9126 section 2). Some libraries end a URL without a path with a slash.
fn is_ours(audience: &str, public: &PublicOrigin) -> bool {
    let issuer = audience.strip_suffix('/').unwrap_or(audience);
    let endpoints = [path::TOKEN, path::PAR];
    let endpoint = || endpoints.iter().any(|path| audience == public.url(path));
    issuer == public.as_str() || endpoint()
}

fn why(error: &jsonwebtoken::errors::Error) -> AssertionRefusal {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, growing enum")]
    match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidSignature => AssertionRefusal::Signature,
        _ => AssertionRefusal::Malformed,
    }
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
