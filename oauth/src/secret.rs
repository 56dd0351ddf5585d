//! The root secret, the keys derived from it, and hashes of secrets.
//!
//! One secret is configured; every use gets a key of its own by HKDF, so that
//! a value made for one purpose can never be taken for another.

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::encoding;

/// Fewest bytes of a root secret: the strength of the 256-bit keys made from it.
pub const ROOT_BYTES_MIN: usize = 32;
/// Most characters we read of a root secret; a limit because every input has one.
pub const ROOT_CHARS_MAX: usize = 1024;
/// Fewest different byte values in a root secret. 32 random bytes have about
/// 30; fewer than this is a pattern somebody typed (chance below 2⁻⁸⁰).
pub const ROOT_VARIETY_MIN: usize = 12;
/// Length of every derived key, in bytes.
pub const KEY_BYTES: usize = 32;

/// The secret that all keys are derived from.
#[derive(Clone)]
pub struct RootSecret(Vec<u8>);

/// Why a text cannot be the root secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// It is not base64url.
    #[error("is not base64url without padding")]
    Encoding,
    /// It is too short.
    #[error("is too short: it needs at least 32 random bytes, written in base64url")]
    Short,
    /// It repeats itself.
    #[error("is not random: it repeats a few bytes")]
    Pattern,
}

impl std::fmt::Debug for RootSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RootSecret(redacted)")
    }
}

impl RootSecret {
    /// Reads the secret from its configured form and refuses weak ones.
    pub fn parse(text: &str) -> Result<Self, WeakSecret> {
        let text = text.trim();
        if text.len() > ROOT_CHARS_MAX {
            return Err(WeakSecret::Encoding);
        }
        let bytes = encoding::decode(text.trim_end_matches('=')).ok_or(WeakSecret::Encoding)?;
        if bytes.len() < ROOT_BYTES_MIN {
            return Err(WeakSecret::Short);
        }
        let mut seen = [false; 256];
        for byte in &bytes {
            if let Some(slot) = seen.get_mut(usize::from(*byte)) {
                *slot = true;
            }
        }
        if seen.iter().filter(|seen| **seen).count() < ROOT_VARIETY_MIN {
            return Err(WeakSecret::Pattern);
        }
        Ok(Self(bytes))
    }

    /// The key for one purpose (RFC 5869; the purpose is the `info`).
    pub fn derive(&self, purpose: &str) -> [u8; KEY_BYTES] {
        let mut key = [0; KEY_BYTES];
        Hkdf::<Sha256>::new(Some(b"sessile/1"), &self.0)
            .expand(purpose.as_bytes(), &mut key)
            .unwrap_or_else(|_| unreachable!("HKDF gives up to 255 blocks, we take one"));
        key
    }

    /// A MAC key for one purpose.
    pub fn mac_key(&self, purpose: &str) -> MacKey {
        MacKey(self.derive(purpose))
    }
}

/// A key for MACs of one purpose.
#[derive(Clone)]
pub struct MacKey([u8; KEY_BYTES]);

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey(redacted)")
    }
}

impl MacKey {
    /// HMAC-SHA256 over the parts, each preceded by its length, so that two
    /// different lists of parts never have the same input.
    pub fn mac(&self, parts: &[&str]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    /// The MAC as text.
    pub fn tag(&self, parts: &[&str]) -> String {
        encoding::encode(self.mac(parts))
    }

    /// Whether `claimed` is the MAC of the parts, in constant time.
    pub fn confirms(&self, claimed: &str, parts: &[&str]) -> bool {
        same(&self.tag(parts), claimed)
    }
}

/// Whether two secrets are the same; takes the same time wherever they differ.
pub fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The SHA-256 of a secret with at least 128 random bits: what we store of it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(String);

impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHash(redacted)")
    }
}

impl SecretHash {
    /// Hashes a secret.
    pub fn of(secret: &str) -> Self {
        Self(encoding::encode(Sha256::digest(secret.as_bytes())))
    }

    /// Takes a hash as it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The hash as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the hash of that secret, in constant time.
    pub fn is_of(&self, secret: &str) -> bool {
        same(&self.0, Self::of(secret).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> RootSecret {
        RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap()
    }

    #[test]
    fn a_weak_root_secret_is_refused_with_its_reason() {
        let table = [
            ("", WeakSecret::Short),
            ("changeme", WeakSecret::Short),
            ("not base64url!", WeakSecret::Encoding),
            (&encoding::encode([7_u8; 64]), WeakSecret::Pattern),
            (&encoding::encode([1_u8; 31]), WeakSecret::Short),
        ];
        for (text, reason) in table {
            assert_eq!(RootSecret::parse(text).err(), Some(reason), "{text}");
        }
    }

    #[test]
    fn padding_and_a_line_end_around_the_secret_are_forgiven() {
        let text = encoding::encode((0..32).collect::<Vec<u8>>());
        let padded = format!("{text}=\n");
        assert_eq!(
            RootSecret::parse(&padded).unwrap().derive("a"),
            secret().derive("a")
        );
    }

    #[test]
    fn two_purposes_have_two_keys() {
        assert_ne!(secret().derive("client"), secret().derive("login"));
    }

    #[test]
    fn a_mac_tells_apart_lists_that_concatenate_alike() {
        let key = secret().mac_key("csrf");
        assert!(key.confirms(&key.tag(&["ab", "c"]), &["ab", "c"]));
        assert!(!key.confirms(&key.tag(&["ab", "c"]), &["a", "bc"]));
        assert!(!key.confirms("", &["ab", "c"]));
    }

    /// Checklist SEC-08.
    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let hash = SecretHash::of("hush");
        for shown in [
            format!("{:?}", secret()),
            format!("{:?}", secret().mac_key("a")),
            format!("{hash:?}"),
        ] {
            assert!(shown.ends_with("(redacted)"), "{shown}");
        }
        assert!(hash.is_of("hush") && !hash.is_of("Hush"));
    }
}
