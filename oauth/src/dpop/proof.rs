//! Checking a proof (RFC 9449 section 4.3).

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::Jwk;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::Url;

use crate::dpop::KeyThumbprint;
use crate::encoding;
use crate::json;
use crate::jwt::{self, CLOCK_SKEW, Claims, Fault};
use crate::public_keys::verifier;

/// Longest proof we read, in characters; one with an RSA key of 4096 bits has
/// about 2,000.
pub const PROOF_CHARS_MAX: usize = 4_096;
/// How old a proof may be: clients make one for each request. Section 11.1
/// speaks of seconds or minutes.
pub const PROOF_AGE_MAX: SignedDuration = SignedDuration::from_secs(60);
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

impl From<Fault> for ProofRefusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Malformed => Self::Malformed,
            Fault::Algorithm => Self::Algorithm,
            Fault::Signature => Self::Signature,
        }
    }
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
    let header = jwt::header(proof, PROOF_CHARS_MAX, &[Some(TYPE)])?;
    // Read once more as it stands there: the library's key has no private members.
    let shown = shown_key(proof).ok_or(ProofRefusal::Malformed)?;
    if PRIVATE_MEMBERS.iter().any(|name| shown.contains_key(*name)) {
        return Err(ProofRefusal::Key);
    }
    let key: Jwk = serde_json::from_value(Value::Object(shown)).map_err(|_| ProofRefusal::Key)?;
    let thumbprint = KeyThumbprint::of(&key).ok_or(ProofRefusal::Key)?;
    let key = verifier(&key, header.alg).ok_or(ProofRefusal::Key)?;
    let claims = jwt::claims(proof, &key, header.alg)?;
    demonstrated(&claims, target, thumbprint, now)
}

fn shown_key(proof: &str) -> Option<Map<String, Value>> {
    let (header, _) = proof.split_once('.')?;
    let mut header: Map<String, Value> = json::read(&encoding::decode(header)?)?;
    match header.remove("jwk")? {
        Value::Object(key) => Some(key),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}

fn demonstrated(
    claims: &Claims,
    target: &Target<'_>,
    key: KeyThumbprint,
    now: Timestamp,
) -> Result<Demonstrated, ProofRefusal> {
    let here = format!("{}{}", target.origin, target.path);
    let (htm, htu, iat) = (
        claims.text("htm")?,
        claims.text("htu")?,
        claims.time("iat")?,
    );
    let same = bare(htu).is_some_and(|uri| Some(uri) == bare(&here));
    if htm != target.method || !same {
        return Err(ProofRefusal::Target);
    }
    let made = SignedDuration::try_from_secs_f64(iat).map_err(|_| ProofRefusal::Time)?;
    let made = Timestamp::UNIX_EPOCH.checked_add(made);
    let made = made.map_err(|_| ProofRefusal::Time)?;
    let ahead = made.duration_since(now);
    if ahead > CLOCK_SKEW || -ahead > PROOF_AGE_MAX + CLOCK_SKEW {
        return Err(ProofRefusal::Time);
    }
    if let Some(token) = target.token {
        let hash = encoding::encode(Sha256::digest(token));
        if claims.text_if_any("ath")? != Some(hash.as_str()) {
            return Err(ProofRefusal::Token);
        }
    }
    let jti = claims.jti()?.ok_or(ProofRefusal::Name)?;
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

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
