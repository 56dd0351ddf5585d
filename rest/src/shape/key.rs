//! API keys.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Example, moment, whole, words};

/// Most characters of a key's name.
pub const NAME_CHARS_MAX: usize = 60;
/// Most scopes of a key.
pub const SCOPES_MAX: usize = 60;
/// Shortest life of a key, in seconds: an hour.
pub const LIFE_SECONDS_MIN: i64 = 60 * 60;
/// Longest life of a key, in seconds: a year.
pub const LIFE_SECONDS_MAX: i64 = 366 * 24 * 60 * 60;
/// Longest time that a former secret stays good, in seconds: a week.
pub const OVERLAP_SECONDS_MAX: i64 = 7 * 24 * 60 * 60;
/// For how long it does unless the request says so: a day.
const OVERLAP_SECONDS: i64 = 24 * 60 * 60;

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// What you call it.
    pub name: String,
    /// What its text begins with, for finding where it is used.
    pub begins: String,
    /// How far it goes, as far as your roles allow.
    pub scopes: Vec<String>,
    /// Whether it can be used.
    pub state: KeyState,
    /// When it was made.
    pub created: Timestamp,
    /// When it got its secret: then, or at the last rotation.
    pub secret_since: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// The hour in which it was last used.
    pub last_used: Option<Timestamp>,
    /// Until when its former secret is good, too.
    pub former_secret_until: Option<Timestamp>,
    /// When you ended it.
    pub revoked: Option<Timestamp>,
}

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It can.
    Good,
    /// You ended it.
    Revoked,
    /// Its time is over.
    Expired,
}

impl Key {
    /// Its state at a moment, by what is said of it.
    pub fn state(revoked: Option<Timestamp>, expires: Timestamp, now: Timestamp) -> KeyState {
        match revoked {
            Some(_) => KeyState::Revoked,
            None if expires <= now => KeyState::Expired,
            None => KeyState::Good,
        }
    }
}

/// A key that was just made or rotated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyWithText {
    /// The key.
    pub key: Key,
    /// Its text. Nobody can see it again.
    pub text: String,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeKey {
    /// What to call it; no other of yours that can be used is called so.
    #[schemars(
        length(min = 1, max = NAME_CHARS_MAX),
        regex(pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$"),
        extend("not" = { "pattern": r"^\s*$" })
    )]
    pub name: String,
    /// How far it goes: at most as far as what you make it with. `mcp` is always one.
    #[serde(default)]
    #[schemars(
        length(max = SCOPES_MAX),
        inner(regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9:._/-]{0,39}$"))
    )]
    pub scopes: Vec<String>,
    /// For how long it is good, in seconds.
    #[serde(deserialize_with = "whole::read")]
    #[schemars(range(min = LIFE_SECONDS_MIN, max = LIFE_SECONDS_MAX))]
    pub life_seconds: i64,
}

/// A key to get a new secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// For how long the former secret is good beside the new one, in seconds.
    #[serde(default = "overlap_seconds", deserialize_with = "whole::read")]
    #[schemars(range(min = 0, max = OVERLAP_SECONDS_MAX))]
    pub overlap_seconds: i64,
}

fn overlap_seconds() -> i64 {
    OVERLAP_SECONDS
}

/// Whether a key can be called so: as the schema says.
pub fn is_name(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.chars().count())
        && !name.chars().any(char::is_control)
        && !name.trim().is_empty()
}

impl Example for Key {
    fn example() -> Self {
        Self {
            id: "3q2-7wABAgME".to_owned(),
            name: "backup".to_owned(),
            begins: "sessile_3q2-7wABAgME".to_owned(),
            scopes: words(&["mcp", "notes:read"]),
            state: KeyState::Good,
            created: moment("2026-11-21T12:00:00Z"),
            secret_since: moment("2026-11-21T12:00:00Z"),
            expires: moment("2027-02-19T12:00:00Z"),
            last_used: Some(moment("2026-11-22T09:00:00Z")),
            former_secret_until: None,
            revoked: None,
        }
    }
}

impl Example for KeyWithText {
    fn example() -> Self {
        Self {
            key: Key::example(),
            text: "sessile_3q2-7wABAgME (and 83 characters more)".to_owned(),
        }
    }
}

impl Example for MakeKey {
    fn example() -> Self {
        Self {
            name: "backup".to_owned(),
            scopes: words(&["notes:read"]),
            life_seconds: 90 * 24 * 60 * 60,
        }
    }
}

impl Example for RotateKey {
    fn example() -> Self {
        Self {
            overlap_seconds: OVERLAP_SECONDS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_as_the_schema_says() {
        let most = "\u{e4}".repeat(NAME_CHARS_MAX);
        for good in ["a", " a ", "\u{1f511} backup", &most] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", " ", "\u{a0}", "a\n", "\u{85}a", &format!("{most}a")] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_taken() {
        let read = |text: &str| serde_json::from_str::<MakeKey>(text).is_ok();
        assert!(read(r#"{"name":"a","life_seconds":3600}"#));
        for bad in [
            r#"{"name":"a"}"#,
            r#"{"name":"a","life_seconds":"3600"}"#,
            r#"{"name":"a","life_seconds":3600.5}"#,
            r#"{"name":"a","life_seconds":3600,"account":"b"}"#,
            r#"{"name":"a","life_seconds":3600,"scopes":null}"#,
        ] {
            assert!(!read(bad), "{bad}");
        }
    }
}
