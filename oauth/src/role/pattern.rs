//! What one role allows: words such as `notes:*` and `!admin:*`.

use crate::scope::Scope;

/// The permissions of one role, from the words that stand for them.
///
/// `notes:read` is one permission, `notes:*` all that begin like this, `*` all
/// there are. `!` before a word takes out what the others allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Patterns {
    words: Vec<Pattern>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    takes_out: bool,
    /// What a permission is, or what it begins with.
    name: String,
    is_prefix: bool,
}

impl Patterns {
    /// Reads the words. One that cannot be read makes the role allow nothing: to
    /// pass over it might allow what it takes out.
    pub(super) fn read(text: &str) -> Option<Self> {
        let words: Option<Vec<Pattern>> = text.split_whitespace().map(Pattern::read).collect();
        let written: Vec<&str> = text.split_whitespace().collect();
        Some(Self {
            words: words?,
            text: written.join(" "),
        })
    }

    pub(super) fn allow(&self, scope: &Scope) -> bool {
        let mut allowed = false;
        for pattern in self.words.iter().filter(|pattern| pattern.fits(scope)) {
            if pattern.takes_out {
                return false;
            }
            allowed = true;
        }
        allowed
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

/// The first word that cannot be read.
pub(super) fn unreadable(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    words.find(|word| Pattern::read(word).is_none())
}

impl Pattern {
    fn read(word: &str) -> Option<Self> {
        let (takes_out, rest) = match word.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let (name, is_prefix) = match rest.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (rest, false),
        };
        let is_name = Scope::parse(name).is_some() || (is_prefix && name.is_empty());
        is_name.then(|| Self {
            takes_out,
            name: name.to_owned(),
            is_prefix,
        })
    }

    fn fits(&self, scope: &Scope) -> bool {
        if self.is_prefix {
            scope.as_str().starts_with(&self.name)
        } else {
            scope.as_str() == self.name
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_allows_what_its_words_say() {
        let table = [
            ("", "notes:read", false),
            ("*", "notes:read", true),
            ("notes:*", "notes:read", true),
            ("notes:*", "notes", false),
            ("notes:*", "notesx:read", false),
            ("notes:read", "notes:read", true),
            ("notes:read", "notes:read:all", false),
            ("* !admin:*", "notes:read", true),
            ("* !admin:*", "admin:sessions", false),
            ("!admin:* *", "admin:sessions", false),
            ("* !notes:write", "notes:write", false),
            ("!notes:write", "notes:read", false),
            ("admin:sessions !admin:*", "admin:sessions", false),
        ];
        for (words, scope, want) in table {
            let scope = Scope::parse(scope).unwrap();
            let got = Patterns::read(words).unwrap().allow(&scope);
            assert_eq!(got, want, "{words:?} and {scope:?}");
        }
    }

    #[test]
    fn a_word_that_cannot_be_read_spoils_the_role() {
        for bad in [
            "* !", "* !!a", "* a*b", "* a**", "* *a", "* \u{e4}", "* mcp",
        ] {
            assert_eq!(Patterns::read(bad), None, "{bad:?}");
        }
    }
}
