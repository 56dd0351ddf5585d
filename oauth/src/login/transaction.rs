//! What is remembered between sending a browser to a provider and its return.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::authorize::AuthorizeRequest;
use crate::grant::Secret;
use crate::seal::{Nonce, Seal};
use crate::secret::RootSecret;

/// How long a person may take at the provider (checklist SEC-05).
pub const LOGIN_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// One login on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The provider it goes to: an answer of another one is refused (mix-up).
    pub provider: String,
    /// Our PKCE verifier.
    pub verifier: Secret,
    /// What the ID token must repeat.
    pub nonce: Secret,
    /// The request that needs the login; none for a plain one.
    pub request: Option<AuthorizeRequest>,
    /// When it was begun.
    pub begun: Timestamp,
}

/// Seals transactions under their names, so that the object that keeps one
/// holds no secret in clear.
#[derive(Debug, Clone)]
pub struct Transactions(Seal);

impl Transactions {
    /// The transactions of this deployment.
    pub fn new(root: &RootSecret) -> Self {
        Self(Seal::brief(root, "login transaction"))
    }

    /// Seals a transaction under its name.
    pub fn seal(&self, transaction: &Transaction, id: &str, nonce: Nonce) -> String {
        self.0.seal_for(transaction, id, nonce)
    }

    /// Opens the transaction of that name, if it is not too old.
    pub fn open(&self, sealed: &str, id: &str, now: Timestamp) -> Option<Transaction> {
        let transaction: Transaction = self.0.open_for(sealed, id)?;
        let ends = transaction
            .begun
            .checked_add(LOGIN_LIFE)
            .unwrap_or(Timestamp::MAX);
        (now < ends).then_some(transaction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    /// Checklist SEC-05.
    #[test]
    fn a_transaction_opens_under_its_name_and_in_its_time() {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        let transactions = Transactions::new(&RootSecret::parse(&root).unwrap());
        let transaction = Transaction {
            provider: "github".into(),
            verifier: Secret("verifier".into()),
            nonce: Secret("nonce".into()),
            request: None,
            begun: NOW,
        };
        let sealed = transactions.seal(&transaction, "id", [1; 24]);
        assert_eq!(transactions.open(&sealed, "id", NOW), Some(transaction));
        assert_eq!(transactions.open(&sealed, "other", NOW), None);
        assert_eq!(transactions.open(&sealed, "id", NOW + LOGIN_LIFE), None);
    }
}
