//! What a tool that acts in the user's name at their login provider is given for it,
//! under [`crate::meta::UPSTREAM`]. No client ever sends or gets it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the permission of such a tool begins with; the provider's id follows.
pub const PERMISSION_PREFIX: &str = "upstream:";

/// The member that says why there is no token.
const UNREACHABLE: &str = "unreachable";

/// What acts for the user at their provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// The provider's id in the configuration.
    pub provider: String,
    /// Its issuer; of GitHub, the server's URL.
    pub issuer: String,
    /// For its API: in an `Authorization` field there, and nowhere else.
    pub access_token: String,
    /// When that ends, in seconds since 1970, if the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({}, redacted)", self.provider)
    }
}

/// What comes of asking for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lent {
    /// Here it is.
    Token(Upstream),
    /// The old one has ended, and the provider is in trouble: later there may be one.
    Unreachable,
}

impl Lent {
    /// As it stands in a tool's request.
    pub fn to_meta(&self) -> Value {
        match self {
            Self::Token(upstream) => json!(upstream),
            Self::Unreachable => json!({ UNREACHABLE: true }),
        }
    }

    /// Reads what stands there.
    pub fn of_meta(told: &Value) -> Option<Self> {
        if told.get(UNREACHABLE).is_some() {
            return Some(Self::Unreachable);
        }
        Upstream::deserialize(told).ok().map(Self::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(expires: Option<i64>) -> Upstream {
        Upstream {
            provider: "acme".into(),
            issuer: "https://id.example".into(),
            access_token: "the-token".into(),
            expires,
        }
    }

    #[test]
    fn what_is_told_is_read_back() {
        for lent in [
            Lent::Token(upstream(Some(1_800_000_000))),
            Lent::Token(upstream(None)),
            Lent::Unreachable,
        ] {
            assert_eq!(Lent::of_meta(&lent.to_meta()), Some(lent));
        }
        let told = json!({ "provider": "acme", "issuer": "https://id.example",
            "access_token": "the-token", "expires": 5 });
        assert_eq!(Lent::Token(upstream(Some(5))).to_meta(), told);
        assert_eq!(Lent::of_meta(&json!({ "provider": "acme" })), None);
    }

    /// Checklist SEC-08.
    #[test]
    fn the_token_does_not_show_in_debug_output() {
        let shown = format!("{:?}", Lent::Token(upstream(None)));
        assert!(!shown.contains("the-token"), "{shown}");
    }
}
