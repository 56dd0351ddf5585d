//! A role as an admin writes it: checked before it is kept.

use super::bound::{ADMIN, BOUND_CHARS_MAX, ROLES_PER_USER_MAX};
use super::pattern;
use crate::form::PARAMETERS_MAX;

/// Most characters of a role's name.
pub const ROLE_NAME_CHARS_MAX: usize = 40;
/// Most roles that the pages keep: each is a field of the form by which a user
/// gets it.
pub const ROLES_MAX: usize = 32;

// With the roles a user has that are no more, the built-in ones, and what every
// form brings.
const _: () = assert!(ROLES_MAX + ROLES_PER_USER_MAX + 8 <= PARAMETERS_MAX);

/// A role, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Words with spaces between them, as `migrations/` says.
    pub permissions: String,
}

/// A role that is not kept; the text says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRole {
    /// Its name is none.
    #[error(
        "A name has 1 to 40 letters, digits and . _ or -, and begins with a letter or a digit."
    )]
    Name,
    /// It would not mean what it says.
    #[error("The role admin always allows everything; choose another name.")]
    Admin,
    /// It has a word that is no permission, and would allow nothing.
    #[error(
        "\u{201c}{0}\u{201d} is not a permission. Write names such as notes:read, the beginning \
         of some such as notes:*, or * for all, and ! before what is taken out."
    )]
    Word(String),
    /// It has too many words for a token.
    #[error("That is longer than {BOUND_CHARS_MAX} characters.")]
    Long,
}

impl BadRole {
    /// Whether another name would help, and not other words.
    pub fn is_about_name(&self) -> bool {
        matches!(self, Self::Name | Self::Admin)
    }
}

impl Role {
    /// Reads what was written; the words are kept with one space between them.
    pub fn written(name: &str, permissions: &str) -> Result<Self, BadRole> {
        if !is_role_name(name) {
            return Err(BadRole::Name);
        }
        if name == ADMIN {
            return Err(BadRole::Admin);
        }
        if permissions.len() > BOUND_CHARS_MAX {
            return Err(BadRole::Long);
        }
        match pattern::unreadable(permissions) {
            Some(word) => Err(BadRole::Word(word.to_owned())),
            None => Ok(Self {
                name: name.to_owned(),
                permissions: permissions.split_whitespace().collect::<Vec<_>>().join(" "),
            }),
        }
    }
}

/// Whether a role can have that name. One that somebody wrote into the database
/// may have any.
pub fn is_role_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=ROLE_NAME_CHARS_MAX).contains(&text.len())
        && text.bytes().all(allowed)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_kept_as_its_words_mean_it() {
        let role = Role::written("reader", "  notes:read \n\t !admin:*  ").unwrap();
        assert_eq!(role.permissions, "notes:read !admin:*");
        assert_eq!(Role::written("user", "").unwrap().permissions, "");
        let most = "a ".repeat(BOUND_CHARS_MAX / 2);
        assert!(Role::written("r", &most).is_ok());
        assert_eq!(Role::written("r", &format!("{most}a")), Err(BadRole::Long));
    }

    #[test]
    fn a_role_with_a_word_that_says_nothing_names_that_word() {
        for bad in [
            "!",
            "!!a",
            "a*b",
            "**",
            "\u{e4}",
            "mcp",
            "<script>",
            "notes;read",
        ] {
            let written = Role::written("r", &format!("notes:read {bad} other"));
            assert_eq!(written, Err(BadRole::Word(bad.to_owned())));
        }
    }

    #[test]
    fn a_name_is_plain_and_short_and_not_that_of_the_role_that_is_fixed() {
        let long = "x".repeat(ROLE_NAME_CHARS_MAX + 1);
        for bad in ["", " ", "a b", "-a", "a:b", "a/b", "\u{e4}", "a\n", &long] {
            assert_eq!(Role::written(bad, "*"), Err(BadRole::Name), "{bad:?}");
        }
        assert_eq!(Role::written(ADMIN, "*"), Err(BadRole::Admin));
        assert!(BadRole::Admin.is_about_name() && !BadRole::Long.is_about_name());
        for good in ["a", "2nd", "help-desk_1.b", "Admin"] {
            assert!(Role::written(good, "*").is_ok(), "{good}");
        }
    }
}
