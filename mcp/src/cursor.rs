//! Cursors: where a list goes on.
//!
//! A cursor is the key of the last entry that was shown, with a MAC over it and
//! the list, so that one that was altered, made up or taken
//! from another list is refused (M-LIST-02). It names an entry instead of a
//! number, so that a list that changes meanwhile neither repeats nor skips.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::mac::NameKey;

const PURPOSE: &str = "cursor";

/// The cursor in the params of a list's request; without one, the list begins.
pub fn asked(params: Option<&RawValue>) -> Result<Option<String>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Paged {
        #[serde(default)]
        cursor: Option<String>,
    }
    let Some(params) = params else {
        return Ok(None);
    };
    let Paged { cursor } = serde_json::from_str(params.get())?;
    Ok(cursor)
}

/// The cursor after the entry of that key, in the list of that method.
pub fn mint(key: &NameKey, method: &str, last: &str) -> String {
    let place = URL_SAFE_NO_PAD.encode(last);
    let tag = key.mac(PURPOSE, &[method.as_bytes(), place.as_bytes()]);
    format!("{place}.{tag}")
}

/// The key of the last entry shown, if the cursor is ours and of that list.
pub fn verify(key: &NameKey, method: &str, cursor: &str) -> Option<String> {
    let (place, tag) = cursor.split_once('.')?;
    if !key.confirms(tag, PURPOSE, &[method.as_bytes(), place.as_bytes()]) {
        return None;
    }
    String::from_utf8(URL_SAFE_NO_PAD.decode(place).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checklist M-LIST-02.
    #[test]
    fn a_cursor_is_of_use_for_its_own_list_only_and_cannot_be_altered() {
        let key = NameKey::new([7; 32]);
        let cursor = mint(&key, "tools/list", "echo");
        assert_eq!(verify(&key, "tools/list", &cursor).as_deref(), Some("echo"));
        assert_eq!(verify(&key, "prompts/list", &cursor), None);
        assert_eq!(verify(&NameKey::new([8; 32]), "tools/list", &cursor), None);
        for altered in [
            "",
            ".",
            "ZWNobw",
            &format!("{cursor}A"),
            &format!("A{cursor}"),
        ] {
            assert_eq!(verify(&key, "tools/list", altered), None, "{altered}");
        }
    }
}
