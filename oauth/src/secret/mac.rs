//! MACs of one purpose.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::encoding;
use crate::secret::{Keys, same};

/// The keys for MACs of one purpose: one makes them, all confirm them.
#[derive(Clone)]
pub struct MacKey(Keys);

impl std::fmt::Debug for MacKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MacKey(redacted)")
    }
}

impl MacKey {
    /// MACs by these keys.
    pub(super) fn new(keys: Keys) -> Self {
        Self(keys)
    }

    /// HMAC-SHA256 over the parts, each preceded by its length, so that two
    /// different lists of parts never have the same input.
    pub fn mac(&self, parts: &[&str]) -> [u8; 32] {
        mac(&self.0.making, parts)
    }

    /// The MAC as text.
    pub fn tag(&self, parts: &[&str]) -> String {
        encoding::encode(self.mac(parts))
    }

    /// The MAC as text by every key, the newest first: for a value that is
    /// derived again instead of being read back.
    pub fn tags(&self, parts: &[&str]) -> impl Iterator<Item = String> {
        self.0.all().map(|key| encoding::encode(mac(key, parts)))
    }

    /// Whether `claimed` is the MAC of the parts; takes the same time for every
    /// wrong claim of the right length.
    pub fn confirms(&self, claimed: &str, parts: &[&str]) -> bool {
        self.tags(parts).any(|tag| same(&tag, claimed))
    }
}

fn mac(key: &[u8], parts: &[&str]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::KEY_BYTES;

    fn key(making: u8, reading: &[u8]) -> MacKey {
        MacKey::new(Keys {
            making: [making; KEY_BYTES],
            reading: reading.iter().map(|byte| [*byte; KEY_BYTES]).collect(),
        })
    }

    #[test]
    fn a_mac_tells_apart_lists_that_concatenate_alike() {
        let key = key(1, &[]);
        assert!(key.confirms(&key.tag(&["ab", "c"]), &["ab", "c"]));
        assert!(!key.confirms(&key.tag(&["ab", "c"]), &["a", "bc"]));
        assert!(!key.confirms("", &["ab", "c"]));
    }

    #[test]
    fn every_key_confirms_and_one_makes() {
        let (before, after) = (key(1, &[]), key(2, &[1]));
        assert!(after.confirms(&before.tag(&["a"]), &["a"]));
        assert!(!before.confirms(&after.tag(&["a"]), &["a"]));
        assert_eq!(after.tags(&["a"]).next(), Some(after.tag(&["a"])));
        assert!(after.tags(&["a"]).any(|tag| tag == before.tag(&["a"])));
    }
}
