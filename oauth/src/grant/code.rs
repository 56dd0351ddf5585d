//! Authorization codes: issued once, redeemed once (OAuth 2.1 section 4.1).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dpop::KeyThumbprint;
use crate::encoding;
use crate::grant::refresh::expiry;
use crate::grant::{
    Answer, Code, Grant, GrantId, GrantRefusal, GrantStore, Granted, Secret, Terms,
};
use crate::pkce::Challenge;
use crate::secret::SecretHash;

/// How long a code can be redeemed. RFC 6749 section 4.1.2 recommends at most
/// ten minutes; clients redeem within seconds.
pub const CODE_LIFE: SignedDuration = SignedDuration::from_mins(2);
/// How long a spent code is remembered, so that its reuse is recognised.
pub const CODE_REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// What a user has just agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The terms.
    pub terms: Terms,
    /// Where the code is sent.
    pub redirect_uri: String,
    /// What its verifier must answer to.
    pub challenge: Challenge,
}

/// A client's attempt to redeem a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// The code's secret part.
    pub secret: Secret,
    /// The client that sends it.
    pub client_id: String,
    /// Whether that was proved.
    #[serde(default)]
    pub authenticated: bool,
    /// The key that it has a proof by.
    #[serde(default)]
    pub key: Option<KeyThumbprint>,
    /// The redirect URI it names, if it does: OAuth 2.1 dropped the parameter,
    /// RFC 6749 section 4.1.3 wants it to be the same.
    pub redirect_uri: Option<String>,
    /// The PKCE verifier.
    pub verifier: String,
    /// The resource it names, if it does.
    pub resource: Option<String>,
}

/// Issues a code; returns its secret part.
pub fn issue<S: GrantStore>(
    store: &mut S,
    now: Timestamp,
    random: [u8; 32],
    approval: Approval,
) -> Result<Secret, S::Error> {
    let secret = encoding::encode(random);
    store.keep_code(&Code {
        hash: SecretHash::of(&secret),
        terms: approval.terms,
        redirect_uri: approval.redirect_uri,
        challenge: approval.challenge,
        expires: after(now, CODE_LIFE),
        redeemed: None,
    })?;
    Ok(Secret(secret))
}

/// Redeems a code: everything is checked before anything changes, so that a
/// wrong attempt does not burn it. Reuse ends the grant it had led to
/// (checklist AS-04); only the client it was issued to can cause that.
pub fn redeem<S: GrantStore>(
    store: &mut S,
    now: Timestamp,
    random: ([u8; 16], [u8; 32]),
    asked: &Redemption,
) -> Result<Answer, S::Error> {
    let hash = SecretHash::of(&asked.secret.0);
    let Some(code) = store.code(&hash)? else {
        return Ok(Err(GrantRefusal::Unknown));
    };
    if code.terms.client_id != asked.client_id {
        return Ok(Err(GrantRefusal::OtherClient));
    }
    if code.terms.confidential && !asked.authenticated {
        return Ok(Err(GrantRefusal::Unauthenticated));
    }
    // RFC 9449 section 5.2.
    if code.terms.dpop_bound && asked.key.is_none() {
        return Ok(Err(GrantRefusal::NoProof));
    }
    if code.terms.key.is_some() && code.terms.key != asked.key {
        return Ok(Err(GrantRefusal::OtherKey));
    }
    if let Some(grant) = code.redeemed {
        store.end_grant(&grant)?;
        return Ok(Err(GrantRefusal::Reused(Some(grant))));
    }
    if let Err(refusal) = fits(&code, asked, now) {
        return Ok(Err(refusal));
    }
    let refresh_secret = encoding::encode(random.1);
    // RFC 9449 section 5: what only a client with keys can use need not be bound
    // to another one.
    let key = asked.key.clone().filter(|_| !code.terms.confidential);
    let grant = Grant {
        id: GrantId::new(random.0),
        terms: Terms { key, ..code.terms },
        created: now,
        used: now,
        expires: expiry(now, now),
        generation: 1,
        current: SecretHash::of(&refresh_secret),
        previous: None,
    };
    store.spend_code(&hash, &grant.id, after(now, CODE_REMEMBERED))?;
    store.keep_grant(&grant)?;
    Ok(Ok(Granted {
        grant: grant.id,
        terms: grant.terms,
        generation: grant.generation,
        refresh_secret: Secret(refresh_secret),
    }))
}

fn fits(code: &Code, asked: &Redemption, now: Timestamp) -> Result<(), GrantRefusal> {
    if now >= code.expires {
        return Err(GrantRefusal::Expired);
    }
    if asked
        .redirect_uri
        .as_ref()
        .is_some_and(|uri| *uri != code.redirect_uri)
    {
        return Err(GrantRefusal::OtherRedirect);
    }
    if !code.challenge.answers(&asked.verifier) {
        return Err(GrantRefusal::Verifier);
    }
    if asked
        .resource
        .as_ref()
        .is_some_and(|resource| *resource != code.terms.resource)
    {
        return Err(GrantRefusal::OtherResource);
    }
    Ok(())
}

/// `now + life`, or the end of time.
pub(super) fn after(now: Timestamp, life: SignedDuration) -> Timestamp {
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}
