//! The text of a key: `sessile_`, then five parts of fixed length.
//!
//! | part | characters | what |
//! | --- | --- | --- |
//! | id | 12 | names the key; no secret |
//! | account | 22 | whose object holds it; says nothing about the person |
//! | secret | 43 | 256 random bits, of which the object has a hash |
//! | MAC | 12 | that we made the parts before it: a made-up key costs no I/O |
//! | checksum | 6 | the CRC-32 of all characters before it |
//!
//! All are base64url, so that one pattern finds a key in what leaked
//! (`sessile_[A-Za-z0-9_-]{95}`), and the checksum, which needs no secret, tells
//! it from what only looks like one.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

use crate::encoding;
use crate::grant::{GrantId, Secret};
use crate::identity::AccountId;
use crate::secret::{MacKey, RootSecret, SecretHash, same};

/// What every key begins with.
pub const PREFIX: &str = "sessile_";
/// The length of every key, in characters.
pub const KEY_CHARS: usize = PREFIX.len() + ID + ACCOUNT + SECRET + MAC + CHECKSUM;

/// Random bytes of an id.
pub(super) const ID_BYTES: usize = 9;
/// Random bytes of a secret.
pub(super) const SECRET_BYTES: usize = 32;

const ID: usize = 12;
const ACCOUNT: usize = 22;
const SECRET: usize = 43;
/// 72 bits: enough where each guess is a request, and all but one costs nothing.
const MAC: usize = 12;
const CHECKSUM: usize = 6;

/// Without a table, which would be the largest part of it; a key is short.
const CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// Writes and reads the texts of keys.
#[derive(Debug, Clone)]
pub struct KeyTexts {
    made: MacKey,
}

/// What a key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyText {
    /// Which key.
    pub id: GrantId,
    /// Whose object holds it.
    pub account: AccountId,
    /// The hash of its secret.
    pub hash: SecretHash,
}

/// Why a text is no key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It is none, or has a typo, or is cut off.
    #[error("malformed")]
    Malformed,
    /// It is well-formed and was not made here, or by a root secret that was taken
    /// away since.
    #[error("made up")]
    MadeUp,
}

impl KeyTexts {
    /// The texts of this deployment. A key lives long: every root secret that is
    /// known reads what it made.
    pub fn new(root: &RootSecret) -> Self {
        Self {
            made: root.mac_key("api keys"),
        }
    }

    /// Writes a key.
    pub fn write(&self, account: &AccountId, id: &GrantId, secret: &Secret) -> Secret {
        let parts = [id.as_str(), account.as_str(), &secret.0];
        let tag = self.made.tag(&parts);
        let mac = tag.get(..MAC).unwrap_or_default();
        let text = [PREFIX, &parts.concat(), mac].concat();
        let checksum = checksum(&text);
        Secret(text + &checksum)
    }

    /// Reads a key.
    pub fn read(&self, text: &str) -> Result<KeyText, BadKey> {
        is_well_formed(text)?;
        let rest = text.strip_prefix(PREFIX).ok_or(BadKey::Malformed)?;
        let (id, rest) = split(rest, ID)?;
        let (account, rest) = split(rest, ACCOUNT)?;
        let (secret, rest) = split(rest, SECRET)?;
        let (mac, _) = split(rest, MAC)?;
        let genuine = self
            .made
            .tags(&[id, account, secret])
            .any(|tag| same(tag.get(..MAC).unwrap_or_default(), mac));
        if !genuine {
            return Err(BadKey::MadeUp);
        }
        Ok(KeyText {
            id: GrantId::trusted(id.to_owned()),
            account: AccountId::trusted(account.to_owned()),
            hash: SecretHash::of(secret),
        })
    }
}

/// Whether a text has the length, the characters and the checksum of a key.
fn is_well_formed(text: &str) -> Result<(), BadKey> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if text.len() != KEY_CHARS || !text.starts_with(PREFIX) || !text.bytes().all(allowed) {
        return Err(BadKey::Malformed);
    }
    let (before, claimed) = split(text, KEY_CHARS - CHECKSUM)?;
    if checksum(before) == claimed {
        Ok(())
    } else {
        Err(BadKey::Malformed)
    }
}

fn checksum(before: &str) -> String {
    encoding::encode(CRC.checksum(before.as_bytes()).to_be_bytes())
}

fn split(text: &str, at: usize) -> Result<(&str, &str), BadKey> {
    text.split_at_checked(at).ok_or(BadKey::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Rotation;

    fn root(first: u8) -> String {
        encoding::encode((first..first + 32).collect::<Vec<u8>>())
    }

    fn texts() -> KeyTexts {
        KeyTexts::new(&RootSecret::parse(&root(0)).unwrap())
    }

    fn key() -> (AccountId, GrantId, Secret) {
        (
            AccountId::trusted(encoding::encode([1; 16])),
            GrantId::trusted(encoding::encode([2; ID_BYTES])),
            Secret(encoding::encode([3; SECRET_BYTES])),
        )
    }

    fn text(texts: &KeyTexts) -> String {
        let (account, id, secret) = key();
        texts.write(&account, &id, &secret).0
    }

    #[test]
    fn a_key_is_read_back_and_has_the_length_that_scanners_look_for() {
        let (account, id, secret) = key();
        let text = text(&texts());
        assert_eq!((text.len(), KEY_CHARS), (103, 103));
        assert!(text.starts_with(PREFIX));
        let hash = SecretHash::of(&secret.0);
        assert_eq!(texts().read(&text), Ok(KeyText { id, account, hash }));
    }

    /// The CRC-32 of zlib, GitHub and npm: its check value.
    #[test]
    fn the_checksum_is_one_that_every_scanner_has() {
        assert_eq!(CRC.checksum(b"123456789"), 0xcbf4_3926);
        assert_eq!(
            checksum("123456789"),
            encoding::encode([0xcb, 0xf4, 0x39, 0x26])
        );
    }

    #[test]
    fn a_typo_anywhere_is_no_made_up_key() {
        let good = text(&texts());
        for at in 0..good.len() {
            let mut typo = good.clone().into_bytes();
            typo[at] = if typo[at] == b'A' { b'B' } else { b'A' };
            let typo = String::from_utf8(typo).unwrap();
            assert_eq!(texts().read(&typo), Err(BadKey::Malformed), "{at}");
            assert_eq!(texts().read(&good[..at]), Err(BadKey::Malformed), "{at}");
        }
        for bad in [
            "",
            "sessile_",
            &format!("{good}A"),
            &"é".repeat(60),
            &"a".repeat(103),
        ] {
            assert_eq!(texts().read(bad), Err(BadKey::Malformed), "{bad}");
        }
    }

    #[test]
    fn a_key_with_a_right_checksum_that_we_did_not_make_is_made_up() {
        let others = KeyTexts::new(&RootSecret::parse(&root(1)).unwrap());
        assert_eq!(texts().read(&text(&others)), Err(BadKey::MadeUp));
        // Parts of good ones, put together anew.
        let (account, id, _) = key();
        let other = texts()
            .write(&account, &id, &Secret(encoding::encode([4; 32])))
            .0;
        let secret = PREFIX.len() + ID + ACCOUNT..PREFIX.len() + ID + ACCOUNT + SECRET;
        let mut mixed = text(&texts());
        mixed.replace_range(secret.clone(), &other[secret]);
        mixed.truncate(KEY_CHARS - CHECKSUM);
        let mixed = format!("{mixed}{}", checksum(&mixed));
        assert_eq!(texts().read(&mixed), Err(BadKey::MadeUp));
    }

    #[test]
    fn a_key_outlives_the_root_secret_that_makes_new_ones_until_that_is_taken_away() {
        let now = "2020-06-01T00:00:00Z".parse().unwrap();
        let second = (2, format!("{} from 2020-01-01T00:00:00Z", root(1)));
        let both = Rotation::read(&[(1, root(0)), second.clone()], now).unwrap();
        let rotated = KeyTexts::new(&both.root);
        assert!(rotated.read(&text(&texts())).is_ok());
        let retired = KeyTexts::new(&Rotation::read(&[second], now).unwrap().root);
        assert_eq!(retired.read(&text(&texts())), Err(BadKey::MadeUp));
        assert!(retired.read(&text(&rotated)).is_ok());
    }
}
