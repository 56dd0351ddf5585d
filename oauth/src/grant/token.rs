//! The texts of codes and refresh tokens: a sealed route, a dot, a secret.
//!
//! The route names the account whose object holds the rest; sealed, so that a
//! token says nothing about its owner and nobody can address an account of
//! their choice. The secret part is what the object has the hash of.

use serde::{Deserialize, Serialize};

use crate::grant::{GrantId, Secret};
use crate::identity::AccountId;
use crate::seal::{NONCE_BYTES, Nonce, Seal};
use crate::secret::{MacKey, RootSecret};

/// Longest code or refresh token we look at, in characters; ours have 300.
const TEXT_CHARS_MAX: usize = 1_024;

/// Writes and reads the texts.
#[derive(Debug, Clone)]
pub struct TokenTexts {
    codes: Seal,
    refreshes: Seal,
    nonces: MacKey,
}

/// What a code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeText {
    /// Whose object holds it.
    pub account: AccountId,
    /// Its secret part.
    pub secret: Secret,
}

/// What a refresh token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshText {
    /// Whose object holds it.
    pub account: AccountId,
    /// The grant it stands for.
    pub grant: GrantId,
    /// Its number.
    pub generation: u32,
    /// Its secret part.
    pub secret: Secret,
}

#[derive(Serialize, Deserialize)]
struct Route(AccountId, GrantId, u32);

impl TokenTexts {
    /// The texts of this deployment.
    pub fn new(root: &RootSecret) -> Self {
        Self {
            codes: Seal::brief(root, "code route"),
            refreshes: Seal::new(root, "refresh route"),
            nonces: root.mac_key("nonces of refresh routes"),
        }
    }

    /// Writes a code.
    pub fn code(&self, code: &CodeText, nonce: Nonce) -> String {
        format!(
            "{}.{}",
            self.codes.seal(&code.account, nonce),
            code.secret.0
        )
    }

    /// Reads a code; `None` for what is not one of ours.
    pub fn read_code(&self, text: &str) -> Option<CodeText> {
        let (route, secret) = parts(text)?;
        Some(CodeText {
            account: self.codes.open(route)?,
            secret,
        })
    }

    /// Writes a refresh token. The same token has the same text each time: its
    /// nonce is derived from the route, which is never sealed with another.
    pub fn refresh(&self, token: &RefreshText) -> String {
        let generation = token.generation.to_string();
        let mac = self
            .nonces
            .mac(&[token.account.as_str(), token.grant.as_str(), &generation]);
        let nonce = mac
            .first_chunk::<NONCE_BYTES>()
            .copied()
            .unwrap_or_default();
        let route = Route(token.account.clone(), token.grant.clone(), token.generation);
        format!("{}.{}", self.refreshes.seal(&route, nonce), token.secret.0)
    }

    /// Reads a refresh token; `None` for what is not one of ours.
    pub fn read_refresh(&self, text: &str) -> Option<RefreshText> {
        let (route, secret) = parts(text)?;
        let Route(account, grant, generation) = self.refreshes.open(route)?;
        Some(RefreshText {
            account,
            grant,
            generation,
            secret,
        })
    }
}

fn parts(text: &str) -> Option<(&str, Secret)> {
    let (route, secret) = text
        .split_once('.')
        .filter(|_| text.len() <= TEXT_CHARS_MAX)?;
    Some((route, Secret(secret.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding;

    fn texts() -> TokenTexts {
        let root = encoding::encode((0..32).collect::<Vec<u8>>());
        TokenTexts::new(&RootSecret::parse(&root).unwrap())
    }

    fn account() -> AccountId {
        AccountId::trusted("account".into())
    }

    fn token(generation: u32) -> RefreshText {
        let grant = GrantId::new([1; 16]);
        RefreshText {
            account: account(),
            grant,
            generation,
            secret: Secret("secret".into()),
        }
    }

    #[test]
    fn texts_are_read_back_and_a_code_is_no_refresh_token() {
        let code = CodeText {
            account: account(),
            secret: Secret("secret".into()),
        };
        let text = texts().code(&code, [1; 24]);
        assert_eq!(texts().read_code(&text), Some(code));
        assert_eq!(texts().read_refresh(&text), None);
        let text = texts().refresh(&token(1));
        assert_eq!(texts().read_refresh(&text), Some(token(1)));
        assert_eq!(texts().read_code(&text), None);
    }

    #[test]
    fn the_same_refresh_token_has_one_text_and_two_have_two() {
        assert_eq!(texts().refresh(&token(1)), texts().refresh(&token(1)));
        let (one, two) = (texts().refresh(&token(1)), texts().refresh(&token(2)));
        assert_ne!(one.get(..32), two.get(..32));
    }

    #[test]
    fn garbage_is_no_token() {
        for text in ["", ".", "a.b", "secret", &"a".repeat(5_000)] {
            assert!(texts().read_code(text).is_none() && texts().read_refresh(text).is_none());
        }
    }
}
