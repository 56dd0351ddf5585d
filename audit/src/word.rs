//! A text of somebody else's, bounded and on one line.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest;

/// Longest word, in bytes of UTF-8: names of tools, clients and accounts fit.
pub const WORD_BYTES_MAX: usize = 256;
/// How much of a longer one is kept; its digest takes the rest.
const KEPT_BYTES_MAX: usize = 200;

/// A text of at most [`WORD_BYTES_MAX`] bytes without control characters. Of one
/// that is longer the beginning is kept and the digest of the whole, so that two that
/// differ stay two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct Word(String);

impl Word {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
        if text.len() <= WORD_BYTES_MAX && text.as_bytes().iter().all(is_plain) {
            return Self(text.to_owned());
        }
        let shown = |char: char| {
            if char.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                char
            }
        };
        let clean: String = text.chars().take(WORD_BYTES_MAX + 1).map(shown).collect();
        if clean.len() <= WORD_BYTES_MAX {
            return Self(clean);
        }
        let mut kept = KEPT_BYTES_MAX;
        while !clean.is_char_boundary(kept) {
            kept -= 1;
        }
        let beginning = clean.get(..kept).unwrap_or_default();
        Self(format!("{beginning}… {}", digest::of(text.as_bytes())))
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stays_what_it_is() {
        for text in [
            "",
            "echo",
            "notes:read",
            "größe 🌍",
            &"x".repeat(WORD_BYTES_MAX),
        ] {
            assert_eq!(Word::from(text).as_str(), text);
        }
    }

    #[test]
    fn no_text_makes_a_word_longer_than_the_limit_or_breaks_its_line() {
        for text in ["\u{0}", "🌍", "\n", "ß", "\u{7f}", "x"] {
            for count in [100, 255, 256, 257, 100_000] {
                let word = Word::from(text.repeat(count));
                assert!(word.as_str().len() <= WORD_BYTES_MAX, "{text:?} {count}");
                assert!(!word.as_str().contains(char::is_control));
            }
        }
    }

    #[test]
    fn two_long_texts_that_differ_at_their_ends_stay_two() {
        let long = "x".repeat(1_000);
        assert_ne!(
            Word::from(format!("{long}a")),
            Word::from(format!("{long}b"))
        );
    }

    #[test]
    fn a_word_that_is_read_is_bounded_again() {
        let sent = serde_json::to_string(&"y".repeat(10_000)).unwrap();
        let read: Word = serde_json::from_str(&sent).unwrap();
        assert!(read.as_str().len() <= WORD_BYTES_MAX);
        let again: Word = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }
}
