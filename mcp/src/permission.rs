//! Permissions: what something of a tool Worker needs the user to have allowed.
//!
//! A name only. What a user may allow and what a token says is for the
//! authorization rules to judge.

use serde::{Deserialize, Serialize};

use crate::upstream::PERMISSION_PREFIX;

/// Most characters of a permission's name.
pub const PERMISSION_CHARS_MAX: usize = 40;
/// Most permissions of all tool Workers; what needs one more is left out.
pub const PERMISSIONS_MAX: usize = 50;
/// Most characters of the words for a permission; what is longer is no use.
pub const PERMISSION_WORDS_CHARS_MAX: usize = 200;

/// A permission such as `notes:read`: the scope that a token has to have
/// (RFC 6749 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Permission(String);

/// A text that names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a permission has 1 to 40 ASCII letters, digits and :._/-, begins with a letter or digit, and \
     is neither mcp nor offline_access"
)]
pub struct BadPermission;

impl Permission {
    /// Reads a name.
    pub fn parse(name: &str) -> Result<Self, BadPermission> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":._/-".contains(&byte);
        let fits = name.len() <= PERMISSION_CHARS_MAX
            && name.bytes().all(allowed)
            && name.starts_with(|first: char| first.is_ascii_alphanumeric());
        let taken = ["mcp", "offline_access"].contains(&name);
        if fits && !taken {
            Ok(Self(name.to_owned()))
        } else {
            Err(BadPermission)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the login provider at which it lets act in the user's name, if it
    /// is of that kind.
    pub fn upstream(&self) -> Option<&str> {
        self.0.strip_prefix(PERMISSION_PREFIX)
    }
}

impl From<Permission> for String {
    fn from(permission: Permission) -> Self {
        permission.0
    }
}

impl TryFrom<String> for Permission {
    type Error = BadPermission;

    fn try_from(name: String) -> Result<Self, BadPermission> {
        Self::parse(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_kind_of_them_names_a_login_provider() {
        let upstream = |name: &str| {
            let permission = Permission::parse(name).unwrap();
            permission.upstream().map(str::to_owned)
        };
        assert_eq!(upstream("upstream:acme"), Some("acme".to_owned()));
        for other in ["upstream", "notes:upstream:acme", "Upstream:acme"] {
            assert_eq!(upstream(other), None);
        }
    }

    #[test]
    fn a_name_is_short_and_plain_and_none_of_ours() {
        assert_eq!(
            Permission::parse("notes:read").unwrap().as_str(),
            "notes:read"
        );
        let long = "x".repeat(PERMISSION_CHARS_MAX + 1);
        for bad in [
            "",
            "mcp",
            "offline_access",
            "notes:*",
            ":a",
            "a b",
            "a\"",
            "\u{e4}",
            &long,
        ] {
            assert_eq!(Permission::parse(bad), Err(BadPermission), "{bad:?}");
        }
    }
}
