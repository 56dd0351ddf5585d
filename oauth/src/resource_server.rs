//! Resource servers beside our own, which may ask about tokens: reading the
//! `RESOURCE_SERVERS` variable, and telling who asks.
//!
//! They authenticate with `client_secret_basic`.

use serde::Deserialize;

use crate::basic::{self, SECRET_CHARS_MIN};
use crate::secret::SecretHash;

/// Most resource servers of one deployment: each costs a hash when one asks.
pub const RESOURCE_SERVERS_MAX: usize = 32;

/// Those that are registered.
#[derive(Debug, Clone, Default)]
pub struct ResourceServers(Vec<ResourceServer>);

#[derive(Debug, Clone)]
struct ResourceServer {
    id: String,
    secret: SecretHash,
}

/// A list that cannot be used; the text says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadResourceServers(&'static str);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    secret_hash: String,
}

impl ResourceServers {
    /// Reads a JSON list of objects with `id` and `secret_hash`, the SHA-256 of
    /// a random secret in base64url.
    pub fn read(text: &str) -> Result<Self, BadResourceServers> {
        let written: Vec<Written> = serde_json::from_str(text).map_err(|_| {
            BadResourceServers("is not a JSON list of objects with id and secret_hash")
        })?;
        if written.len() > RESOURCE_SERVERS_MAX {
            return Err(BadResourceServers("has more than 32 entries"));
        }
        let mut servers: Vec<ResourceServer> = Vec::new();
        for Written { id, secret_hash } in written {
            if !basic::is_id(&id) {
                let words = "has an id that is not 1 to 64 letters, digits, - or _";
                return Err(BadResourceServers(words));
            }
            if servers.iter().any(|known| known.id == id) {
                return Err(BadResourceServers("names an id twice"));
            }
            let words = "has a secret_hash that is not a SHA-256 in base64url without padding";
            let secret = basic::secret_hash(secret_hash).ok_or(BadResourceServers(words))?;
            servers.push(ResourceServer { id, secret });
        }
        Ok(Self(servers))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id of who asks, by the request's `Authorization` fields; none unless
    /// there is one field with the secret of a registered server. It takes the
    /// same time whichever of them is meant, and wherever secrets differ.
    pub fn authenticate<'a>(&self, fields: impl IntoIterator<Item = &'a str>) -> Option<&str> {
        let found = basic::read(fields);
        let (id, secret) = found.filter(|(_, secret)| secret.len() >= SECRET_CHARS_MIN)?;
        let mut found = None;
        for server in &self.0 {
            let fits = server.secret.is_of(&secret);
            if fits && server.id == id {
                found = Some(server.id.as_str());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;
    use crate::basic::FIELD_CHARS_MAX;

    fn hash(secret: &str) -> String {
        SecretHash::of(secret).as_str().to_owned()
    }

    const FIRST: &str = "0123456789abcdef0123456789abcdef";
    const SECOND: &str = "0123456789abcdef0123456789ABCDEF";

    fn servers() -> ResourceServers {
        let list = json!([
            { "id": "one", "secret_hash": hash(FIRST) },
            { "id": "two", "secret_hash": hash(SECOND) },
            { "id": "weak", "secret_hash": hash("changeme") },
            { "id": "empty", "secret_hash": hash("") },
        ]);
        ResourceServers::read(&list.to_string()).unwrap()
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    /// RFC 7662 section 2.1, RFC 6749 section 2.3.1.
    #[test]
    fn only_a_registered_id_with_its_own_secret_is_somebody() {
        let servers = servers();
        let first = basic(&format!("one:{FIRST}"));
        let table = [
            (first.clone(), Some("one")),
            (first.replace("Basic", "bAsIc"), Some("one")),
            (basic(&format!("two:{SECOND}")), Some("two")),
            (basic(&format!("two:{FIRST}")), None),
            (basic("weak:changeme"), None),
            (basic("empty:"), None),
            (basic("one:"), None),
            (basic("one"), None),
            (basic(&format!("three:{FIRST}")), None),
            (basic(&format!("ONE:{FIRST}")), None),
            (basic(":"), None),
            (basic(&format!("one:{}", hash(FIRST))), None),
            (basic(&format!("one:{}", "x".repeat(FIELD_CHARS_MAX))), None),
            (format!("Bearer {FIRST}"), None),
            ("Basic".into(), None),
            ("Basic !".into(), None),
            (format!("Basic {}", STANDARD.encode([0xff, b':'])), None),
            (String::new(), None),
        ];
        for (field, want) in table {
            assert_eq!(servers.authenticate([field.as_str()]), want, "{field}");
        }
        assert_eq!(servers.authenticate([]), None);
        assert_eq!(servers.authenticate([first.as_str(), first.as_str()]), None);
        let none = ResourceServers::default();
        assert_eq!(none.authenticate([first.as_str()]), None);
    }

    #[test]
    fn a_list_that_is_not_in_order_is_refused() {
        let entry = json!({ "id": "one", "secret_hash": hash(FIRST) });
        let with = |name: &str, value: serde_json::Value| {
            let mut spoilt = entry.clone();
            spoilt[name] = value;
            json!([spoilt]).to_string()
        };
        let many: Vec<_> = (0..=RESOURCE_SERVERS_MAX)
            .map(|number| json!({ "id": number.to_string(), "secret_hash": hash(FIRST) }))
            .collect();
        for text in [
            String::new(),
            "{}".into(),
            json!([entry, entry]).to_string(),
            json!([{ "id": "one" }]).to_string(),
            with("secret", json!(FIRST)),
            with("id", json!("")),
            with("id", json!("a:b")),
            with("id", json!("x".repeat(basic::ID_CHARS_MAX + 1))),
            with("secret_hash", json!(FIRST)),
            with("secret_hash", json!("")),
            json!(many).to_string(),
        ] {
            assert!(ResourceServers::read(&text).is_err(), "{text}");
        }
        assert!(ResourceServers::read("[]").unwrap().is_empty());
    }
}
