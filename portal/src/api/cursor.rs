//! Places in a list, as whoever reads it carries them: good for the same user, the
//! same list and the same filter, and made by nobody else.

use oauth::encoding;
use oauth::secret::MacKey;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest cursor that is read, in characters: ours are shorter.
const CHARS_MAX: usize = 512;

/// Writes a place; `about` says whose it is, and of which list.
pub(super) fn written<P: Serialize>(key: &MacKey, about: &[&str], place: &P) -> String {
    let text = serde_json::to_string(place).unwrap_or_default();
    let tag = key.tag(&with(about, &text));
    format!("{}.{tag}", encoding::encode(text))
}

/// Reads one.
pub(super) fn read<P: DeserializeOwned>(key: &MacKey, about: &[&str], cursor: &str) -> Option<P> {
    if cursor.len() > CHARS_MAX {
        return None;
    }
    let (text, tag) = cursor.split_once('.')?;
    let text = String::from_utf8(encoding::decode(text)?).ok()?;
    if !key.confirms(tag, &with(about, &text)) {
        return None;
    }
    serde_json::from_str(&text).ok()
}

fn with<'a>(about: &[&'a str], text: &'a str) -> Vec<&'a str> {
    about.iter().copied().chain([text]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::RootSecret;

    fn key(first: u8) -> MacKey {
        let root = encoding::encode((first..first + 32).collect::<Vec<u8>>());
        RootSecret::parse(&root).unwrap().brief_mac_key("cursors")
    }

    #[test]
    fn a_cursor_is_good_for_its_list_alone() {
        let about = ["users", "account", "ada", ""];
        let cursor = written(&key(0), &about, &(7, "b"));
        let read =
            |key: &MacKey, about: &[&str], cursor: &str| read::<(i64, String)>(key, about, cursor);
        assert_eq!(read(&key(0), &about, &cursor), Some((7, "b".to_owned())));
        assert_eq!(read(&key(1), &about, &cursor), None);
        for other in [
            ["users", "another", "ada", ""],
            ["users", "account", "", "ada"],
            ["audit", "account", "ada", ""],
        ] {
            assert_eq!(read(&key(0), &other, &cursor), None);
        }
        let (_, tag) = cursor.split_once('.').unwrap();
        let other = format!("{}.{tag}", encoding::encode("[8,\"b\"]"));
        let long = format!("{cursor}{}", "A".repeat(CHARS_MAX));
        for bad in ["", ".", "a", &cursor[1..], &other, &long] {
            assert_eq!(read(&key(0), &about, bad), None, "{bad}");
        }
    }
}
