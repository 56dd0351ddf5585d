//! What is made from the root secret: one tool for each kind of value we hand
//! out and read back.

use oauth::RootSecret;
use oauth::api_key::KeyTexts;
use oauth::authorize::PushedRequests;
use oauth::client::Clients;
use oauth::grant::TokenTexts;
use oauth::login::{Csrf, LoginSessions, States, Transactions};
use oauth::secret::MacKey;
use platform::portal::ProofKey;

/// The tools; none of them shows its key.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Client ids.
    pub(crate) clients: Clients,
    /// References to pushed requests.
    pub(crate) pushed: PushedRequests,
    /// Codes and refresh tokens.
    pub(crate) token_texts: TokenTexts,
    /// API keys.
    pub(crate) key_texts: KeyTexts,
    /// Forms on our pages.
    pub(crate) csrf: Csrf,
    /// Login sessions of browsers.
    pub(crate) sessions: LoginSessions,
    /// The `state` at a provider.
    pub(crate) states: States,
    /// What is remembered of a login on its way.
    pub(crate) transactions: Transactions,
    /// Names of accounts.
    pub(crate) accounts: MacKey,
    /// Places in lists that the API answers.
    pub(crate) cursors: MacKey,
    /// What the front Worker shows when it asks.
    pub(crate) front: ProofKey,
}

impl Keys {
    /// Derives them all; client ids came with the configuration of clients.
    pub(crate) fn derived(root: &RootSecret, clients: Clients) -> Self {
        Self {
            clients,
            pushed: PushedRequests::new(root),
            token_texts: TokenTexts::new(root),
            key_texts: KeyTexts::new(root),
            csrf: Csrf::new(root),
            sessions: LoginSessions::new(root),
            states: States::new(root),
            transactions: Transactions::new(root),
            accounts: root.mac_key("account"),
            cursors: root.brief_mac_key("cursors"),
            front: ProofKey::new(root),
        }
    }
}
