//! How a request came: by which app and credential, and from where. It decides
//! nothing, and no tool hears of it; it is for the records of who did what.

use serde::{Deserialize, Serialize};

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
    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}
