//! What is kept of a call's arguments: a digest, and the few that the tool wants shown.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::canonical::{self, Members};
use crate::{Word, digest};

/// Most arguments that a tool may want shown.
pub const SHOWN_MAX: usize = 16;
/// Longest value that is shown as it is, in bytes of JSON; of a longer one its length.
pub const SHOWN_VALUE_BYTES_MAX: usize = 256;

/// What a record says about the arguments of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arguments {
    /// SHA-256 of the arguments in their canonical form (RFC 8785), in base64url: who
    /// has the arguments can show that these they were. One who has none can still
    /// try out guesses, so it hides nothing that is easily guessed.
    pub digest: Word,
    /// Those that the tool wants shown.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub shown: Map<String, Value>,
}

/// What a record says about the arguments of a call, before their digest is taken.
#[derive(Debug)]
pub struct Undigested {
    /// What the digest is to be taken of.
    pub canonical: Vec<u8>,
    shown: Map<String, Value>,
}

impl Undigested {
    /// Of the arguments of a call, of which the tool wants `shown` to be seen, by
    /// their names. None if they are no object, or a value in it is none that can be
    /// read.
    pub fn of(arguments: &RawValue, shown: &[String]) -> Option<Self> {
        let members: Members<'_> = serde_json::from_str(arguments.get()).ok()?;
        let named = shown.iter().take(SHOWN_MAX);
        let shown = named.filter_map(|name| {
            let value: Value = serde_json::from_str(members.get(name)?.get()).ok()?;
            Some((Word::from(name.as_str()).to_string(), bounded(value)))
        });
        Some(Self {
            canonical: canonical::of(&members).ok()?,
            shown: shown.collect(),
        })
    }

    /// With the digest, taken here.
    pub fn digested(self) -> Arguments {
        let digest = digest::of(&self.canonical);
        Arguments {
            digest: digest.into(),
            shown: self.shown,
        }
    }

    /// With the SHA-256 of [`Self::canonical`], taken elsewhere.
    pub fn with(self, sha256: &[u8]) -> Arguments {
        Arguments {
            digest: digest::text(sha256).into(),
            shown: self.shown,
        }
    }
}

/// A value, or what can be said of one that is too long.
fn bounded(value: Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
        Value::String(text) => Word::from(text.as_str()).to_string().into(),
        Value::Array(_) | Value::Object(_) => {
            let text = value.to_string();
            if text.len() <= SHOWN_VALUE_BYTES_MAX {
                value
            } else {
                format!("({} bytes of JSON)", text.len()).into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::to_raw_value;
    use sha2::{Digest, Sha256};

    use super::*;

    fn of(arguments: &Value, shown: &[&str]) -> Arguments {
        let shown: Vec<String> = shown.iter().map(|name| (*name).to_owned()).collect();
        let arguments = to_raw_value(arguments).unwrap();
        Undigested::of(&arguments, &shown).unwrap().digested()
    }

    /// RFC 8785 section 3.2.
    #[test]
    fn the_order_of_members_and_the_way_of_writing_numbers_change_no_digest() {
        let one: Value = serde_json::from_str(r#"{"b":[1.0,2e2],"a":"\u00e9"}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":"é","b":[1,200]}"#).unwrap();
        assert_eq!(of(&one, &[]), of(&other, &[]));
        assert_ne!(of(&json!({"a": 1}), &[]), of(&json!({"a": 2}), &[]));
    }

    /// The digest of `{}`, which others compute as well.
    #[test]
    fn the_digest_is_that_of_the_canonical_text() {
        let empty = "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o";
        assert_eq!(of(&json!({}), &[]).digest.as_str(), empty);
    }

    #[test]
    fn a_digest_that_is_taken_elsewhere_is_the_same() {
        let arguments = to_raw_value(&json!({ "a": "b" })).unwrap();
        let undigested = || Undigested::of(&arguments, &[]).unwrap();
        let elsewhere = Sha256::digest(undigested().canonical);
        assert_eq!(undigested().with(&elsewhere), undigested().digested());
    }

    #[test]
    fn nothing_is_shown_that_the_tool_does_not_name() {
        let said = of(
            &json!({"path": "/a", "password": "hunter2"}),
            &["path", "other"],
        );
        assert_eq!(Value::Object(said.shown.clone()), json!({"path": "/a"}));
        assert!(!serde_json::to_string(&said).unwrap().contains("hunter2"));
    }

    #[test]
    fn what_is_long_is_cut_or_named_by_its_length() {
        let long = "x".repeat(1_000_000);
        let said = of(
            &json!({"a": long, "b": [long], "c": {"d": 1}}),
            &["a", "b", "c"],
        );
        assert!(serde_json::to_string(&said).unwrap().len() < 1_000);
        assert_eq!(said.shown["b"], json!("(1000004 bytes of JSON)"));
        assert_eq!(said.shown["c"], json!({"d": 1}));
    }

    #[test]
    fn more_names_than_the_limit_show_no_more() {
        let names: Vec<String> = (0..100).map(|n| n.to_string()).collect();
        let arguments: Map<_, _> = names
            .iter()
            .map(|name| (name.clone(), Value::Null))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(of(&arguments.into(), &names).shown.len(), SHOWN_MAX);
    }
}
