//! Checking a proof (RFC 9449 section 4.3).

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Validation;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::Url;

use crate::dpop::KeyThumbprint;
use crate::encoding;
use crate::public_keys::{ALGORITHMS, verifier};

/// Longest proof we read, in characters; one with an RSA key of 4096 bits has
/// about 2,000.
pub const PROOF_CHARS_MAX: usize = 4_096;
/// How old a proof may be: clients make one for each request. Section 11.1
/// speaks of seconds or minutes.
pub const PROOF_AGE_MAX: SignedDuration = SignedDuration::from_secs(60);
/// How far a client's clock may be from ours.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Longest `jti`, in bytes.
const JTI_BYTES_MAX: usize = 256;
/// The `typ` of a proof (section 4.2).
const TYPE: &str = "dpop+jwt";
/// Members of private and symmetric keys (RFC 7518 sections 6.2.2, 6.3.2 and
/// 6.4.1; RFC 8037 section 2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The request that a proof has to be for.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Its method.
    pub method: &'a str,
    /// The origin that the client used.
    pub origin: &'a str,
    /// The path.
    pub path: &'a str,
    /// The access token beside it, if there is one.
    pub token: Option<&'a str>,
}

/// A proof that is in order, and was not used before if its name is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demonstrated {
    /// The key that the sender holds.
    pub key: KeyThumbprint,
    /// A name that no other proof has, by this key or by another.
    pub name: [u8; 32],
    /// When it is over.
    pub until: Timestamp,
}

/// Why a proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefusal {
    /// There is none where one is needed, or more than one.
    #[error("not there, or there twice: send one DPoP field")]
    Count,
    /// It is no such JWT.
    #[error("malformed, or another kind of JWT")]
    Malformed,
    /// It names an algorithm we do not accept.
    #[error("signed with an algorithm that is not allowed")]
    Algorithm,
    /// It has no key that we can use, or shows a private one.
    #[error("without a public key that can be used")]
    Key,
    /// The signature is wrong.
    #[error("forged")]
    Signature,
    /// It is for another request.
    #[error("for another request: htm and htu have to be those of this one")]
    Target,
    /// It is too old, or from the future.
    #[error("out of its time: iat has to be now")]
    Time,
    /// It is for another access token, or for none.
    #[error("for another access token: see ath")]
    Token,
    /// It is by another key than the token is bound to.
    #[error("by another key than that of the access token")]
    OtherKey,
    /// It has no name, or one that is too long.
    #[error("without a jti, or with a long one")]
    Name,
    /// It was used before.
    #[error("used before: each request needs a new one")]
    Used,
}

#[derive(Deserialize)]
struct Header {
    typ: String,
    jwk: Map<String, Value>,
    #[serde(default)]
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    htm: String,
    htu: String,
    iat: f64,
    jti: Option<String>,
    ath: Option<String>,
}

/// The one proof among a request's fields of that name; none if there is no
/// such field (section 4.3, number 1).
pub fn one<'a>(fields: impl IntoIterator<Item = &'a str>) -> Result<Option<&'a str>, ProofRefusal> {
    let mut fields = fields.into_iter();
    match (fields.next(), fields.next()) {
        (proof, None) => Ok(proof),
        _ => Err(ProofRefusal::Count),
    }
}

/// Checks a proof. That it is used once is not seen here: who asks sees to that
/// with what this returns.
pub fn check(
    proof: &str,
    target: &Target<'_>,
    now: Timestamp,
) -> Result<Demonstrated, ProofRefusal> {
    if proof.len() > PROOF_CHARS_MAX {
        return Err(ProofRefusal::Malformed);
    }
    let said = jsonwebtoken::decode_header(proof).map_err(|error| why(&error))?;
    if !ALGORITHMS.contains(&said.alg) {
        return Err(ProofRefusal::Algorithm);
    }
    // Read once more as it stands there: the library's key has no private members.
    let header = header(proof).ok_or(ProofRefusal::Malformed)?;
    if !header.typ.eq_ignore_ascii_case(TYPE) || header.crit.is_some() {
        return Err(ProofRefusal::Malformed);
    }
    if PRIVATE_MEMBERS
        .iter()
        .any(|name| header.jwk.contains_key(*name))
    {
        return Err(ProofRefusal::Key);
    }
    let key: Jwk =
        serde_json::from_value(Value::Object(header.jwk)).map_err(|_| ProofRefusal::Key)?;
    let thumbprint = KeyThumbprint::of(&key).ok_or(ProofRefusal::Key)?;
    let key = verifier(&key, said.alg).ok_or(ProofRefusal::Key)?;
    let mut rules = Validation::new(said.alg);
    // All claims are checked below, against `now` and in our own words.
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    let claims = jsonwebtoken::decode::<Map<String, Value>>(proof, &key, &rules);
    let claims = claims.map_err(|error| why(&error))?.claims;
    let claims = serde_json::from_value(Value::Object(claims));
    let claims = claims.map_err(|_| ProofRefusal::Malformed)?;
    demonstrated(&claims, target, thumbprint, now)
}

fn header(proof: &str) -> Option<Header> {
    let (header, _) = proof.split_once('.')?;
    let object: Map<String, Value> = serde_json::from_slice(&encoding::decode(header)?).ok()?;
    serde_json::from_value(Value::Object(object)).ok()
}

fn demonstrated(
    claims: &Claims,
    target: &Target<'_>,
    key: KeyThumbprint,
    now: Timestamp,
) -> Result<Demonstrated, ProofRefusal> {
    let here = format!("{}{}", target.origin, target.path);
    let same = bare(&claims.htu).is_some_and(|uri| Some(uri) == bare(&here));
    if claims.htm != target.method || !same {
        return Err(ProofRefusal::Target);
    }
    let made = SignedDuration::try_from_secs_f64(claims.iat).map_err(|_| ProofRefusal::Time)?;
    let made = Timestamp::UNIX_EPOCH.checked_add(made);
    let made = made.map_err(|_| ProofRefusal::Time)?;
    let ahead = made.duration_since(now);
    if ahead > CLOCK_SKEW || -ahead > PROOF_AGE_MAX + CLOCK_SKEW {
        return Err(ProofRefusal::Time);
    }
    if let Some(token) = target.token {
        let hash = encoding::encode(Sha256::digest(token));
        if claims.ath.as_deref() != Some(hash.as_str()) {
            return Err(ProofRefusal::Token);
        }
    }
    let jti = claims.jti.as_deref().unwrap_or_default();
    if jti.is_empty() || jti.len() > JTI_BYTES_MAX {
        return Err(ProofRefusal::Name);
    }
    // A thumbprint has no space in it, so no other pair reads the same.
    let name = Sha256::digest(format!("{} {jti}", key.as_str())).into();
    let until = made.checked_add(PROOF_AGE_MAX + CLOCK_SKEW + SignedDuration::from_secs(1));
    Ok(Demonstrated {
        key,
        name,
        until: until.unwrap_or(Timestamp::MAX),
    })
}

/// A URL without query and fragment, in its normal form (section 4.3, number 9).
fn bare(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

fn why(error: &jsonwebtoken::errors::Error) -> ProofRefusal {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, growing enum")]
    match error.kind() {
        ErrorKind::InvalidSignature => ProofRefusal::Signature,
        _ => ProofRefusal::Malformed,
    }
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
