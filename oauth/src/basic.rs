//! `client_secret_basic` (RFC 6749 section 2.3.1): an id and a secret in the
//! `Authorization` field, and how the configuration has them.
//!
//! That section writes both as form values, which changes nothing of the
//! characters that ours are made of.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::encoding;
use crate::secret::SecretHash;

/// Longest `Authorization` field that we look at, in characters; ours have
/// fewer than 200.
pub(crate) const FIELD_CHARS_MAX: usize = 1_024;
/// Shortest secret, in characters: 128 bits in hexadecimal. A hash does not
/// protect what can be guessed.
pub(crate) const SECRET_CHARS_MIN: usize = 32;

/// Longest id in the configuration, in characters; the ids that we make are longer.
pub(crate) const ID_CHARS_MAX: usize = 64;
/// Length of a SHA-256, in bytes.
const HASH_BYTES: usize = 32;

/// Id and secret of the one field there is (RFC 7617 section 2).
pub(crate) fn read<'a>(fields: impl IntoIterator<Item = &'a str>) -> Option<(String, String)> {
    let mut fields = fields.into_iter();
    let (field, None) = (fields.next()?, fields.next()) else {
        return None;
    };
    let (scheme, credentials) = field.split_once(' ')?;
    if field.len() > FIELD_CHARS_MAX || !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let decoded = STANDARD.decode(credentials.trim_start_matches(' ')).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Whether an id of the configuration can be one: 1 to [`ID_CHARS_MAX`] letters,
/// digits, - or _.
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=ID_CHARS_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// The hash of a secret, as the configuration has it: a SHA-256 in base64url
/// without padding.
pub(crate) fn secret_hash(text: String) -> Option<SecretHash> {
    let hash = encoding::decode(&text)?;
    (hash.len() == HASH_BYTES).then(|| SecretHash::stored(text))
}
