//! Checking an ID token (`OpenID` Connect Core section 3.1.3.7).

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::json;
use crate::jwt::{self, CLOCK_SKEW, Claims, Fault};
use crate::provider::Garbled;
use crate::public_keys::PublicKeys;
use crate::secret;

/// Longest ID token we read, in characters.
const ID_TOKEN_CHARS_MAX: usize = 16_384;

/// Google's issuer, and how its documentation says ID tokens may name it, too.
const GOOGLE: (&str, &str) = ("https://accounts.google.com", "accounts.google.com");

/// What an ID token must say.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The provider's issuer.
    pub issuer: &'a str,
    /// Our client id there.
    pub client_id: &'a str,
    /// The nonce we sent.
    pub nonce: &'a str,
}

/// What an ID token says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserClaims {
    /// The user's stable name.
    pub subject: String,
    /// What to call the user.
    pub name: Option<String>,
}

/// Why an ID token is refused: for our log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenRefusal {
    /// It is no ID token.
    #[error("the ID token is malformed")]
    Malformed,
    /// It names an algorithm we do not accept.
    #[error("the ID token is signed with an algorithm that is not allowed")]
    Algorithm,
    /// It names a key that is not among the provider's, as far as we know.
    #[error("the ID token is signed with an unknown key")]
    Key,
    /// The signature is wrong.
    #[error("the ID token is forged")]
    Signature,
    /// It is from somewhere else.
    #[error("the ID token is from another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the ID token is for another client")]
    Audience,
    /// It has ended, or has not begun.
    #[error("the ID token is out of its time")]
    Time,
    /// It answers another login.
    #[error("the ID token has another nonce")]
    Nonce,
    /// It names nobody.
    #[error("the ID token names no subject")]
    Subject,
}

impl From<Fault> for IdTokenRefusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Malformed => Self::Malformed,
            Fault::Algorithm => Self::Algorithm,
            Fault::Signature => Self::Signature,
        }
    }
}

/// Checks an ID token; returns who it vouches for.
pub fn check_id_token(
    token: &str,
    keys: &PublicKeys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<UserClaims, IdTokenRefusal> {
    let header = jwt::header(token, ID_TOKEN_CHARS_MAX, &[])?;
    let key = keys.find(header.kid.as_deref(), header.alg);
    let key = key.ok_or(IdTokenRefusal::Key)?;
    let claims = jwt::claims(token, &key, header.alg)?;
    Ok(UserClaims {
        subject: check(&claims, expected, now)?.to_owned(),
        name: name(claims.all()),
    })
}

/// Whom the claims are about, if they are in order.
fn check<'a>(
    claims: &'a Claims,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<&'a str, IdTokenRefusal> {
    let (issuer, subject) = (claims.text("iss")?, claims.text("sub")?);
    let (audiences, azp) = (claims.texts("aud")?, claims.text_if_any("azp")?);
    let (exp, iat, nbf) = (
        claims.time("exp")?,
        claims.time("iat")?,
        claims.time_if_any("nbf")?,
    );
    let nonce = claims.text_if_any("nonce")?;
    let google = expected.issuer == GOOGLE.0 && issuer == GOOGLE.1;
    if issuer != expected.issuer && !google {
        return Err(IdTokenRefusal::Issuer);
    }
    // With several, the token must name us as the one it was made for.
    let ours = audiences.contains(&expected.client_id) && (audiences.len() == 1 || azp.is_some());
    if !ours || azp.is_some_and(|azp| azp != expected.client_id) {
        return Err(IdTokenRefusal::Audience);
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium fit")]
    let (now, skew) = (now.as_second() as f64, CLOCK_SKEW.as_secs() as f64);
    let early = now + skew;
    if exp <= now - skew || iat > early || nbf.is_some_and(|nbf| nbf > early) {
        return Err(IdTokenRefusal::Time);
    }
    if !nonce.is_some_and(|nonce| secret::same(nonce, expected.nonce)) {
        return Err(IdTokenRefusal::Nonce);
    }
    if subject.is_empty() {
        return Err(IdTokenRefusal::Subject);
    }
    Ok(subject)
}

/// Reads a `UserInfo` answer, for the name only; it must be of the same user
/// (section 5.3.2).
pub fn read_user_info(body: &[u8], subject: &str) -> Result<Option<String>, Garbled> {
    let user: Map<String, Value> = json::read(body).ok_or(Garbled("its user is no JSON object"))?;
    if user.get("sub").and_then(Value::as_str) != Some(subject) {
        return Err(Garbled("its user is another one than that of the ID token"));
    }
    Ok(name(&user))
}

fn name(claims: &Map<String, Value>) -> Option<String> {
    ["name", "preferred_username", "nickname"]
        .iter()
        .filter_map(|claim| claims.get(*claim).and_then(Value::as_str))
        .find(|name| !name.trim().is_empty())
        .map(str::to_owned)
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
