//! Reading JSON that came as bytes. As text, always: each further kind of source
//! would be another reader for every type, in a Worker whose size counts.

use serde::de::DeserializeOwned;

/// What the JSON says; none if it is none, or of another shape.
pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> Option<T> {
    serde_json::from_str(str::from_utf8(text).ok()?).ok()
}
