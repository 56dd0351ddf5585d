//! Who sends a request to the token or revocation endpoint, by its own account
//! (RFC 6749 section 2.3).

use crate::client::{
    ASSERTION_TYPE, AssertionRefusal, Clients, DocumentUrl, Named, claimed_client,
};
use crate::form::Parameters;
use crate::token::TokenError;

/// What a client of a document proves itself with.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The client.
    pub client: DocumentUrl,
    /// The JWT, as it was sent.
    pub text: String,
}

impl std::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assertion({}, redacted)", self.client.as_str())
    }
}

/// A client that sends something.
#[derive(Debug)]
pub(crate) struct Sender {
    /// Its id.
    pub(crate) client_id: String,
    /// What it calls itself, if its id says so.
    pub(crate) client_name: Option<String>,
    /// What it proves itself with, if it does.
    pub(crate) assertion: Option<Assertion>,
}

impl Sender {
    /// Reads who sends a request.
    ///
    /// The document of a public client is not read again: it was when its user
    /// agreed, and who is not the client that the grant names gets nothing.
    pub(crate) fn read(sent: &Parameters, clients: &Clients) -> Result<Self, TokenError> {
        let text = sent.get("client_assertion");
        let typ = sent.get("client_assertion_type");
        let proves = text.is_some() || typ.is_some();
        let claimed = || text.and_then(claimed_client);
        let client_id = sent.get("client_id").map(str::to_owned).or_else(claimed);
        let client_id = client_id.ok_or(TokenError::Missing("client_id"))?;
        let named = clients.named(&client_id);
        let (client_name, url) = match named.map_err(|_| TokenError::UnknownClient)? {
            Named::Registered(client) => (client.name, None),
            Named::Document(url) => (None, Some(url)),
        };
        let assertion = match (url, text) {
            _ if sent.get("client_secret").is_some() => return Err(TokenError::PublicClient),
            (None, _) if proves => return Err(TokenError::PublicClient),
            (Some(client), Some(text)) if typ == Some(ASSERTION_TYPE) => Some(Assertion {
                client,
                text: text.to_owned(),
            }),
            _ if proves => return Err(AssertionRefusal::Malformed.into()),
            _ => None,
        };
        Ok(Self {
            client_id,
            client_name,
            assertion,
        })
    }
}
