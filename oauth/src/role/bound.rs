//! What a user's roles allow, all together.

use serde::{Deserialize, Serialize};

use super::pattern::Patterns;
use crate::scope::{Scope, Scopes};

/// The role of whoever has none; unless a row of that name says otherwise, it means
/// that all is allowed but `admin:*`.
pub const USER: &str = "user";
/// The role that allows everything, whatever a row of that name says.
pub const ADMIN: &str = "admin";
/// What the default role allows unless a row says otherwise.
pub const USER_ALLOWS: &str = "* !admin:*";
/// What the admin role allows.
pub const ADMIN_ALLOWS: &str = "*";

/// Most roles of one user that count, in the order of their names.
pub const ROLES_PER_USER_MAX: usize = 20;
/// Most characters of all patterns of a user: they travel in every token. A role
/// that would be too much is left out.
pub const BOUND_CHARS_MAX: usize = 1_000;

/// What a user's roles allow: each role by itself, so that what one takes out
/// takes nothing from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<String>", from = "Vec<String>")]
pub struct Bound(Vec<Patterns>);

/// What is known of a user's roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether the configuration names them an admin.
    pub in_configuration: bool,
    /// The roles that they have; without any, the default role.
    pub assigned: Vec<Assigned>,
}

impl Standing {
    /// What they allow.
    pub fn bound(&self) -> Bound {
        if self.in_configuration {
            Bound::everything()
        } else {
            Bound::of(&self.assigned)
        }
    }
}

/// A role that a user has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Its name.
    pub role: String,
    /// The patterns of its row; none if it has no row.
    pub permissions: Option<String>,
}

impl Bound {
    /// What the roles of a user allow.
    pub fn of(roles: &[Assigned]) -> Self {
        let mut chars = 0;
        let patterns = roles
            .iter()
            .take(ROLES_PER_USER_MAX)
            .filter_map(|assigned| {
                let words = words(assigned)?;
                chars += words.len();
                Patterns::read(words).filter(|_| chars <= BOUND_CHARS_MAX)
            });
        Self(patterns.collect())
    }

    /// Everything.
    pub fn everything() -> Self {
        Self(Patterns::read(ADMIN_ALLOWS).into_iter().collect())
    }

    /// Nothing beyond the baseline.
    pub fn nothing() -> Self {
        Self(Vec::new())
    }

    /// Whether a user may let a client do that.
    pub fn allows(&self, scope: &Scope) -> bool {
        self.0.iter().any(|role| role.allow(scope))
    }

    /// Whether a user may let a client do what needs the permission of that name.
    pub fn may_use(&self, permission: &str) -> bool {
        Scope::parse(permission).is_some_and(|scope| self.allows(&scope))
    }

    /// What of these a user may grant.
    #[must_use]
    pub fn of_scopes(&self, scopes: &Scopes) -> Scopes {
        scopes.only(|scope| self.allows(scope))
    }

    /// Whether it is that of the default role, which tokens do not spell out.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The words of a role; none if there is no such role.
pub(super) fn words(assigned: &Assigned) -> Option<&str> {
    match (assigned.role.as_str(), assigned.permissions.as_deref()) {
        (ADMIN, _) => Some(ADMIN_ALLOWS),
        (_, Some(words)) => Some(words),
        (USER, None) => Some(USER_ALLOWS),
        (_, None) => None,
    }
}

impl Default for Bound {
    /// What the default role allows.
    fn default() -> Self {
        Self(Patterns::read(USER_ALLOWS).into_iter().collect())
    }
}

impl From<Bound> for Vec<String> {
    fn from(bound: Bound) -> Self {
        let words = bound.0.iter().map(|role| role.as_str().to_owned());
        words.collect()
    }
}

impl From<Vec<String>> for Bound {
    fn from(words: Vec<String>) -> Self {
        Self(
            words
                .iter()
                .filter_map(|role| Patterns::read(role))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigned(role: &str, permissions: Option<&str>) -> Assigned {
        Assigned {
            role: role.to_owned(),
            permissions: permissions.map(str::to_owned),
        }
    }

    fn allowed(roles: &[Assigned]) -> String {
        let all = Scopes::read(Some("admin:users notes:read notes:write")).unwrap();
        Bound::of(roles).of_scopes(&all).to_string()
    }

    #[test]
    fn a_user_may_grant_what_one_of_their_roles_allows() {
        let table = [
            (vec![], "mcp"),
            (vec![assigned(USER, None)], "mcp notes:read notes:write"),
            (vec![assigned(USER, Some("notes:read"))], "mcp notes:read"),
            (vec![assigned(USER, Some(""))], "mcp"),
            (vec![assigned("gone", None)], "mcp"),
            (
                vec![assigned(ADMIN, Some("")), assigned(USER, None)],
                "mcp admin:users notes:read notes:write",
            ),
            (
                vec![
                    assigned("a", Some("* !notes:*")),
                    assigned("b", Some("notes:read")),
                ],
                "mcp admin:users notes:read",
            ),
            (
                vec![
                    assigned("bad", Some("* !no pe!")),
                    assigned("b", Some("notes:read")),
                ],
                "mcp notes:read",
            ),
        ];
        for (roles, want) in table {
            assert_eq!(allowed(&roles), want, "{roles:?}");
        }
    }

    #[test]
    fn roles_beyond_the_limits_allow_nothing() {
        let mut many = vec![assigned("r", Some("notes:read")); ROLES_PER_USER_MAX];
        many.push(assigned("last", Some("*")));
        assert_eq!(allowed(&many), "mcp notes:read");
        let long = format!("* {}", "a ".repeat(BOUND_CHARS_MAX));
        assert_eq!(allowed(&[assigned("long", Some(&long))]), "mcp");
    }

    #[test]
    fn a_bound_is_written_and_read_back_and_one_that_was_spoiled_allows_nothing() {
        for bound in [Bound::default(), Bound::everything(), Bound::nothing()] {
            let json = serde_json::to_string(&bound).unwrap();
            assert_eq!(serde_json::from_str::<Bound>(&json).unwrap(), bound);
        }
        let spoiled: Bound = serde_json::from_str(r#"["* !ad min:*!"]"#).unwrap();
        assert_eq!(spoiled, Bound::nothing());
    }
}
