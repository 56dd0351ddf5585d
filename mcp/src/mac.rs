//! The MAC that every name we hand out carries.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The key of names, shared by all isolates; derived by the caller. When it is
/// replaced, those before it still confirm what they made.
#[derive(Clone)]
pub struct NameKey {
    making: [u8; 32],
    confirming: Vec<[u8; 32]>,
}

impl std::fmt::Debug for NameKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameKey(…)")
    }
}

/// Bytes of a MAC that travel with a name: 128 bits.
const MAC_BYTES: usize = 16;

impl NameKey {
    /// Takes 32 bytes that are used for nothing else.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self {
            making: bytes,
            confirming: Vec::new(),
        }
    }

    /// The same key, with others that confirm beside it.
    #[must_use]
    pub fn beside(self, confirming: Vec<[u8; 32]>) -> Self {
        Self { confirming, ..self }
    }

    /// The MAC over the parts, each preceded by its length, so that two
    /// different lists of parts never have the same input.
    pub(crate) fn mac(&self, purpose: &str, parts: &[&[u8]]) -> String {
        mac(&self.making, purpose, parts)
    }

    /// Whether `claimed` is that MAC, or one of a key beside this one; takes
    /// the same time for every wrong claim of the right length.
    pub(crate) fn confirms(&self, claimed: &str, purpose: &str, parts: &[&[u8]]) -> bool {
        std::iter::once(&self.making)
            .chain(&self.confirming)
            .any(|key| {
                let genuine = mac(key, purpose, parts);
                genuine.as_bytes().ct_eq(claimed.as_bytes()).into()
            })
    }
}

fn mac(key: &[u8], purpose: &str, parts: &[&[u8]]) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    let tag = mac.finalize().into_bytes();
    URL_SAFE_NO_PAD.encode(tag.get(..MAC_BYTES).unwrap_or_default())
}

/// What stands in a name before who pays.
const PAID_BY: char = '~';

/// A random name with an owner: the name of an object, as a client carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnedName {
    /// What names the object: the random part, and who pays if that is somebody else.
    pub(crate) name: String,
    /// The name and a MAC over it and its owner.
    pub(crate) text: String,
}

impl OwnedName {
    /// A new name of `owner`; names of different purposes never match.
    pub(crate) fn mint(key: &NameKey, purpose: &str, owner: &str, random: [u8; 16]) -> Self {
        Self::mint_for(key, purpose, owner, random, None)
    }

    /// As [`Self::mint`], with who pays for what it names, if that is said in base64url.
    pub(crate) fn mint_for(
        key: &NameKey,
        purpose: &str,
        owner: &str,
        random: [u8; 16],
        payer: Option<&str>,
    ) -> Self {
        let random = URL_SAFE_NO_PAD.encode(random);
        let name = match payer.filter(|payer| is_base64url(payer)) {
            Some(payer) => format!("{random}{PAID_BY}{payer}"),
            None => random,
        };
        let tag = key.mac(purpose, &[name.as_bytes(), owner.as_bytes()]);
        Self {
            text: format!("{name}.{tag}"),
            name,
        }
    }

    /// Who pays for what it names, if the name says so.
    pub(crate) fn payer(&self) -> Option<&str> {
        Some(self.name.split_once(PAID_BY)?.1)
    }

    /// The name in a text that we minted.
    pub(crate) fn name_in(text: &str) -> &str {
        text.split_once('.').map_or(text, |(name, _)| name)
    }

    /// The name, if it was minted by us for that purpose and owner.
    pub(crate) fn verify(key: &NameKey, purpose: &str, owner: &str, text: &str) -> Option<Self> {
        let (name, tag) = text.split_once('.')?;
        let random = name.split_once(PAID_BY).map_or(name, |(random, _)| random);
        let genuine =
            is_random(random) && key.confirms(tag, purpose, &[name.as_bytes(), owner.as_bytes()]);
        genuine.then(|| Self {
            name: name.to_owned(),
            text: text.to_owned(),
        })
    }
}

fn is_base64url(text: &str) -> bool {
    let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.bytes().all(is_of_it)
}

/// Whether the text is 128 bits, written as [`OwnedName::mint`] writes them.
fn is_random(text: &str) -> bool {
    text.len() == 22
        && URL_SAFE_NO_PAD
            .decode(text)
            .is_ok_and(|bytes| bytes.len() == 16)
}
