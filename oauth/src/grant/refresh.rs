//! Refresh tokens: a new one at each use, and what happens to the old one
//! (OAuth 2.1 section 4.3, RFC 9700 section 4.14).
//!
//! A token carries its number, sealed. The current one is replaced. The one
//! before it gives the same successor again for a while, because the answer
//! may have been lost, or two machines of one client asked at the same time.
//! Any older one can only be a stolen copy: the grant ends. That takes one
//! record per grant, however often it is refreshed.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::dpop::KeyThumbprint;
use crate::encoding;
use crate::grant::code::after;
use crate::grant::{
    Answer, Grant, GrantId, GrantRefusal, GrantStore, Granted, Previous, Secret, Terms,
};
use crate::scope::BadScope;
use crate::secret::{MacKey, SecretHash};

/// How long an unused refresh token stays good.
pub const REFRESH_IDLE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long a grant lives at most; then the user is asked again.
pub const GRANT_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long a replaced token can be repeated, to get the same successor.
/// Clients give up on an answer after 10 to 60 s.
pub const REFRESH_GRACE: SignedDuration = SignedDuration::from_secs(60);

/// A client's attempt to use a refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshing {
    /// The grant the token names. Only we can have sealed that into it.
    pub grant: GrantId,
    /// The token's number; the same holds for it.
    pub generation: u32,
    /// The token's secret part.
    pub secret: Secret,
    /// The client that sends it.
    pub client_id: String,
    /// Whether that was proved.
    #[serde(default)]
    pub authenticated: bool,
    /// The key that it has a proof by.
    #[serde(default)]
    pub key: Option<KeyThumbprint>,
    /// The scope it asks for, if it does.
    pub scope: Option<String>,
    /// The resource it names, if it does.
    pub resource: Option<String>,
}

/// Uses a refresh token. `successors` is the key by which a successor is
/// derived from its predecessor: so it can be given twice and is stored never.
pub fn refresh<S: GrantStore>(
    store: &mut S,
    now: Timestamp,
    random: [u8; 16],
    successors: &MacKey,
    asked: &Refreshing,
) -> Result<Answer, S::Error> {
    let Some(grant) = store.grant(&asked.grant)? else {
        return Ok(Err(GrantRefusal::Unknown));
    };
    if grant.terms.client_id != asked.client_id {
        return Ok(Err(GrantRefusal::OtherClient));
    }
    if grant.terms.confidential && !asked.authenticated {
        return Ok(Err(GrantRefusal::Unauthenticated));
    }
    // RFC 9449 section 5.2.
    if grant.terms.dpop_bound && asked.key.is_none() {
        return Ok(Err(GrantRefusal::NoProof));
    }
    let without_key = grant.terms.key.is_some() && grant.terms.key != asked.key;
    // Before anything is made of an older token: a thief without the key neither
    // gets anything nor ends anything.
    if without_key && asked.generation >= grant.terms.key_since {
        return Ok(Err(GrantRefusal::OtherKey));
    }
    if now >= grant.expires {
        return Ok(Err(GrantRefusal::Expired));
    }
    let use_of = use_of(&grant, now, successors, asked);
    // Two held the token, and one of them bound what came of it to a key.
    let parted = without_key && matches!(use_of, Use::Repeated { .. });
    if parted || matches!(use_of, Use::Stolen) {
        store.end_grant(&grant.id)?;
        return Ok(Err(GrantRefusal::Reused(Some(grant.id))));
    }
    let terms = match narrowed(&grant.terms, asked) {
        Ok(terms) => terms,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match use_of {
        Use::Made | Use::Stolen => Ok(Err(GrantRefusal::Unknown)),
        Use::Repeated { successor } => Ok(Ok(granted(&grant, terms, successor))),
        Use::Current => {
            let salt = encoding::encode(random);
            let successor = successor(successors, &asked.secret, &salt);
            // RFC 9449 section 5: the new one is bound, if the old one was not yet.
            let key = asked.key.clone().filter(|_| !grant.terms.confidential);
            let generation = grant.generation.saturating_add(1);
            let key_since = match (&grant.terms.key, &key) {
                (None, Some(_)) => generation,
                _ => grant.terms.key_since,
            };
            let next = Grant {
                terms: Terms {
                    key,
                    key_since,
                    ..grant.terms.clone()
                },
                used: now,
                expires: expiry(grant.created, now),
                generation,
                current: SecretHash::of(&successor.0),
                previous: Some(Previous {
                    hash: grant.current,
                    replaced: now,
                    salt,
                }),
                ..grant
            };
            store.keep_grant(&next)?;
            Ok(Ok(granted(&next, terms, successor)))
        }
    }
}

/// What a token's number and secret say about it.
enum Use {
    /// It is the current one.
    Current,
    /// It is the one before, and its answer may have been lost.
    Repeated { successor: Secret },
    /// It was replaced for good: somebody has a copy.
    Stolen,
    /// We never issued it: the sealed part is ours, the secret is not.
    Made,
}

fn use_of(grant: &Grant, now: Timestamp, successors: &MacKey, asked: &Refreshing) -> Use {
    if asked.generation == grant.generation {
        return if grant.current.is_of(&asked.secret.0) {
            Use::Current
        } else {
            Use::Made
        };
    }
    if asked.generation > grant.generation {
        return Use::Made;
    }
    let previous = grant.previous.as_ref();
    let Some(previous) = previous.filter(|_| asked.generation + 1 == grant.generation) else {
        return Use::Stolen;
    };
    if !previous.hash.is_of(&asked.secret.0) {
        return Use::Made;
    }
    let in_grace = now <= after(previous.replaced, REFRESH_GRACE);
    // The root secret may have been replaced since.
    let given = successors
        .tags(&[&asked.secret.0, &previous.salt])
        .find(|tag| grant.current.is_of(tag));
    match given {
        Some(successor) if in_grace => Use::Repeated {
            successor: Secret(successor),
        },
        _ => Use::Stolen,
    }
}

fn successor(key: &MacKey, secret: &Secret, salt: &str) -> Secret {
    Secret(key.tag(&[&secret.0, salt]))
}

fn narrowed(terms: &Terms, asked: &Refreshing) -> Result<Terms, GrantRefusal> {
    if asked
        .resource
        .as_ref()
        .is_some_and(|resource| *resource != terms.resource)
    {
        return Err(GrantRefusal::OtherResource);
    }
    match terms.scopes.narrowed(asked.scope.as_deref()) {
        Ok(scopes) => Ok(Terms {
            scopes,
            ..terms.clone()
        }),
        Err(BadScope::Malformed | BadScope::Unknown | BadScope::Undecided | BadScope::Wider) => {
            Err(GrantRefusal::WiderScope)
        }
    }
}

fn granted(grant: &Grant, terms: Terms, refresh_secret: Secret) -> Granted {
    Granted {
        grant: grant.id.clone(),
        terms,
        generation: grant.generation,
        refresh_secret,
    }
}

/// When a grant ends that was used `now`.
pub(super) fn expiry(created: Timestamp, now: Timestamp) -> Timestamp {
    after(now, REFRESH_IDLE).min(after(created, GRANT_LIFE))
}
