//! Sealed values: records we hand out and read back, unreadable and
//! unchangeable for everybody else.
//!
//! XChaCha20-Poly1305: its 192-bit nonce may be drawn at random without a
//! counter. The purpose is both in the key and in the associated data.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoding;
use crate::json;
use crate::secret::{KEY_BYTES, Keys, RootSecret};

/// Length of a nonce, in bytes (`XChaCha20`).
pub const NONCE_BYTES: usize = 24;
/// Longest sealed text we try to open unless told otherwise, in characters: an authorization request
/// with the longest client id and a state that needs an escape per byte.
pub const SEALED_CHARS_MAX: usize = 24_576;

/// Random bytes for one sealing; never used twice.
pub type Nonce = [u8; NONCE_BYTES];

/// Seals and opens values of one purpose.
#[derive(Clone)]
pub struct Seal {
    sealing: XChaCha20Poly1305,
    /// That one first, then those of other root secrets.
    opening: Vec<XChaCha20Poly1305>,
    purpose: &'static str,
    chars_max: usize,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seal({})", self.purpose)
    }
}

impl Seal {
    /// A seal for one purpose.
    pub fn new(root: &RootSecret, purpose: &'static str) -> Self {
        Self::of(&root.derive_all(&named(purpose)), purpose)
    }

    /// A seal for what does not live longer than
    /// [`BRIEF_LIFE_MAX`](crate::secret::BRIEF_LIFE_MAX).
    pub fn brief(root: &RootSecret, purpose: &'static str) -> Self {
        Self::of(&root.derive_brief(&named(purpose)), purpose)
    }

    /// A seal for one purpose and one owner, by a key that no other owner has.
    pub fn of_one(root: &RootSecret, purpose: &'static str, owner: &str) -> Self {
        let named = format!("{}\0{owner}", named(purpose));
        Self::of(&root.derive_all(&named), purpose)
    }

    fn of(keys: &Keys, purpose: &'static str) -> Self {
        let cipher = |key: &[u8; KEY_BYTES]| XChaCha20Poly1305::new(key.into());
        Self {
            sealing: cipher(&keys.making),
            opening: keys.all().map(cipher).collect(),
            purpose,
            chars_max: SEALED_CHARS_MAX,
        }
    }

    /// The same seal, opening texts of up to so many characters.
    #[must_use]
    pub fn with_chars_max(self, chars_max: usize) -> Self {
        Self { chars_max, ..self }
    }

    /// Seals a value.
    pub fn seal<T: Serialize>(&self, value: &T, nonce: Nonce) -> String {
        self.seal_for(value, "", nonce)
    }

    /// Seals a value that opens only together with the same `context`.
    pub fn seal_for<T: Serialize>(&self, value: &T, context: &str, nonce: Nonce) -> String {
        let text = serde_json::to_vec(value)
            .unwrap_or_else(|_| unreachable!("sealed records are plain structs"));
        let aad = self.associated(context);
        let sealed = self
            .sealing
            .encrypt(
                &nonce.into(),
                Payload {
                    msg: &text,
                    aad: aad.as_bytes(),
                },
            )
            .unwrap_or_else(|_| unreachable!("only texts beyond 256 GB cannot be sealed"));
        encoding::encode([nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Opens what [`Self::seal`] made; `None` for everything else.
    pub fn open<T: DeserializeOwned>(&self, sealed: &str) -> Option<T> {
        self.open_for(sealed, "")
    }

    /// Opens what [`Self::seal_for`] made with the same context.
    pub fn open_for<T: DeserializeOwned>(&self, sealed: &str, context: &str) -> Option<T> {
        if sealed.len() > self.chars_max {
            return None;
        }
        let bytes = encoding::decode(sealed)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let aad = self.associated(context);
        let opened = self.opening.iter().find_map(|cipher| {
            let sealed = Payload {
                msg: text,
                aad: aad.as_bytes(),
            };
            cipher.decrypt(&(*nonce).into(), sealed).ok()
        })?;
        json::read(&opened)
    }

    /// No purpose contains a NUL, so purpose and context cannot be confused.
    fn associated(&self, context: &str) -> String {
        format!("{}\0{context}", self.purpose)
    }
}

/// What the key of a seal is derived for.
fn named(purpose: &str) -> String {
    format!("seal {purpose}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Rotation;

    fn seal(purpose: &'static str) -> Seal {
        let root = RootSecret::parse(&encoding::encode((0..32).collect::<Vec<u8>>())).unwrap();
        Seal::new(&root, purpose)
    }

    #[test]
    fn a_sealed_value_opens_for_its_purpose_and_context_only() {
        let sealed = seal("client").seal_for(&"value", "a", [1; 24]);
        assert_eq!(
            seal("client").open_for::<String>(&sealed, "a").as_deref(),
            Some("value")
        );
        assert_eq!(seal("client").open_for::<String>(&sealed, "b"), None);
        assert_eq!(seal("client").open::<String>(&sealed), None);
        assert_eq!(seal("login").open_for::<String>(&sealed, "a"), None);
    }

    #[test]
    fn what_an_older_secret_sealed_opens_unless_it_is_brief_and_that_secret_was_replaced_long_ago()
    {
        let text = |first: u8| encoding::encode((first..first + 32).collect::<Vec<u8>>());
        let said = [
            (1, text(0)),
            (2, format!("{} from 2020-01-01T00:00:00Z", text(1))),
        ];
        let now = "2020-01-09T00:00:00Z".parse().unwrap();
        let root = Rotation::read(&said, now).unwrap().root;
        let sealed = seal("client").seal(&"value", [1; 24]);
        let opened = Seal::new(&root, "client").open::<String>(&sealed);
        assert_eq!(opened.as_deref(), Some("value"));
        assert_eq!(Seal::brief(&root, "client").open::<String>(&sealed), None);
        let sealed = Seal::new(&root, "client").seal(&"value", [1; 24]);
        assert_eq!(seal("client").open::<String>(&sealed), None);
    }

    #[test]
    fn a_changed_cut_or_made_up_value_does_not_open() {
        let sealed = seal("client").seal(&"value", [1; 24]);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                seal("client").open::<String>(&changed),
                None,
                "character {at}"
            );
            assert_eq!(
                seal("client").open::<String>(&sealed[..at]),
                None,
                "cut at {at}"
            );
        }
        let long = "A".repeat(SEALED_CHARS_MAX + 1);
        assert_eq!(seal("client").open::<String>(&long), None);
    }
}
