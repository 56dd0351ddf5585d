//! What a tool that acts in the user's name at their login provider is given for it,
//! under [`crate::meta::UPSTREAM`]. No client ever sends or gets it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the permission of such a tool begins with; the provider's id follows.
pub const PERMISSION_PREFIX: &str = "upstream:";

/// The member that stands for a provider in trouble.
const UNREACHABLE: &str = "unreachable";

/// What acts for the user at their provider.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Upstream {
    /// The provider's id in the configuration.
    pub provider: String,
    /// Its issuer; of GitHub, the server's URL.
    pub issuer: String,
    /// For its API: in an `Authorization` field there, and nowhere else.
    pub access_token: String,
    /// When that ends, in seconds since 1970, if the provider said so.
    pub expires: Option<i64>,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Upstream({}, redacted)", self.provider)
    }
}

/// What comes of asking for it, as it stands in a tool's request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lent(pub(crate) Value);

impl std::fmt::Debug for Lent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lent(redacted)")
    }
}

impl Lent {
    /// What acts for the user.
    pub fn token(upstream: &Upstream) -> Self {
        Self(json!({
            "provider": upstream.provider,
            "issuer": upstream.issuer,
            "access_token": upstream.access_token,
            "expires": upstream.expires,
        }))
    }

    /// The old token has ended, and the provider is in trouble: later there may be one.
    pub fn unreachable() -> Self {
        Self(json!({ UNREACHABLE: true }))
    }

    /// Reads what stands in a request.
    pub fn of_meta(told: Value) -> Self {
        Self(told)
    }

    /// What acts for the user, if it is there.
    pub fn upstream(&self) -> Option<Upstream> {
        Upstream::deserialize(&self.0).ok()
    }

    /// Whether the provider is in trouble.
    pub fn is_unreachable(&self) -> bool {
        self.0.get(UNREACHABLE).is_some()
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
    fn what_is_lent_is_read_back() {
        for expires in [Some(1_800_000_000), None] {
            let lent = Lent::token(&upstream(expires));
            assert_eq!(
                Lent::of_meta(lent.0.clone()).upstream(),
                Some(upstream(expires))
            );
            assert!(!lent.is_unreachable());
        }
        assert!(Lent::unreachable().is_unreachable());
        assert_eq!(Lent::unreachable().upstream(), None);
        let short = json!({ "provider": "acme", "access_token": "the-token" });
        assert_eq!(Lent::of_meta(short).upstream(), None);
    }

    /// Checklist SEC-08.
    #[test]
    fn the_token_does_not_show_in_debug_output() {
        let lent = Lent::token(&upstream(None));
        let shown = format!("{lent:?} {:?}", lent.upstream());
        assert!(!shown.contains("the-token"), "{shown}");
    }
}
