//! Who a user is: the pair of issuer and subject that a provider vouches for.
//!
//! Never an e-mail address and never a display name: those change hands.

use serde::{Deserialize, Serialize};

use crate::encoding;
use crate::secret::MacKey;

/// Longest subject we accept, in bytes. OpenID Connect Core section 2 allows
/// 255 ASCII characters.
pub const SUBJECT_BYTES_MAX: usize = 255;
/// Longest issuer we accept, in bytes.
pub const ISSUER_BYTES_MAX: usize = 512;
/// Longest display name we keep, in characters; the rest is cut off.
pub const NAME_CHARS_MAX: usize = 100;

/// Our name for a user, and the name of their `AccountObject`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// Bytes of the MAC that make the name: 128 bits, which nobody can search.
    const BYTES: usize = 16;

    /// The account of a user. The MAC hides who it is from everybody who sees
    /// the name, and keeps names apart between deployments.
    pub fn of(key: &MacKey, issuer: &str, subject: &str) -> Self {
        let mac = key.mac(&[issuer, subject]);
        Self(encoding::encode(mac.get(..Self::BYTES).unwrap_or_default()))
    }

    /// Takes a name from a source we trust: a sealed value or our own table.
    pub fn trusted(text: String) -> Self {
        Self(text)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A user as a provider vouched for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The id of the provider in our configuration, such as `github`.
    pub provider: String,
    /// The provider's issuer.
    pub issuer: String,
    /// The user's stable name there.
    pub subject: String,
    /// What to call the user on a page; decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Why a provider's user cannot be one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadIdentity {
    /// No subject, or one that is too long or has control characters.
    #[error("the subject is empty, too long or has control characters")]
    Subject,
    /// The same for the issuer.
    #[error("the issuer is empty, too long or has control characters")]
    Issuer,
}

impl Identity {
    /// Checks what a provider said about a user.
    pub fn new(
        provider: &str,
        issuer: &str,
        subject: &str,
        name: Option<&str>,
    ) -> Result<Self, BadIdentity> {
        if !usable(subject, SUBJECT_BYTES_MAX) {
            return Err(BadIdentity::Subject);
        }
        if !usable(issuer, ISSUER_BYTES_MAX) {
            return Err(BadIdentity::Issuer);
        }
        Ok(Self {
            provider: provider.to_owned(),
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            name: name.and_then(display_name),
        })
    }
}

fn usable(text: &str, bytes_max: usize) -> bool {
    !text.trim().is_empty() && text.len() <= bytes_max && !text.chars().any(char::is_control)
}

/// A name fit to be shown: no control characters, not longer than the limit.
pub fn display_name(text: &str) -> Option<String> {
    let name: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME_CHARS_MAX)
        .collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::RootSecret;

    fn key() -> MacKey {
        RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>()))
            .unwrap()
            .mac_key("account")
    }

    #[test]
    fn the_same_subject_at_two_issuers_is_two_users() {
        let one = AccountId::of(&key(), "https://a.example", "1");
        assert_eq!(one, AccountId::of(&key(), "https://a.example", "1"));
        assert_ne!(one, AccountId::of(&key(), "https://b.example", "1"));
        assert_ne!(one, AccountId::of(&key(), "https://a.example1", ""));
        assert_eq!(one.as_str().len(), 22);
    }

    #[test]
    fn a_subject_that_is_empty_long_or_has_controls_is_refused() {
        let long = "x".repeat(SUBJECT_BYTES_MAX + 1);
        for subject in ["", "  ", "a\nb", "a\0", &long] {
            let got = Identity::new("oidc", "https://a.example", subject, None);
            assert_eq!(got, Err(BadIdentity::Subject), "{subject:?}");
        }
        assert_eq!(
            Identity::new("oidc", "", "1", None),
            Err(BadIdentity::Issuer)
        );
    }

    #[test]
    fn a_display_name_is_cut_and_cleaned_and_may_be_missing() {
        let name = |text| Identity::new("dev", "i", "s", Some(text)).unwrap().name;
        assert_eq!(name(" Ada\u{7} "), Some("Ada".to_owned()));
        assert_eq!(name("\n"), None);
        assert_eq!(
            name(&"é".repeat(200)).unwrap().chars().count(),
            NAME_CHARS_MAX
        );
    }
}
