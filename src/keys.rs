//! What is made from the root secret: one tool for each kind of value we hand
//! out and read back.

use mcp::limits::REQUEST_STATE_CHARS_MAX;
use oauth::RootSecret;
use oauth::api_key::KeyTexts;
use oauth::seal::Seal;
use oauth::secret::MacKey;
use platform::portal::ProofKey;

/// The tools; none of them shows its key.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// API keys.
    pub(crate) key_texts: KeyTexts,
    /// What a tool remembers of a stateless request between its questions.
    pub(crate) request_states: Seal,
    /// Names of accounts.
    pub(crate) accounts: MacKey,
    /// What shows the portal that we ask.
    pub(crate) portal: ProofKey,
}

impl Keys {
    /// Derives them all.
    pub(crate) fn derived(root: &RootSecret) -> Self {
        Self {
            key_texts: KeyTexts::new(root),
            request_states: Seal::brief(root, "request state")
                .with_chars_max(REQUEST_STATE_CHARS_MAX),
            accounts: root.mac_key("account"),
            portal: ProofKey::new(root),
        }
    }
}
