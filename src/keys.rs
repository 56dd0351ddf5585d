//! What is made from the root secret: one tool for each kind of value we hand
//! out and read back.

use mcp::limits::REQUEST_STATE_CHARS_MAX;
use oauth::RootSecret;
use oauth::authorize::PushedRequests;
use oauth::client::Clients;
use oauth::grant::TokenTexts;
use oauth::login::{Csrf, LoginSessions, States, Transactions};
use oauth::seal::Seal;
use oauth::secret::MacKey;

/// The tools; none of them shows its key.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Client ids.
    pub(crate) clients: Clients,
    /// References to pushed requests.
    pub(crate) pushed: PushedRequests,
    /// Codes and refresh tokens.
    pub(crate) token_texts: TokenTexts,
    /// Forms on our pages.
    pub(crate) csrf: Csrf,
    /// Login sessions of browsers.
    pub(crate) sessions: LoginSessions,
    /// The `state` at a provider.
    pub(crate) states: States,
    /// What is remembered of a login on its way.
    pub(crate) transactions: Transactions,
    /// What a tool remembers of a stateless request between its questions.
    pub(crate) request_states: Seal,
    /// Names of accounts.
    pub(crate) accounts: MacKey,
}

impl Keys {
    /// Derives them all; client ids came with the configuration of clients.
    pub(crate) fn derived(root: &RootSecret, clients: Clients) -> Self {
        Self {
            clients,
            pushed: PushedRequests::new(root),
            token_texts: TokenTexts::new(root),
            csrf: Csrf::new(root),
            sessions: LoginSessions::new(root),
            states: States::new(root),
            transactions: Transactions::new(root),
            request_states: Seal::brief(root, "request state")
                .with_chars_max(REQUEST_STATE_CHARS_MAX),
            accounts: root.mac_key("account"),
        }
    }
}
