//! Identity assertion grants (ID-JAG): an enterprise's provider vouches for a user
//! to a client (MCP Enterprise-Managed Authorization, section 5.1; RFC 7523
//! section 3; checklist AS-21).
//!
//! That one is used once is not seen here: [`Vouched::proof`] says what has to be
//! remembered, and until when.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use crate::client::Proof;
use crate::dpop::KeyThumbprint;
use crate::encoding;
use crate::jwt::{self, Claims, Fault};
use crate::origin::{PublicOrigin, is_loopback};
use crate::public_keys::PublicKeys;

/// The `grant_type` (RFC 7523 section 2.1).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// What says that such assertions are taken
/// (draft-ietf-oauth-identity-assertion-authz-grant, "Authorization Server Metadata").
pub const ID_JAG_PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";
/// Longest assertion we read, in characters.
pub const ID_JAG_CHARS_MAX: usize = 8_192;
/// How far ahead one may end: it is remembered as long. Providers say five
/// minutes.
pub const ID_JAG_LIFE_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Most issuers of one deployment.
pub const ISSUERS_MAX: usize = 8;
/// The `typ` it has to have: no other JWT of the provider is taken for one.
const TYPE: &str = "oauth-id-jag+jwt";
/// An issuer that speaks for everybody's tenants, which its tokens tell apart by
/// other claims than those we read.
const SHARED: &str = "https://accounts.google.com";

/// The providers that may vouch for users, by their issuers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issuers(Vec<String>);

/// A list that cannot be used; the text says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadIssuers(&'static str);

impl Issuers {
    /// Reads the `ID_JAG_ISSUERS` variable: issuers with commas between them. They
    /// are compared as text and never normalised.
    pub fn parse(text: &str, public: &PublicOrigin) -> Result<Self, BadIssuers> {
        let parts = text.split(',').map(str::trim);
        let issuers: Vec<String> = parts
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        if issuers.len() > ISSUERS_MAX {
            return Err(BadIssuers("has more than 8 issuers"));
        }
        let sound = |issuer: &String| {
            Url::parse(issuer).is_ok_and(|url| {
                let local = public.is_loopback() && url.scheme() == "http" && is_loopback(&url);
                let bare = url.query().is_none() && url.fragment().is_none();
                bare && url.username().is_empty() && (url.scheme() == "https" || local)
            })
        };
        if !issuers.iter().all(sound) {
            return Err(BadIssuers("has an issuer that is not an https URL"));
        }
        if issuers.iter().any(|issuer| issuer == SHARED) {
            return Err(BadIssuers(
                "has an issuer that vouches for everybody's users",
            ));
        }
        Ok(Self(issuers))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The trusted issuer that an assertion is said to be of, before anything is
    /// known of it.
    pub(super) fn claimed(&self, assertion: &str) -> Option<&str> {
        let claimed = jwt::unchecked(assertion, ID_JAG_CHARS_MAX, "iss")?;
        let mut known = self.0.iter();
        known.find(|issuer| **issuer == claimed).map(String::as_str)
    }
}

/// What an assertion must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer whose keys these are.
    pub issuer: &'a str,
    /// The client that sends it, which has proved that it is.
    pub client_id: &'a str,
    /// The key that it has a proof of possession by.
    pub key: Option<&'a KeyThumbprint>,
    /// To whom.
    pub public: &'a PublicOrigin,
}

/// For whom the provider vouches, and how far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The user's stable name there.
    pub subject: String,
    /// Our resource that it is for.
    pub resource: String,
    /// The scopes the provider allows, if it says; none of them is a bound, too.
    pub scope: Option<String>,
    /// What makes it good once.
    pub proof: Proof,
}

/// Why an assertion is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VouchRefusal {
    /// It is no such JWT.
    #[error("malformed, or another kind of JWT")]
    Malformed,
    /// It names an algorithm we do not accept.
    #[error("signed with an algorithm that is not allowed")]
    Algorithm,
    /// It names a key that is not among the provider's, as far as we know.
    #[error("signed with an unknown key")]
    Key,
    /// The signature is wrong.
    #[error("forged")]
    Signature,
    /// It is of a provider that we do not trust.
    #[error("from an issuer that is not trusted here")]
    Issuer,
    /// It is for another server, or for several.
    #[error("for another server: aud has to be the issuer alone")]
    Audience,
    /// It was issued to another client.
    #[error("for another client than the one that sends it")]
    Client,
    /// It is for another resource.
    #[error("for another resource")]
    Resource,
    /// It has ended, has not begun, or ends too late.
    #[error("out of its time: exp has to be within an hour")]
    Time,
    /// It has no name, or one that is too long.
    #[error("without a jti, or with a long one")]
    Name,
    /// It is bound to another key than the one that was shown, or in a way that we
    /// do not know.
    #[error("bound to a key: send a DPoP proof by it")]
    Bound,
    /// It is for one of several tenants, whose users we could not tell apart.
    #[error("of an issuer with tenants, which cannot be told apart here")]
    Tenant,
    /// It names nobody.
    #[error("for nobody: its sub cannot be used")]
    Subject,
    /// It was used before.
    #[error("used before")]
    Used,
}

impl From<Fault> for VouchRefusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Malformed => Self::Malformed,
            Fault::Algorithm => Self::Algorithm,
            Fault::Signature => Self::Signature,
        }
    }
}

/// Checks an assertion with its issuer's keys.
pub fn check(
    assertion: &str,
    keys: &PublicKeys,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Vouched, VouchRefusal> {
    let header = jwt::header(assertion, ID_JAG_CHARS_MAX, &[Some(TYPE)])?;
    let key = keys.find(header.kid.as_deref(), header.alg);
    let key = key.ok_or(VouchRefusal::Key)?;
    vouched(&jwt::claims(assertion, &key, header.alg)?, expected, now)
}

fn vouched(
    claims: &Claims,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Vouched, VouchRefusal> {
    let (issuer, subject) = (claims.text("iss")?, claims.text("sub")?);
    claims.text("jti")?;
    let begins = [Some(claims.time("iat")?), claims.time_if_any("nbf")?];
    if issuer != expected.issuer {
        return Err(VouchRefusal::Issuer);
    }
    let ours = |audience: &str| {
        // Some libraries end a URL without a path with a slash.
        audience.strip_suffix('/').unwrap_or(audience) == expected.public.as_str()
    };
    if !claims.only("aud")?.is_some_and(ours) {
        return Err(VouchRefusal::Audience);
    }
    if claims.text("client_id")? != expected.client_id {
        return Err(VouchRefusal::Client);
    }
    let resource = claims.only("resource")?;
    let resource = resource.and_then(|named| expected.public.resource_named(named));
    let resource = resource.ok_or(VouchRefusal::Resource)?;
    if claims.all().contains_key("tenant") {
        return Err(VouchRefusal::Tenant);
    }
    // RFC 7800 section 3: whoever shows it has to show the key.
    if let Some(bound) = claims.all().get("cnf") {
        let named = bound.get("jkt").and_then(Value::as_str);
        if named.is_none() || named != expected.key.map(KeyThumbprint::as_str) {
            return Err(VouchRefusal::Bound);
        }
    }
    let until = claims.good_until(begins, ID_JAG_LIFE_MAX, now)?;
    let until = until.ok_or(VouchRefusal::Time)?;
    let jti = claims.jti()?.ok_or(VouchRefusal::Name)?;
    Ok(Vouched {
        subject: subject.to_owned(),
        resource,
        scope: claims.text_if_any("scope")?.map(str::to_owned),
        proof: Proof {
            // No client is called that, so it is no name of a client's assertion.
            name: encoding::encode(Sha256::digest(format!("{JWT_BEARER} {issuer} {jti}"))),
            until,
        },
    })
}

#[cfg(test)]
#[path = "id_jag_tests.rs"]
mod tests;
