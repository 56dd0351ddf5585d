//! What the front Worker and the portal say to each other.
//!
//! The front Worker passes on whatever is not the endpoint's, through a service
//! binding and as it came. Besides that it asks about API keys.

use http::HeaderMap;
use oauth::RootSecret;
use oauth::grant::GrantId;
use oauth::secret::MacKey;

/// The service binding of the portal in the front Worker.
pub const PORTAL: &str = "PORTAL";
/// `POST` the [`oauth::identity::AccountId`] and the [`oauth::api_key::Shown`] of a key;
/// answers with what is [`oauth::api_key::Known`] of it, or why it is not good. Only
/// with a [`PROOF`].
pub const API_KEY: &str = "/internal/api-key";
/// The field that shows that the front Worker asks, and nobody through it.
pub const PROOF: &str = "sessile-proof";
/// The field of an answer with the ids of the grants and keys that the request ended:
/// for the front Worker, which refuses them at once and passes the field on to nobody.
pub const ENDED: &str = "sessile-ended";

/// The key of the proof.
#[derive(Debug, Clone)]
pub struct ProofKey(MacKey);

impl ProofKey {
    /// The one that goes with a root secret.
    pub fn new(root: &RootSecret) -> Self {
        Self(root.mac_key("front worker"))
    }

    /// What the front Worker shows at a path.
    pub fn proof(&self, path: &str) -> String {
        self.0.tag(&[path])
    }

    /// Whether that was shown.
    pub fn confirms(&self, fields: &HeaderMap, path: &str) -> bool {
        let shown = fields.get(PROOF).and_then(|shown| shown.to_str().ok());
        shown.is_some_and(|shown| self.0.confirms(shown, &[path]))
    }
}

/// Ids as the field [`ENDED`] has them.
pub fn told<'a>(ended: impl IntoIterator<Item = &'a GrantId>) -> String {
    let ids: Vec<&str> = ended.into_iter().map(GrantId::as_str).collect();
    ids.join(",")
}

/// The ids in the field [`ENDED`].
pub fn heard(field: &str) -> impl Iterator<Item = GrantId> {
    let ids = field.split(',').filter(|id| !id.is_empty());
    ids.map(|id| GrantId::trusted(id.to_owned()))
}
