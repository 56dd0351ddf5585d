//! The notes of one scratchpad.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use toolkit::Failure;

/// Most notes on one scratchpad.
const NOTES_MAX: usize = 100;
/// Longest name of a note, in bytes.
const NAME_BYTES_MAX: usize = 100;
/// Longest note, in bytes. All notes together fit into what a tool may keep,
/// 64 KiB, or the last one is refused by the house.
const TEXT_BYTES_MAX: usize = 10_000;

/// Notes by name.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notes(BTreeMap<String, String>);

/// The names of all notes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Names {
    /// In alphabetical order.
    pub(crate) names: Vec<String>,
}

impl Notes {
    /// The notes that a call comes with.
    pub(crate) fn of(state: Option<Value>) -> Result<Self, Failure> {
        match state {
            None => Err(Failure::to_model(
                "Without a session, a note needs a handle: call scratchpad_new first and pass \
                 what it returns as `handle`.",
            )),
            Some(Value::Null) => Ok(Self::default()),
            Some(value) => serde_json::from_value(value)
                .map_err(|_| Failure::to_model("The scratchpad holds something else.")),
        }
    }

    pub(crate) fn into_state(self) -> Value {
        json!(self)
    }

    pub(crate) fn put(&mut self, name: &str, text: String) -> Result<String, Failure> {
        if name.is_empty() || name.len() > NAME_BYTES_MAX || text.len() > TEXT_BYTES_MAX {
            let words = format!(
                "A name is 1 to {NAME_BYTES_MAX} bytes, a note at most {TEXT_BYTES_MAX} bytes."
            );
            return Err(Failure::to_model(words));
        }
        let is_new = !self.0.contains_key(name);
        if is_new && self.0.len() >= NOTES_MAX {
            let words = format!("There are {NOTES_MAX} notes already: delete one first.");
            return Err(Failure::to_model(words));
        }
        self.0.insert(name.to_owned(), text);
        let what = if is_new { "Wrote" } else { "Rewrote" };
        Ok(format!("{what} {name}."))
    }

    pub(crate) fn get(&self, name: &str) -> Result<String, Failure> {
        self.0.get(name).cloned().ok_or_else(|| missing(name))
    }

    pub(crate) fn delete(&mut self, name: &str) -> Result<String, Failure> {
        match self.0.remove(name) {
            Some(_) => Ok(format!("Deleted {name}.")),
            None => Err(missing(name)),
        }
    }

    pub(crate) fn names(&self) -> Names {
        Names {
            names: self.0.keys().cloned().collect(),
        }
    }
}

fn missing(name: &str) -> Failure {
    Failure::to_model(format!("There is no note called {name}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_there_until_it_is_deleted_and_survives_being_stored() {
        let mut notes = Notes::of(Some(Value::Null)).unwrap();
        assert_eq!(notes.put("tea", "green".into()).unwrap(), "Wrote tea.");
        assert_eq!(notes.put("tea", "black".into()).unwrap(), "Rewrote tea.");
        let mut notes = Notes::of(Some(notes.into_state())).unwrap();
        assert_eq!(notes.get("tea").unwrap(), "black");
        assert_eq!(notes.names().names, ["tea"]);
        notes.delete("tea").unwrap();
        assert!(notes.get("tea").is_err() && notes.delete("tea").is_err());
    }

    #[test]
    fn a_scratchpad_is_bounded() {
        let mut notes = Notes::default();
        assert!(notes.put("", "x".into()).is_err());
        assert!(notes.put(&"n".repeat(101), "x".into()).is_err());
        assert!(notes.put("n", "x".repeat(10_001)).is_err());
        for number in 0..NOTES_MAX {
            notes.put(&number.to_string(), "x".into()).unwrap();
        }
        assert!(notes.put("one more", "x".into()).is_err());
        assert!(notes.put("0", "rewritten".into()).is_ok());
        assert!(Notes::of(None).is_err() && Notes::of(Some(json!(5))).is_err());
    }
}
