//! Scopes: what a user may let a client do.
//!
//! Which ones there are is not decided here: beside the baseline, it is the
//! permissions that tools name. Whoever judges a request passes them in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Use the tools on the user's behalf, as far as they need no permission: every
/// token has it, and nobody is asked whether they want it less.
pub const BASELINE: &str = "mcp";

/// Asks for a refresh token (OpenID Connect Core section 11). Every client
/// gets one here, so the word is understood and grants nothing.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// Most characters of one scope.
pub const SCOPE_CHARS_MAX: usize = 40;
/// Most scopes of a set, beside the baseline: each is a row of the consent page
/// and a field of its form. As many as tools may name, and our own.
pub const SCOPES_MAX: usize = 60;
/// Most characters of a scope parameter: all there can be, and some room.
pub const SCOPE_PARAMETER_CHARS_MAX: usize = 2_600;

const _: () =
    assert!((SCOPE_CHARS_MAX + 1) * SCOPES_MAX + BASELINE.len() < SCOPE_PARAMETER_CHARS_MAX);

/// One thing that a token may allow beyond the baseline, such as `notes:read`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(String);

impl Scope {
    /// Reads a name: ASCII letters, digits and `:._/-`, the first of them a letter
    /// or digit. Less than RFC 6749 section 3.3 allows, so that no name looks like
    /// a pattern, and all can stand in a quoted string. The baseline and
    /// `offline_access` are none.
    pub fn parse(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":._/-".contains(&byte);
        let fits = name.len() <= SCOPE_CHARS_MAX
            && name.bytes().all(allowed)
            && name.starts_with(|first: char| first.is_ascii_alphanumeric());
        let special = name == BASELINE || name == OFFLINE_ACCESS;
        (fits && !special).then(|| Self(name.to_owned()))
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A set of scopes. The baseline is always one of them, and the first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scopes(BTreeSet<Scope>);

/// A scope parameter that cannot be granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// It has characters that no scope has, or is too long.
    #[error("the scope parameter is malformed")]
    Malformed,
    /// It names a scope that does not exist.
    #[error("the scope is not known")]
    Unknown,
    /// It may name one that exists: not everybody who knows some was heard.
    #[error("the scope may be known, and cannot be asked about")]
    Undecided,
    /// It asks for more than was granted.
    #[error("the scope is wider than what was granted")]
    Wider,
}

impl Scopes {
    /// What a client gets that asks for nothing: enough to use what needs no
    /// permission.
    pub fn baseline() -> Self {
        Self::default()
    }

    /// The baseline and these. What is more than [`SCOPES_MAX`] is left out.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(scopes.into_iter().take(SCOPES_MAX).collect())
    }

    /// Reads a `scope` parameter (RFC 6749 section 3.3); an absent or empty one
    /// means the baseline, which is part of any other, too.
    pub fn read(text: Option<&str>) -> Result<Self, BadScope> {
        let text = text.unwrap_or_default();
        // RFC 6749 section 3.3: %x21 / %x23-5B / %x5D-7E, separated by spaces.
        let allowed = |byte: u8| (0x20..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\';
        if text.len() > SCOPE_PARAMETER_CHARS_MAX || !text.bytes().all(allowed) {
            return Err(BadScope::Malformed);
        }
        let mut scopes = BTreeSet::new();
        for word in text.split(' ') {
            if !["", BASELINE, OFFLINE_ACCESS].contains(&word) {
                scopes.insert(Scope::parse(word).ok_or(BadScope::Unknown)?);
            }
        }
        if scopes.len() > SCOPES_MAX {
            return Err(BadScope::Unknown);
        }
        Ok(Self(scopes))
    }

    /// The scopes of a refreshed token: what is asked, if it was granted
    /// (RFC 6749 section 6).
    pub fn narrowed(&self, asked: Option<&str>) -> Result<Self, BadScope> {
        let Some(asked) = asked.filter(|text| !text.trim().is_empty()) else {
            return Ok(self.clone());
        };
        let asked = Self::read(Some(asked))?;
        if asked.0.is_subset(&self.0) {
            Ok(asked)
        } else {
            Err(BadScope::Wider)
        }
    }

    /// Those of them that pass; the baseline always does.
    #[must_use]
    pub fn only(&self, passes: impl Fn(&Scope) -> bool) -> Self {
        Self(
            self.0
                .iter()
                .filter(|scope| passes(scope))
                .cloned()
                .collect(),
        )
    }

    /// The set with one more, if there is room.
    #[must_use]
    pub fn and(&self, scope: Scope) -> Self {
        Self::of([scope].into_iter().chain(self.0.iter().cloned()))
    }

    /// Whether the set has a scope beyond the baseline.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Those beyond the baseline, in order.
    pub fn beyond_baseline(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// All names, the baseline first.
    pub fn names(&self) -> Vec<String> {
        let beyond = self.0.iter().map(|scope| scope.0.clone());
        [BASELINE.to_owned()].into_iter().chain(beyond).collect()
    }
}

/// The scopes there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Existing {
    /// Those that are known.
    pub scopes: Scopes,
    /// Whether there may be others.
    pub misses_some: bool,
}

impl Existing {
    /// The scopes that a client asks a user for: only such that there are.
    pub fn asked(&self, text: Option<&str>) -> Result<Scopes, BadScope> {
        let asked = Scopes::read(text)?;
        if asked.0.is_subset(&self.scopes.0) {
            Ok(asked)
        } else if self.misses_some {
            Err(BadScope::Undecided)
        } else {
            Err(BadScope::Unknown)
        }
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl TryFrom<String> for Scopes {
    type Error = BadScope;

    fn try_from(text: String) -> Result<Self, BadScope> {
        Self::read(Some(&text))
    }
}

#[cfg(test)]
#[path = "scope_tests.rs"]
mod tests;
