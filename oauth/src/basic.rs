//! `client_secret_basic` (RFC 6749 section 2.3.1): an id and a secret in the
//! `Authorization` field.
//!
//! That section writes both as form values, which changes nothing of the
//! characters that ours are made of.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Longest `Authorization` field that we look at, in characters; ours have
/// fewer than 200.
pub(crate) const FIELD_CHARS_MAX: usize = 1_024;
/// Shortest secret, in characters: 128 bits in hexadecimal. A hash does not
/// protect what can be guessed.
pub(crate) const SECRET_CHARS_MIN: usize = 32;

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
