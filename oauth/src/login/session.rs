//! The browser's login session.
//!
//! The record is sealed and kept under the hash of its id. The store shows a
//! new record late (KV: up to a minute, and a miss is remembered), so the
//! cookie carries a sealed copy that counts while the record is fresh: no step
//! of a login depends on reading back what was just written.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::encoding;
use crate::identity::{AccountId, Identity};
use crate::seal::{Nonce, Seal};
use crate::secret::{RootSecret, SecretHash};

/// How long a session lives without being used.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(24);
/// How long a session lives at most.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long the copy in the cookie counts: well beyond the minute that KV
/// takes to show a record everywhere.
pub const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How old the note of the last use may get before it is written again.
pub const SESSION_TOUCH: SignedDuration = SignedDuration::from_hours(1);

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginSession {
    /// Their account.
    pub account: AccountId,
    /// Who they are, as the provider said.
    pub identity: Identity,
    /// When they logged in.
    pub created: Timestamp,
    /// When we last noted that the session was used.
    pub seen: Timestamp,
    /// Whether the account entered it when it began. One that an earlier version
    /// began is entered when it is used.
    #[serde(default)]
    pub entered: bool,
}

impl LoginSession {
    /// Whether the session still counts.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let ends = self.ends();
        now < ends
    }

    /// When the session ends, unless it is used.
    pub fn ends(&self) -> Timestamp {
        let idle = self
            .seen
            .checked_add(SESSION_IDLE)
            .unwrap_or(Timestamp::MAX);
        let life = self
            .created
            .checked_add(SESSION_LIFE)
            .unwrap_or(Timestamp::MAX);
        idle.min(life)
    }

    /// The session as used now, if that is worth a write.
    pub fn touched(&self, now: Timestamp) -> Option<Self> {
        let note_ends = self
            .seen
            .checked_add(SESSION_TOUCH)
            .unwrap_or(Timestamp::MAX);
        (now >= note_ends).then(|| Self {
            seen: now,
            entered: true,
            ..self.clone()
        })
    }
}

/// What a browser's session cookie says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookie {
    /// The session's id: a secret.
    id: String,
    /// The sealed copy.
    copy: Option<String>,
}

impl SessionCookie {
    /// Longest cookie we look at, in characters.
    const CHARS_MAX: usize = 4_096;

    /// Reads a cookie's value.
    pub fn read(value: &str) -> Option<Self> {
        if value.len() > Self::CHARS_MAX {
            return None;
        }
        let (id, copy) = match value.split_once('.') {
            Some((id, copy)) => (id, Some(copy.to_owned())),
            None => (value, None),
        };
        encoding::decode(id).filter(|bytes| bytes.len() == 32)?;
        Some(Self {
            id: id.to_owned(),
            copy,
        })
    }

    /// What binds forms to this session: it says nothing about the id.
    pub fn holder(&self) -> String {
        self.key()
    }

    /// The key of the record in the store: the hash of the id.
    pub fn key(&self) -> String {
        SecretHash::of(&self.id).as_str().to_owned()
    }
}

/// A sealed copy in a cookie.
#[derive(Serialize, Deserialize)]
struct Copy {
    session: LoginSession,
    until: Timestamp,
}

/// Writes and reads login sessions.
#[derive(Debug, Clone)]
pub struct LoginSessions {
    records: Seal,
    copies: Seal,
}

impl LoginSessions {
    /// The sessions of this deployment.
    pub fn new(root: &RootSecret) -> Self {
        Self {
            records: Seal::new(root, "login session"),
            copies: Seal::brief(root, "login session copy"),
        }
    }

    /// A new session under a new id: whatever id the browser had before is
    /// worth nothing to whoever planted it (session fixation). Returns the
    /// cookie's value.
    pub fn begin(
        &self,
        session: &LoginSession,
        now: Timestamp,
        id: [u8; 32],
        nonce: Nonce,
    ) -> String {
        let id = encoding::encode(id);
        let until = now.checked_add(FRESH).unwrap_or(Timestamp::MAX);
        let copy = Copy {
            session: session.clone(),
            until,
        };
        let copy = self
            .copies
            .seal_for(&copy, SecretHash::of(&id).as_str(), nonce);
        format!("{id}.{copy}")
    }

    /// The session in the cookie itself, while it is fresh.
    pub fn fresh(&self, cookie: &SessionCookie, now: Timestamp) -> Option<LoginSession> {
        let Copy { session, until } = self
            .copies
            .open_for(cookie.copy.as_deref()?, &cookie.key())?;
        (now < until && session.is_live(now)).then_some(session)
    }

    /// The record as it is stored under its key.
    pub fn record(&self, session: &LoginSession, key: &str, nonce: Nonce) -> String {
        self.records.seal_for(session, key, nonce)
    }

    /// The session in a stored record, if it still counts.
    pub fn stored(&self, record: &str, key: &str, now: Timestamp) -> Option<LoginSession> {
        let session: LoginSession = self.records.open_for(record, key)?;
        session.is_live(now).then_some(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn sessions() -> LoginSessions {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        LoginSessions::new(&RootSecret::parse(&root).unwrap())
    }

    fn session() -> LoginSession {
        LoginSession {
            account: AccountId::trusted("account".into()),
            identity: Identity::new("dev", "i", "s", Some("Ada")).unwrap(),
            created: NOW,
            seen: NOW,
            entered: true,
        }
    }

    fn at(hours: i64) -> Timestamp {
        NOW + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_session_ends_when_idle_and_at_last_however_busy() {
        assert!(session().is_live(at(23)) && !session().is_live(at(24)));
        let busy = LoginSession {
            seen: at(30 * 24 - 1),
            ..session()
        };
        assert!(!busy.is_live(at(30 * 24)));
        assert_eq!(session().touched(NOW + SignedDuration::from_mins(59)), None);
        assert_eq!(session().touched(at(1)).unwrap().seen, at(1));
    }

    #[test]
    fn the_copy_in_the_cookie_counts_only_while_it_is_fresh_and_for_its_own_id() {
        let value = sessions().begin(&session(), NOW, [1; 32], [2; 24]);
        let cookie = SessionCookie::read(&value).unwrap();
        assert_eq!(sessions().fresh(&cookie, NOW), Some(session()));
        assert_eq!(sessions().fresh(&cookie, NOW + FRESH), None);
        let (_, copy) = value.split_once('.').unwrap();
        let other = format!("{}.{copy}", encoding::encode([9; 32]));
        let other = SessionCookie::read(&other).unwrap();
        assert_eq!(sessions().fresh(&other, NOW), None);
    }

    #[test]
    fn a_record_opens_under_its_own_key_only() {
        let cookie = SessionCookie::read(&encoding::encode([1; 32])).unwrap();
        let record = sessions().record(&session(), &cookie.key(), [2; 24]);
        assert_eq!(
            sessions().stored(&record, &cookie.key(), NOW),
            Some(session())
        );
        assert_eq!(sessions().stored(&record, "other", NOW), None);
        assert_eq!(sessions().stored(&record, &cookie.key(), at(24)), None);
        assert!(!record.contains("Ada") && !cookie.key().contains(&cookie.id));
    }

    #[test]
    fn a_record_of_an_earlier_version_is_read_and_counts_as_entered_from_its_next_note_on() {
        let mut record = serde_json::to_value(session()).unwrap();
        record.as_object_mut().unwrap().remove("entered").unwrap();
        let earlier: LoginSession = serde_json::from_value(record).unwrap();
        assert!(!earlier.entered && earlier.touched(at(1)).unwrap().entered);
    }

    #[test]
    fn a_cookie_that_we_did_not_make_is_none() {
        for value in ["", ".", "short", "x".repeat(5_000).as_str(), "admin=1"] {
            assert_eq!(SessionCookie::read(value), None, "{value}");
        }
    }
}
