//! Who sends a request to the token or revocation endpoint, by its own account
//! (RFC 6749 section 2.3).

use crate::basic;
use crate::client::{
    ASSERTION_TYPE, AssertionRefusal, ClientKeys, Clients, DocumentUrl, Named, claimed_client,
};
use crate::form::Parameters;
use crate::token::TokenError;

/// What a client proves itself with.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The client.
    pub client: Prover,
    /// The JWT, as it was sent.
    pub text: String,
}

/// A client that may prove itself with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prover {
    /// A document says which.
    Document(DocumentUrl),
    /// The configuration says which.
    Configured {
        /// The client's id.
        id: String,
        /// Its keys.
        keys: ClientKeys,
    },
}

impl Prover {
    /// The client's id.
    pub fn id(&self) -> &str {
        match self {
            Self::Document(url) => url.as_str(),
            Self::Configured { id, .. } => id,
        }
    }
}

impl std::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Assertion({}, redacted)", self.client.id())
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
    /// Whether it has shown its secret.
    pub(crate) authenticated: bool,
}

/// A request with the credentials in its `Authorization` fields, if there are
/// some, as if they had been sent in the form (RFC 6749 section 2.3.1).
pub fn with_basic<'a>(
    mut sent: Parameters,
    fields: impl IntoIterator<Item = &'a str>,
) -> Result<Parameters, TokenError> {
    let mut fields = fields.into_iter().peekable();
    if fields.peek().is_none() {
        return Ok(sent);
    }
    let (id, secret) = basic::read(fields).ok_or(TokenError::PublicClient)?;
    let twice = ["client_secret", "client_assertion"];
    let twice = twice.iter().any(|name| sent.get(name).is_some());
    if twice || sent.get("client_id").is_some_and(|named| named != id) {
        return Err(TokenError::Secret);
    }
    sent.set("client_id", &id);
    sent.set("client_secret", &secret);
    Ok(sent)
}

impl Sender {
    /// Reads who sends a request.
    ///
    /// The document of a public client is not read again: it was when its user
    /// agreed, and who is not the client that the grant names gets nothing.
    pub(crate) fn read(sent: &Parameters, clients: &Clients) -> Result<Self, TokenError> {
        let text = sent.get("client_assertion");
        let typ = sent.get("client_assertion_type");
        let secret = sent.get("client_secret");
        let asserts = text.is_some() || typ.is_some();
        let claimed = || text.and_then(claimed_client);
        let client_id = sent.get("client_id").map(str::to_owned).or_else(claimed);
        let client_id = client_id.ok_or(TokenError::Missing("client_id"))?;
        let named = clients.named(&client_id);
        let mut authenticated = false;
        let (client_name, prover) = match named.map_err(|_| TokenError::UnknownClient)? {
            Named::Configured(client) => {
                if let Some(secret) = secret {
                    if asserts || !client.has_secret(secret) {
                        return Err(TokenError::Secret);
                    }
                    authenticated = true;
                }
                let prover = client.client.keys.map(|keys| Prover::Configured {
                    id: client.id,
                    keys,
                });
                (client.client.name, prover)
            }
            _ if secret.is_some() => return Err(TokenError::PublicClient),
            Named::Registered(client) => (client.name, None),
            Named::Document(url) => (None, Some(Prover::Document(url))),
        };
        let assertion = match (prover, text) {
            (None, _) if asserts => return Err(TokenError::PublicClient),
            (Some(client), Some(text)) if typ == Some(ASSERTION_TYPE) => Some(Assertion {
                client,
                text: text.to_owned(),
            }),
            _ if asserts => return Err(AssertionRefusal::Malformed.into()),
            _ => None,
        };
        Ok(Self {
            client_id,
            client_name,
            assertion,
            authenticated,
        })
    }
}
