//! JWTs that others sign for us: ID tokens, what clients prove themselves with, what
//! providers vouch with, and proofs of possession. Here is what they have in common;
//! what each has to say is where it is used.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde_json::{Map, Value};

use crate::public_keys::ALGORITHMS;

/// How far the clocks of others may be from ours.
pub(crate) const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Longest `jti` that we remember, in bytes.
pub(crate) const JTI_BYTES_MAX: usize = 256;

/// Why one is refused before anything that it says counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is no such JWT.
    Malformed,
    /// It names an algorithm we do not accept.
    Algorithm,
    /// The signature is wrong.
    Signature,
}

/// What a JWT says, once its signature was checked.
#[derive(Debug)]
pub(crate) struct Claims(Map<String, Value>);

/// The header of a JWT: of one of our algorithms, and of one of these types; `None`
/// among them stands for a missing one (RFC 8725 section 3.11). Of any type if none is
/// named.
pub(crate) fn header(
    text: &str,
    chars_max: usize,
    types: &[Option<&str>],
) -> Result<Header, Fault> {
    if text.len() > chars_max {
        return Err(Fault::Malformed);
    }
    let header = jsonwebtoken::decode_header(text).map_err(|_| Fault::Malformed)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Fault::Algorithm);
    }
    let named = header.typ.as_deref();
    let fits = types.iter().any(|typ| match (typ, named) {
        (Some(typ), Some(named)) => typ.eq_ignore_ascii_case(named),
        (typ, named) => typ.is_none() && named.is_none(),
    });
    let fits = fits || types.is_empty();
    // RFC 7515 section 4.1.11: an extension we do not know must be refused.
    if !fits || header.crit.is_some() {
        return Err(Fault::Malformed);
    }
    Ok(header)
}

/// A text in a JWT of which nothing is known yet: good for finding out whose keys to
/// check it with, and for nothing else.
pub(crate) fn unchecked(text: &str, chars_max: usize, name: &str) -> Option<String> {
    if text.len() > chars_max {
        return None;
    }
    let said = jsonwebtoken::dangerous::insecure_decode_claims::<Map<String, Value>>(text);
    Claims(said.ok()?).text(name).ok().map(str::to_owned)
}

/// What a JWT says that was signed by this key. Nothing of it was checked yet.
pub(crate) fn claims(text: &str, key: &DecodingKey, algorithm: Algorithm) -> Result<Claims, Fault> {
    let mut rules = Validation::new(algorithm);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(text, key, &rules);
    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, growing enum")]
    let decoded = decoded.map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => Fault::Signature,
        _ => Fault::Malformed,
    })?;
    Ok(Claims(decoded.claims))
}

impl Claims {
    /// All of it.
    pub(crate) fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A text that has to be there.
    pub(crate) fn text(&self, name: &str) -> Result<&str, Fault> {
        let text = self.0.get(name).and_then(Value::as_str);
        text.ok_or(Fault::Malformed)
    }

    /// A text that may be missing.
    pub(crate) fn text_if_any(&self, name: &str) -> Result<Option<&str>, Fault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text(name).map(Some),
        }
    }

    /// The texts of a claim that may be one or a list.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, Fault> {
        let Some(list) = self.0.get(name).and_then(Value::as_array) else {
            return Ok(vec![self.text(name)?]);
        };
        let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
        texts.ok_or(Fault::Malformed)
    }

    /// The one text of such a claim; none if there are several.
    pub(crate) fn only(&self, name: &str) -> Result<Option<&str>, Fault> {
        Ok(match self.texts(name)?.as_slice() {
            [one] => Some(*one),
            _ => None,
        })
    }

    /// A time that has to be there, in seconds since 1970.
    pub(crate) fn time(&self, name: &str) -> Result<f64, Fault> {
        let time = self.0.get(name).and_then(Value::as_f64);
        time.ok_or(Fault::Malformed)
    }

    /// A time that may be missing.
    pub(crate) fn time_if_any(&self, name: &str) -> Result<Option<f64>, Fault> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.time(name).map(Some),
        }
    }

    /// Until when it has to be remembered so that it is good once: as long as it is
    /// good and some skew more, since the next one's clock is another. None if `exp`
    /// is over or more than `life` ahead, or if one of `begins` is in the future.
    pub(crate) fn good_until(
        &self,
        begins: [Option<f64>; 2],
        life: SignedDuration,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Fault> {
        let exp = self.time("exp")?;
        #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium fit")]
        let (second, skew, most) = (
            now.as_second() as f64,
            CLOCK_SKEW.as_secs() as f64,
            life.as_secs() as f64,
        );
        let early = |time: f64| time > second + skew;
        let over = exp <= second - skew || exp > second + most + skew;
        if over || begins.into_iter().flatten().any(early) {
            return Ok(None);
        }
        let ahead = SignedDuration::try_from_secs_f64(exp - second);
        let left = ahead.unwrap_or(life) + CLOCK_SKEW + CLOCK_SKEW;
        Ok(Some(now.checked_add(left).unwrap_or(Timestamp::MAX)))
    }

    /// The `jti`, if it is there and not too long.
    pub(crate) fn jti(&self) -> Result<Option<&str>, Fault> {
        let jti = self.text_if_any("jti")?;
        Ok(jti.filter(|jti| (1..=JTI_BYTES_MAX).contains(&jti.len())))
    }
}
