//! Making, rotating and revoking keys: what is kept comes in, what is to be kept
//! goes out.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::text::{ID_BYTES, SECRET_BYTES};
use super::{
    ApiKey, KEY_LIFE_MAX, KEY_LIFE_MIN, KEY_NAME_CHARS_MAX, KEYS_MAX, KeyInfo, OVERLAP_MAX,
};
use crate::encoding;
use crate::grant::{GrantId, Secret};
use crate::identity::Identity;
use crate::scope::Scopes;
use crate::secret::SecretHash;

/// A key that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// What to call it.
    pub name: String,
    /// How far it goes, within what the user's roles allow.
    pub scopes: Scopes,
    /// For how long, in seconds.
    pub life_s: i64,
    /// For whom.
    pub identity: Identity,
    /// Names the form: the same one makes one key.
    pub form: String,
}

/// A key that is to have a new secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotating {
    /// Which.
    pub id: GrantId,
    /// For how long the one it has stays good, in seconds.
    pub overlap_s: i64,
    /// Names the form: the same one rotates once.
    pub form: String,
}

/// A secret on its way to its owner, who sees it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The key.
    pub info: KeyInfo,
    /// Its secret.
    pub secret: Secret,
}

/// Why no key is made or rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum MakingRefusal {
    /// The name is empty, too long, or has control characters.
    #[error("the name cannot be used")]
    Name,
    /// A key that stands is called so.
    #[error("another key has this name")]
    NameTaken,
    /// It would live too long or too short, or overlap for too long.
    #[error("the time cannot be used")]
    Life,
    /// There are too many.
    #[error("there are too many keys")]
    Full,
    /// The form was sent before.
    #[error("this was done before")]
    Repeated,
    /// There is no such key that stands.
    #[error("there is no such key")]
    Gone,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
}

/// Makes a key beside those that are kept.
pub fn make(
    kept: &[ApiKey],
    now: Timestamp,
    random: ([u8; ID_BYTES], [u8; SECRET_BYTES]),
    asked: Making,
) -> Result<(ApiKey, Made), MakingRefusal> {
    let name = asked.name.trim();
    let length = name.chars().count();
    if length == 0 || length > KEY_NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(MakingRefusal::Name);
    }
    let life = within(asked.life_s, KEY_LIFE_MIN, KEY_LIFE_MAX)?;
    let expires = now.checked_add(life).map_err(|_| MakingRefusal::Life)?;
    // First: the name is taken by the key that this form has made.
    if kept.iter().any(|key| key.made_by == asked.form) {
        return Err(MakingRefusal::Repeated);
    }
    let standing = || kept.iter().filter(|key| key.info.stands(now));
    if standing().any(|key| key.info.name == name) {
        return Err(MakingRefusal::NameTaken);
    }
    if standing().count() >= KEYS_MAX {
        return Err(MakingRefusal::Full);
    }
    let secret = Secret(encoding::encode(random.1));
    let info = KeyInfo {
        id: GrantId::trusted(encoding::encode(random.0)),
        name: name.to_owned(),
        scopes: asked.scopes,
        identity: asked.identity,
        created: now,
        secret_since: now,
        expires,
        used: None,
        former_until: None,
        revoked: None,
    };
    let key = ApiKey {
        info: info.clone(),
        current: SecretHash::of(&secret.0),
        previous: None,
        made_by: asked.form,
        rotated_by: None,
    };
    Ok((key, Made { info, secret }))
}

/// Gives a key a new secret, which is good for as long as the one before it was
/// made for. That one is good for a while beside it; the one before that is not,
/// any more.
pub fn rotate(
    found: Option<ApiKey>,
    now: Timestamp,
    random: [u8; SECRET_BYTES],
    asked: Rotating,
) -> Result<(ApiKey, Made), MakingRefusal> {
    let mut key = found.ok_or(MakingRefusal::Gone)?;
    if !key.info.stands(now) {
        return Err(MakingRefusal::Gone);
    }
    if key.rotated_by.as_ref() == Some(&asked.form) {
        return Err(MakingRefusal::Repeated);
    }
    let overlap = within(asked.overlap_s, SignedDuration::ZERO, OVERLAP_MAX)?;
    let over = |life| now.checked_add(life).map_err(|_| MakingRefusal::Life);
    let former_until = over(overlap)?.min(key.info.expires);
    let life = key.info.expires.duration_since(key.info.secret_since);
    key.info.expires = over(life.clamp(KEY_LIFE_MIN, KEY_LIFE_MAX))?;
    key.info.secret_since = now;
    key.info.former_until = Some(former_until);
    let secret = Secret(encoding::encode(random));
    key.previous = Some(std::mem::replace(
        &mut key.current,
        SecretHash::of(&secret.0),
    ));
    key.rotated_by = Some(asked.form);
    let info = key.info.clone();
    Ok((key, Made { info, secret }))
}

/// Ends a key; none if it has ended.
pub fn revoke(found: Option<ApiKey>, now: Timestamp) -> Option<ApiKey> {
    let mut key = found.filter(|key| key.info.stands(now))?;
    key.info.revoked = Some(now);
    Some(key)
}

fn within(
    seconds: i64,
    min: SignedDuration,
    max: SignedDuration,
) -> Result<SignedDuration, MakingRefusal> {
    let span = SignedDuration::from_secs(seconds);
    if (min..=max).contains(&span) {
        Ok(span)
    } else {
        Err(MakingRefusal::Life)
    }
}
