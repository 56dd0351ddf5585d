//! A record with its text, which is written where it is packed and where it arrives,
//! and nowhere between.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::Record;

/// A record as it travels, is hashed and is stored.
#[derive(Debug, Clone)]
pub struct Written {
    record: Record,
    text: Box<RawValue>,
}

impl Written {
    /// What it says.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Its JSON.
    pub fn text(&self) -> &str {
        self.text.get()
    }
}

impl From<Record> for Written {
    fn from(record: Record) -> Self {
        // Every part is a text, a number or a list of them: it has a JSON text always.
        let text = to_raw_value(&record).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { record, text }
    }
}

/// Two are the same if their texts are.
impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Written {}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        // Written anew: what is too long in it is bounded by then.
        Record::deserialize(input).map(Self::from)
    }
}
