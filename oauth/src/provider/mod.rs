//! The providers by which people log in: their configuration, and what may be
//! believed of their answers.

mod config;
mod discovery;
mod endpoints;
mod github;
mod id_token;
mod memory;

pub use config::{
    BadProviders, DEVELOPMENT_ISSUER_PATH, Keeping, PROVIDERS_MAX, Provider, ProviderKind,
    RECHECK_MINUTES_MAX, read,
};
pub use discovery::{Discovered, discovery_url, read_discovery};
pub use endpoints::{
    BadUrl, Endpoints, Exchanged, NotExchanged, Offline, Passage, Registration, SecretIn, honest,
};
pub use github::{github_endpoints, github_user_url, read_github_user};
pub use id_token::{Expected, IdTokenRefusal, UserClaims, check_id_token, read_user_info};
pub use memory::{DISCOVERY_LIFE, FORCE_EVERY, KEYS_LIFE, ProviderMemory};

use crate::public_keys::NoKeySet;

/// Longest answer of a provider that we read, in bytes. The largest known
/// discovery documents and key sets have 10 to 20 kB.
pub const ANSWER_BYTES_MAX: usize = 262_144;

/// An answer of a provider that we cannot use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Garbled(pub &'static str);

impl From<NoKeySet> for Garbled {
    fn from(_: NoKeySet) -> Self {
        Self("its key set is not a JSON object with keys")
    }
}
