//! What the caller of one request may do: what the token allows, and what the
//! user could be asked to allow.

use serde::{Deserialize, Serialize};

use crate::access::Claims;
use crate::role::Bound;
use crate::scope::{Scope, Scopes};

/// What a token says about this. Without one it is the baseline, below the bound
/// of the default role: somebody who logs in may get that far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Allowance {
    /// What the token allows.
    pub scopes: Scopes,
    /// What the user's roles allow.
    #[serde(default, skip_serializing_if = "Bound::is_default")]
    pub bound: Bound,
}

/// Whether something that needs a permission may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It may.
    Allowed,
    /// The user may allow it and has not: the client can ask (step-up).
    Insufficient,
    /// The user may not: for them there is no such thing.
    Beyond,
}

impl Allowance {
    /// What an access token says. Its scope never goes beyond its bound; a scope
    /// that did would count for nothing.
    pub fn of(claims: &Claims) -> Self {
        Self {
            scopes: claims.bound.of_scopes(&claims.scope),
            bound: claims.bound.clone(),
        }
    }

    /// Judges what needs the permission of that name (checklist RS-06, RS-07).
    pub fn judge(&self, permission: &str) -> Judgement {
        let Some(scope) = Scope::parse(permission) else {
            return Judgement::Beyond;
        };
        if !self.bound.allows(&scope) {
            Judgement::Beyond
        } else if self.scopes.contains(&scope) {
            Judgement::Allowed
        } else {
            Judgement::Insufficient
        }
    }

    /// All scopes to ask for to do it as well: those there are stay, so that one
    /// step-up does not undo another.
    pub fn with(&self, permission: &str) -> Scopes {
        Scope::parse(permission).map_or_else(|| self.scopes.clone(), |scope| self.scopes.and(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowance(scopes: &str, bound: Bound) -> Allowance {
        let scopes = Scopes::read(Some(scopes)).unwrap();
        Allowance { scopes, bound }
    }

    /// Checklist RS-06, RS-07.
    #[test]
    fn what_lacks_a_scope_can_be_asked_for_and_what_is_beyond_the_role_cannot() {
        let table = [
            (
                "mcp",
                Bound::default(),
                "notes:read",
                Judgement::Insufficient,
            ),
            (
                "notes:read",
                Bound::default(),
                "notes:read",
                Judgement::Allowed,
            ),
            (
                "notes:read",
                Bound::default(),
                "notes:write",
                Judgement::Insufficient,
            ),
            ("mcp", Bound::default(), "admin:users", Judgement::Beyond),
            (
                "mcp",
                Bound::everything(),
                "admin:users",
                Judgement::Insufficient,
            ),
            (
                "admin:users",
                Bound::everything(),
                "admin:users",
                Judgement::Allowed,
            ),
            (
                "notes:read",
                Bound::nothing(),
                "notes:read",
                Judgement::Beyond,
            ),
            ("mcp", Bound::everything(), "mcp", Judgement::Beyond),
            ("mcp", Bound::everything(), "", Judgement::Beyond),
        ];
        for (scopes, bound, permission, want) in table {
            let got = allowance(scopes, bound).judge(permission);
            assert_eq!(got, want, "{permission} with {scopes}");
        }
    }

    /// Checklist RS-06.
    #[test]
    fn a_challenge_names_what_there_is_and_what_is_missing() {
        let one = allowance("notes:read", Bound::default());
        assert_eq!(
            one.with("notes:write").to_string(),
            "mcp notes:read notes:write"
        );
        assert_eq!(one.with("notes:read").to_string(), "mcp notes:read");
    }

    #[test]
    fn an_allowance_is_written_and_read_back() {
        for one in [Allowance::default(), allowance("a", Bound::everything())] {
            let json = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<Allowance>(&json).unwrap(), one);
        }
        let json = serde_json::to_string(&Allowance::default()).unwrap();
        assert_eq!(json, r#"{"scopes":"mcp"}"#);
    }
}
