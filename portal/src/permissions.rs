//! The permissions of our own, beside those of tools: roles name them like any other.
//!
//! They are no part of `scopes_supported`: clients ask for all they find there, and
//! nearly none needs these. Who makes a key ticks them, and an app can ask for them.

use oauth::scope::Scope;
use rest::{ACCOUNT_READ, ACCOUNT_WRITE, ADMIN_AUDIT, ADMIN_POLICIES, ADMIN_USAGE, ADMIN_USERS};

/// What only the pages ask for.
pub(crate) const ADMIN_CLIENTS: &str = "admin:clients";
/// The same.
pub(crate) const ADMIN_KEYS: &str = "admin:keys";

/// All of them, in words.
pub(crate) const OWN: [(&str, &str); 8] = [
    (
        ACCOUNT_READ,
        "See your account through the API: keys, apps, sessions and logins",
    ),
    (
        ACCOUNT_WRITE,
        "Make API keys, and end keys, apps, sessions and logins of yours, through the API",
    ),
    (ADMIN_USERS, "See and change all users and roles"),
    (
        ADMIN_CLIENTS,
        "See the clients of the configuration on the pages for admins",
    ),
    (
        ADMIN_KEYS,
        "See which keys are in use on the pages for admins",
    ),
    (
        ADMIN_POLICIES,
        "See and change how many calls users may make",
    ),
    (ADMIN_USAGE, "See everybody's usage"),
    (ADMIN_AUDIT, "See what everybody did"),
];

/// Those that a key or token can have: the API asks for them.
pub(crate) fn grantable() -> impl Iterator<Item = Scope> {
    let names = [
        ACCOUNT_READ,
        ACCOUNT_WRITE,
        ADMIN_USERS,
        ADMIN_POLICIES,
        ADMIN_USAGE,
        ADMIN_AUDIT,
    ];
    names.into_iter().filter_map(Scope::parse)
}

/// What one of them allows.
pub(crate) fn words(name: &str) -> Option<&'static str> {
    let mut all = OWN.iter();
    all.find(|(own, _)| *own == name).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rest::{Needs, operations};

    #[test]
    fn whatever_an_operation_needs_can_be_granted_and_has_words() {
        for operation in operations() {
            if let Needs::Permission(name) = operation.needs {
                assert!(grantable().any(|scope| scope.as_str() == name), "{name}");
                assert!(words(name).is_some(), "{name}");
            }
        }
        assert_eq!(grantable().count(), 6);
    }

    /// The pure crates do not know each other.
    #[test]
    fn the_api_and_authorization_have_the_same_limits() {
        use oauth::{api_key, role, scope};
        use rest::shape;
        assert_eq!(shape::NAME_CHARS_MAX, api_key::KEY_NAME_CHARS_MAX);
        assert_eq!(shape::SCOPES_MAX, scope::SCOPES_MAX);
        assert_eq!(shape::LIFE_SECONDS_MIN, api_key::KEY_LIFE_MIN.as_secs());
        assert_eq!(shape::LIFE_SECONDS_MAX, api_key::KEY_LIFE_MAX.as_secs());
        assert_eq!(shape::OVERLAP_SECONDS_MAX, api_key::OVERLAP_MAX.as_secs());
        assert_eq!(shape::ROLE_NAME_CHARS_MAX, role::ROLE_NAME_CHARS_MAX);
        assert_eq!(shape::ROLES_PER_USER_MAX, role::ROLES_PER_USER_MAX);
        let names = shape::PERMISSIONS_MAX * 2 - 1;
        assert!(names <= role::BOUND_CHARS_MAX);
    }
}
