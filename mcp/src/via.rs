//! How a request came: by which app and credential, and from where. It decides
//! nothing, and no tool hears of it; it is for the records of who did what.

use serde::{Deserialize, Serialize};

use crate::era::{decode_value, encode_value};

/// How a request came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Via {
    /// The app, or what an API key is called as one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The grant, or the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// The network address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl Via {
    /// As the value of a field.
    pub fn field(&self) -> String {
        // Three texts have a JSON text always.
        let text = serde_json::to_string(self).unwrap_or_default();
        encode_value(&text).into_owned()
    }

    /// Read from that field; of one that cannot be read nothing is known.
    pub fn read(field: &str) -> Self {
        let text = decode_value(field);
        let read = text.and_then(|text| serde_json::from_str(&text).ok());
        read.unwrap_or_default()
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_says_is_what_was_put_there() {
        for client in ["https://app.example/c.json", "größe 🌍", "a\r\nb"] {
            let via = Via {
                client: Some(client.into()),
                grant: None,
                address: Some("2001:db8::1".into()),
            };
            let field = via.field();
            assert!(field.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            assert_eq!(Via::read(&field), via);
        }
        for bad in ["", "{", "=?base64?AAAA", "[]", "1"] {
            assert!(Via::read(bad).is_unknown(), "{bad}");
        }
    }
}
