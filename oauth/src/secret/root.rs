//! The secret that all keys are derived from.

use hkdf::Hkdf;
use sha2::Sha256;

use crate::encoding;
use crate::secret::MacKey;

/// Fewest bytes of a root secret: the strength of the 256-bit keys made from it.
pub const ROOT_BYTES_MIN: usize = 32;
/// Most characters we read of a root secret; a limit because every input has one.
pub const ROOT_CHARS_MAX: usize = 1024;
/// Fewest different byte values in a root secret. 32 random bytes have about
/// 30; fewer than this is a pattern somebody typed (chance below 2⁻⁸⁰).
pub const ROOT_VARIETY_MIN: usize = 12;
/// Length of every derived key, in bytes.
pub const KEY_BYTES: usize = 32;

/// The secret that all keys are derived from, and those before and after it:
/// it alone makes what is new, and all of them read.
#[derive(Clone)]
pub struct RootSecret {
    making: Vec<u8>,
    reading: Vec<Reading>,
}

/// A secret that only reads.
#[derive(Clone)]
struct Reading {
    secret: Vec<u8>,
    /// It was replaced so long ago that nothing brief of it can be alive.
    long_ago: bool,
}

/// The keys for one purpose.
#[derive(Clone)]
pub struct Keys {
    /// The key for what is new.
    pub making: [u8; KEY_BYTES],
    /// The keys that only read, the likeliest first.
    pub reading: Vec<[u8; KEY_BYTES]>,
}

impl Keys {
    /// All of them, the one for what is new first.
    pub fn all(&self) -> impl Iterator<Item = &[u8; KEY_BYTES]> {
        std::iter::once(&self.making).chain(&self.reading)
    }
}

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

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(redacted)")
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
        Ok(Self {
            making: bytes,
            reading: Vec::new(),
        })
    }

    /// The same secret, beside which `other` reads what it made; `long_ago` if
    /// nothing brief that it made can still be good.
    #[must_use]
    pub(super) fn beside(mut self, other: Self, long_ago: bool) -> Self {
        self.reading.push(Reading {
            secret: other.making,
            long_ago,
        });
        self
    }

    /// The key for one purpose (RFC 5869; the purpose is the `info`), for what
    /// is new, and for what is never read back.
    pub fn derive(&self, purpose: &str) -> [u8; KEY_BYTES] {
        derived(&self.making, purpose)
    }

    /// All keys for one purpose.
    pub fn derive_all(&self, purpose: &str) -> Keys {
        self.keys(purpose, |_| true)
    }

    /// The same for what does not live longer than
    /// [`BRIEF_LIFE_MAX`](crate::secret::BRIEF_LIFE_MAX): a secret that was
    /// replaced before that has none, so that who finds it later can make
    /// nothing with it.
    pub fn derive_brief(&self, purpose: &str) -> Keys {
        self.keys(purpose, |other| !other.long_ago)
    }

    fn keys(&self, purpose: &str, reads: impl Fn(&Reading) -> bool) -> Keys {
        let reading = self.reading.iter().filter(|other| reads(other));
        Keys {
            making: derived(&self.making, purpose),
            reading: reading
                .map(|other| derived(&other.secret, purpose))
                .collect(),
        }
    }

    /// A MAC key for one purpose.
    pub fn mac_key(&self, purpose: &str) -> MacKey {
        MacKey::new(self.derive_all(purpose))
    }

    /// A MAC key for what does not live long, as [`Self::derive_brief`] says.
    pub fn brief_mac_key(&self, purpose: &str) -> MacKey {
        MacKey::new(self.derive_brief(purpose))
    }
}

fn derived(secret: &[u8], purpose: &str) -> [u8; KEY_BYTES] {
    let mut key = [0; KEY_BYTES];
    Hkdf::<Sha256>::new(Some(b"sessile/1"), secret)
        .expand(purpose.as_bytes(), &mut key)
        .unwrap_or_else(|_| unreachable!("HKDF gives up to 255 blocks, we take one"));
    key
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

    /// Checklist SEC-08.
    #[test]
    fn a_secret_does_not_show_in_debug_output() {
        let other = RootSecret::parse(&encoding::encode((32..64).collect::<Vec<u8>>())).unwrap();
        for shown in [
            format!("{:?}", secret().beside(other, false)),
            format!("{:?}", secret().mac_key("a")),
            format!("{:?}", secret().derive_all("a")),
        ] {
            assert!(shown.ends_with("(redacted)"), "{shown}");
        }
    }
}
