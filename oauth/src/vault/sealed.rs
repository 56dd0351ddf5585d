//! The seal of what is kept, by a key of its own for each account.

use crate::identity::AccountId;
use crate::seal::{Nonce, Seal};
use crate::secret::RootSecret;
use crate::vault::{Kept, TOKEN_CHARS_MAX};

/// Longest sealed text that is opened, in characters: two tokens of the largest kind
/// with an escape for each character, an issuer and a subject, in base64.
const SEALED_CHARS_MAX: usize = 49_152;
const _: () = assert!(4 * TOKEN_CHARS_MAX + 4_096 <= SEALED_CHARS_MAX / 4 * 3);

/// Seals and opens what one account keeps. What is read with the key of an older root
/// secret is sealed with that of the newest when it is written again.
#[derive(Debug, Clone)]
pub struct Vault {
    seal: Seal,
    account: AccountId,
}

impl Vault {
    /// The vault of an account.
    pub fn of(root: &RootSecret, account: AccountId) -> Self {
        let seal = Seal::of_one(root, "vault", account.as_str());
        Self {
            seal: seal.with_chars_max(SEALED_CHARS_MAX),
            account,
        }
    }

    /// Seals what is kept of one provider.
    pub fn seal(&self, kept: &Kept, nonce: Nonce) -> String {
        self.seal
            .seal_for(kept, &self.context(&kept.identity.provider), nonce)
    }

    /// Opens it; none for what was sealed for another account or provider, or by a
    /// root secret that is gone.
    pub fn open(&self, sealed: &str, provider: &str) -> Option<Kept> {
        self.seal.open_for(sealed, &self.context(provider))
    }

    /// Neither an account's name nor a provider's id has a NUL.
    fn context(&self, provider: &str) -> String {
        format!("{}\0{provider}", self.account)
    }
}
