//! Text that somebody else chose, made fit to be shown.
//!
//! Escaping keeps such text from becoming markup; the templates do that. What
//! is left is text that deceives the eye: an override that turns "moc.live"
//! around, characters without a shape, a pile of marks, a name as long as a
//! page. [`Shown`] takes those away once, where the text comes in.
//!
//! It does not judge what a text says: "GitHub" is a fine name for any app.
//! That is why a page shows hosts beside names.

use std::fmt;

/// Longest name we show, in characters: what fits on two lines of a phone.
pub const NAME_CHARS_MAX: usize = 60;

/// Longest host with its port that we show, in characters: 253 for a host
/// (RFC 1035 section 2.3.4, without the last dot) and 6 for `:65535`.
/// A host is never cut, as its end says whose it is; a longer one is refused.
pub const HOST_CHARS_MAX: usize = 259;

/// Longest prose we show, in characters: a paragraph or two.
pub const PROSE_CHARS_MAX: usize = 600;

/// Most of a record that we show, in characters: one with long arguments is in the
/// file that the page offers.
pub const RECORD_CHARS_MAX: usize = 4_000;

/// Most marks that may sit on one character; written languages need two.
const MARKS_MAX: usize = 2;

/// Stands where something that must not be shown was taken out.
const REPLACEMENT: char = '\u{fffd}';

/// A text that may have come from anywhere and is now safe to look at.
///
/// It still has to be escaped for the place it is put in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shown(String);

impl Shown {
    /// A name: of an app, a person, a provider, a scope. Cut at
    /// [`NAME_CHARS_MAX`]; never empty.
    pub fn name(raw: &str) -> Self {
        let clean = cleaned(raw, NAME_CHARS_MAX);
        Self(if clean.is_empty() {
            "(no name)".to_owned()
        } else {
            clean
        })
    }

    /// A host, with or without a port, or a private scheme such as `cursor:`,
    /// in the ASCII form that the `url` crate gives. Never cut: what is not
    /// a host's text, or longer than [`HOST_CHARS_MAX`], becomes "(unclear)".
    pub fn host(raw: &str) -> Self {
        let plain = raw.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = (1..=HOST_CHARS_MAX).contains(&raw.len());
        Self(if plain && fits { raw } else { "(unclear)" }.to_owned())
    }

    /// Sentences, such as what a provider said about an error. Cut at
    /// [`PROSE_CHARS_MAX`].
    pub fn prose(raw: &str) -> Self {
        Self(cleaned(raw, PROSE_CHARS_MAX))
    }

    /// A record in JSON. Cut at [`RECORD_CHARS_MAX`].
    pub fn record(raw: &str) -> Self {
        Self(cleaned(raw, RECORD_CHARS_MAX))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Reads at most a few characters more than it keeps, whatever the length.
fn cleaned(raw: &str, chars_max: usize) -> String {
    // Characters may vanish; this bounds the work on a text made of those.
    let looked_at = chars_max * 4;
    let mut clean = String::new();
    let mut kept = 0;
    let mut marks = 0;
    let mut space = false;
    for (index, char) in raw.chars().enumerate() {
        if kept >= chars_max || index >= looked_at {
            clean.push('…');
            break;
        }
        match kind(char) {
            Kind::Space => space = true,
            Kind::Shapeless => {}
            Kind::Mark if marks >= MARKS_MAX || kept == 0 || space => {}
            Kind::Mark => {
                marks += 1;
                clean.push(char);
            }
            plain_or_deceiving @ (Kind::Plain | Kind::Deceiving) => {
                if space && kept > 0 {
                    clean.push(' ');
                    kept += 1;
                }
                space = false;
                marks = 0;
                kept += 1;
                clean.push(if plain_or_deceiving == Kind::Plain {
                    char
                } else {
                    REPLACEMENT
                });
            }
        }
    }
    clean
}

/// What a character does to the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is seen as what it is.
    Plain,
    /// White space of any kind, line ends included.
    Space,
    /// It sits on the character before it.
    Mark,
    /// It is not seen at all, and honest text can do without it.
    Shapeless,
    /// It changes how its neighbours are seen, or is no text.
    Deceiving,
}

/// Sorts a character (Unicode Technical Report 36, sections 2.4 to 2.6).
fn kind(char: char) -> Kind {
    match char {
        // The blank letters of Hangul and Braille are spaces in all but name.
        '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => Kind::Space,
        _ if char.is_whitespace() => Kind::Space,
        _ if char.is_control() => Kind::Deceiving,
        // Marks, embeddings, overrides and isolates of direction (UAX 9).
        '\u{061c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        // Annotations, private use, tags, noncharacters.
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{f0000}'..='\u{10ffff}' => Kind::Deceiving,
        // Soft hyphen, joiners, invisible operators, variation selectors.
        '\u{00ad}'
        | '\u{034f}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => Kind::Shapeless,
        // The blocks of combining marks.
        '\u{0300}'..='\u{036f}'
        | '\u{0483}'..='\u{0489}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' => Kind::Mark,
        _ => Kind::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_every_script() {
        for name in [
            "Claude Code",
            "Übergröße",
            "开发工具",
            "تطبيق",
            "Zoë",
            "Ze\u{301}",
            "👍 ok",
        ] {
            assert_eq!(Shown::name(name).as_str(), name);
        }
    }

    #[test]
    fn no_character_of_a_name_can_turn_its_neighbours_around() {
        let name = Shown::name("\u{202e}evil.moc\u{2066}\u{200f}");
        assert_eq!(name.as_str(), "\u{fffd}evil.moc\u{fffd}\u{fffd}");
    }

    #[test]
    fn control_characters_are_seen_as_damage() {
        assert_eq!(
            Shown::name("a\0b\u{1b}[31m\u{7f}").as_str(),
            "a\u{fffd}b\u{fffd}[31m\u{fffd}"
        );
    }

    #[test]
    fn a_name_is_one_line_without_holes() {
        let name = Shown::name("  Good\n\n\tapp \u{3164}\u{200b}\u{feff}\u{2028} 2 ");
        assert_eq!(name.as_str(), "Good app 2");
    }

    #[test]
    fn a_name_made_of_nothing_is_said_to_be_none() {
        for nothing in ["", "   ", "\u{200b}\u{200d}", "\u{301}\u{301}", "\u{2800}"] {
            assert_eq!(Shown::name(nothing).as_str(), "(no name)", "{nothing:?}");
        }
    }

    #[test]
    fn marks_do_not_pile_up() {
        let piled = format!("a{}b", "\u{301}".repeat(50));
        assert_eq!(Shown::name(&piled).as_str(), "a\u{301}\u{301}b");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let cut = Shown::name(&"x".repeat(100_000));
        assert_eq!(cut.as_str().chars().count(), NAME_CHARS_MAX + 1);
        assert!(cut.as_str().ends_with('…'));
        assert_eq!(
            Shown::name(&"x".repeat(NAME_CHARS_MAX)).as_str().len(),
            NAME_CHARS_MAX
        );
        let prose = Shown::prose(&"word ".repeat(1_000));
        assert!(prose.as_str().chars().count() <= PROSE_CHARS_MAX + 2);
    }

    #[test]
    fn a_host_is_shown_whole_or_not_at_all() {
        for host in [
            "localhost:6274",
            "[::1]:80",
            "xn--bcher-kva.example",
            "cursor:",
        ] {
            assert_eq!(Shown::host(host).as_str(), host);
        }
        let long = "a".repeat(HOST_CHARS_MAX + 1);
        for unclear in ["", "bücher.example", "a b", "a\u{202e}b", &long] {
            assert_eq!(Shown::host(unclear).as_str(), "(unclear)", "{unclear:?}");
        }
    }
}
