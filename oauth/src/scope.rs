//! Scopes: what a user may let a client do.

use serde::{Deserialize, Serialize};

/// Most characters of a scope parameter.
pub const SCOPE_CHARS_MAX: usize = 1024;

/// One thing a token may allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Use the tools on the user's behalf.
    Mcp,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: &[Self] = &[Self::Mcp];

    /// The scope's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
        }
    }

    /// The scope in words, for the consent page.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Mcp => "Use the tools of this server on your behalf",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.name() == name)
    }
}

/// Asks for a refresh token (OpenID Connect Core section 11). Every client
/// gets one here, so the word is understood and grants nothing.
pub const OFFLINE_ACCESS: &str = "offline_access";

/// A set of scopes, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Scopes(Vec<Scope>);

/// A scope parameter that cannot be granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadScope {
    /// It has characters that no scope has, or is too long.
    #[error("the scope parameter is malformed")]
    Malformed,
    /// It names a scope that does not exist.
    #[error("the scope is not known")]
    Unknown,
    /// It asks for more than was granted.
    #[error("the scope is wider than what was granted")]
    Wider,
}

impl Scopes {
    /// What a client gets that asks for nothing: enough to use the tools.
    pub fn baseline() -> Self {
        Self(vec![Scope::Mcp])
    }

    /// A set of scopes.
    pub fn of(scopes: &[Scope]) -> Self {
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }

    /// Reads a `scope` parameter (RFC 6749 section 3.3); an absent or empty
    /// one, or one that only says `offline_access`, means the baseline.
    pub fn parse(text: Option<&str>) -> Result<Self, BadScope> {
        let text = text.unwrap_or_default();
        // RFC 6749 section 3.3: %x21 / %x23-5B / %x5D-7E, separated by spaces.
        let allowed = |byte: u8| (0x20..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\';
        if text.len() > SCOPE_CHARS_MAX || !text.bytes().all(allowed) {
            return Err(BadScope::Malformed);
        }
        let mut scopes = Vec::new();
        for word in text
            .split(' ')
            .filter(|word| !word.is_empty() && *word != OFFLINE_ACCESS)
        {
            scopes.push(Scope::named(word).ok_or(BadScope::Unknown)?);
        }
        if scopes.is_empty() {
            return Ok(Self::baseline());
        }
        Ok(Self::of(&scopes))
    }

    /// The scopes of a refreshed token: what is asked, if it was granted
    /// (RFC 6749 section 6).
    pub fn narrowed(&self, asked: Option<&str>) -> Result<Self, BadScope> {
        let Some(asked) = asked.filter(|text| !text.trim().is_empty()) else {
            return Ok(self.clone());
        };
        let asked = Self::parse(Some(asked))?;
        if asked.0.iter().all(|scope| self.contains(*scope)) {
            Ok(asked)
        } else {
            Err(BadScope::Wider)
        }
    }

    /// Whether the set allows that.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// The scopes in their order.
    pub fn iter(&self) -> impl Iterator<Item = Scope> + '_ {
        self.0.iter().copied()
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|scope| scope.name()).collect();
        f.write_str(&names.join(" "))
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
        Self::parse(Some(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 section 3.3.
    #[test]
    fn a_scope_parameter_is_read_or_refused() {
        let table = [
            (None, Ok("mcp")),
            (Some(""), Ok("mcp")),
            (Some("mcp"), Ok("mcp")),
            (Some("mcp  mcp offline_access"), Ok("mcp")),
            (Some("offline_access"), Ok("mcp")),
            (Some("admin"), Err(BadScope::Unknown)),
            (Some("mcp admin"), Err(BadScope::Unknown)),
            (Some("mcp\n"), Err(BadScope::Malformed)),
            (Some("\"mcp\""), Err(BadScope::Malformed)),
        ];
        for (text, want) in table {
            let got = Scopes::parse(text).map(|scopes| scopes.to_string());
            assert_eq!(got, want.map(str::to_owned), "{text:?}");
        }
        assert_eq!(
            Scopes::parse(Some(&"x".repeat(1025))),
            Err(BadScope::Malformed)
        );
    }

    /// RFC 6749 section 6.
    /// Checklist AS-09.
    #[test]
    fn a_refresh_cannot_widen_the_scope() {
        let granted = Scopes::of(&[]);
        assert_eq!(granted.narrowed(Some("mcp")), Err(BadScope::Wider));
        assert_eq!(
            Scopes::baseline().narrowed(Some("mcp")),
            Ok(Scopes::baseline())
        );
        assert_eq!(Scopes::baseline().narrowed(None), Ok(Scopes::baseline()));
    }
}
