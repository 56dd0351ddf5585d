//! Who sends a message, as the front Worker tells a session's object. The token of the
//! request decides, not the one that the session was opened with (checklist RS-11).

use mcp::era::{decode_value, encode_value};
use mcp::via::Via;
use oauth::allowance::Allowance;
use oauth::grant::GrantId;
use serde::{Deserialize, Serialize};
use worker::{Error, Result};

/// What a message came with; without anything, that nothing is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presented {
    /// Which session it is for; an older front Worker does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<At>,
    /// The grant that the token comes from; none without a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// What the token allows.
    pub allowance: Allowance,
    /// How the message came.
    pub via: Via,
    /// The revision that the client named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Until when the token is good, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Whether a page in a browser sent it, which reads no answer that does not let it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_page: bool,
}

/// Where the account of a session has its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// The ledger that pays for it.
    pub ledger: String,
    /// The name of its object.
    pub name: String,
}

impl Presented {
    /// As the value of a field.
    pub fn field(&self) -> Result<String> {
        Ok(encode_value(&serde_json::to_string(self)?).into_owned())
    }

    /// Read from that field. An error if it cannot be read: nothing is allowed then.
    pub fn read(field: &str) -> Result<Self> {
        let unreadable = || Error::RustError("an unreadable field of a message".into());
        let text = decode_value(field).ok_or_else(unreadable)?;
        Ok(serde_json::from_str(&text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_says_is_what_was_put_there() {
        for client in ["https://app.example/c.json", "größe 🌍", "a\r\nb"] {
            let presented = Presented {
                session: Some(At {
                    ledger: "anonymous/a".into(),
                    name: "name~a".into(),
                }),
                grant: Some(GrantId::new([1; 16])),
                allowance: Allowance::default(),
                via: Via {
                    client: Some(client.into()),
                    grant: None,
                    address: Some("2001:db8::1".into()),
                },
                version: Some("2025-11-25".into()),
                until: Some(1_800_000_000),
                is_page: true,
            };
            let field = presented.field().unwrap();
            assert!(field.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            assert_eq!(Presented::read(&field).unwrap(), presented);
        }
        for bad in ["", "{", "{}", "=?base64?AAAA", "[]", "1"] {
            assert!(Presented::read(bad).is_err(), "{bad}");
        }
    }
}
