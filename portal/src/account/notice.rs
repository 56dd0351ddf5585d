//! What the page, or one of those for admins, says was just done. It comes with the URL of a redirect, so it is
//! one of these, in our own words.

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notice {
    /// A grant was ended.
    Revoked,
    /// A session was ended.
    Ended,
    /// Another browser was signed out.
    SignedOutOne,
    /// All others were.
    SignedOutOthers,
    /// This one was.
    SignedOut,
    /// All were, this one included.
    SignedOutAll,
    /// An API key was revoked.
    KeyRevoked,
    /// An admin has changed a user's roles, …
    RolesSaved,
    /// … ended everything of a user, …
    UserEnded,
    /// … disabled a user, …
    UserDisabled,
    /// … enabled one, …
    UserEnabled,
    /// … added or changed a role, …
    RoleSaved,
    /// … deleted one, …
    RoleDeleted,
    /// … changed a policy or whose it is, …
    PolicySaved,
    /// … or deleted one.
    PolicyDeleted,
}

impl Notice {
    const ALL: [Self; 15] = [
        Self::Revoked,
        Self::Ended,
        Self::SignedOutOne,
        Self::SignedOutOthers,
        Self::SignedOut,
        Self::SignedOutAll,
        Self::KeyRevoked,
        Self::RolesSaved,
        Self::UserEnded,
        Self::UserDisabled,
        Self::UserEnabled,
        Self::RoleSaved,
        Self::RoleDeleted,
        Self::PolicySaved,
        Self::PolicyDeleted,
    ];

    /// Its name in a URL.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Ended => "ended",
            Self::SignedOutOne => "signed-out-one",
            Self::SignedOutOthers => "signed-out-others",
            Self::SignedOut => "signed-out",
            Self::SignedOutAll => "signed-out-all",
            Self::KeyRevoked => "key-revoked",
            Self::RolesSaved => "roles-saved",
            Self::UserEnded => "user-ended",
            Self::UserDisabled => "user-disabled",
            Self::UserEnabled => "user-enabled",
            Self::RoleSaved => "role-saved",
            Self::RoleDeleted => "role-deleted",
            Self::PolicySaved => "policy-saved",
            Self::PolicyDeleted => "policy-deleted",
        }
    }

    /// What a person reads.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Revoked => "The app has no access any more. Its sessions have ended.",
            Self::Ended => "The session has ended. Its app keeps its access, and can open another.",
            Self::SignedOutOne => "That browser is signed out.",
            Self::SignedOutOthers => "You are signed out everywhere else.",
            Self::SignedOut => "You are signed out.",
            Self::SignedOutAll => "You are signed out everywhere.",
            Self::KeyRevoked => "The key is revoked, and what was begun with it has ended.",
            Self::RolesSaved => "The roles are saved.",
            Self::UserEnded => "Everything has ended. The user may begin anew.",
            Self::UserDisabled => "The user is disabled, and everything has ended.",
            Self::UserEnabled => "The user may log in again.",
            Self::RoleSaved => "The role is saved.",
            Self::RoleDeleted => "The role is gone.",
            Self::PolicySaved => "The policy is saved. It holds within a second.",
            Self::PolicyDeleted => "The policy is gone.",
        }
    }

    /// The one in a query, if there is one and we know it.
    pub(super) fn read(query: Option<&str>) -> Option<Self> {
        let said = query?.strip_prefix("done=")?;
        Self::ALL.into_iter().find(|notice| notice.name() == said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_one_of_ours_or_none() {
        for notice in Notice::ALL {
            let query = format!("done={}", notice.name());
            assert_eq!(Notice::read(Some(&query)), Some(notice));
        }
        for query in [None, Some(""), Some("done="), Some("done=You+won")] {
            assert_eq!(Notice::read(query), None);
        }
    }
}
