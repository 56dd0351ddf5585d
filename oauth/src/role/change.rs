//! Changing who has which role, without locking oneself out.
//!
//! A form says what was ticked when its page was opened and what is ticked now.
//! Only the difference is done: of two admins who change the same user at the same
//! time neither undoes what the other has done.

use super::bound::{ADMIN, Assigned, BOUND_CHARS_MAX, Bound, ROLES_PER_USER_MAX, USER, words};
use super::written::Role;

/// The names of somebody's roles: few, in their order, each once.
pub type RoleNames = Vec<String>;

/// What is given, and what is taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChange {
    /// Roles that a user gets.
    pub given: RoleNames,
    /// Roles that they lose.
    pub taken: RoleNames,
}

/// Whose roles are changed.
#[derive(Debug, Clone, Copy)]
pub struct RoleHolder<'a> {
    /// Those they have.
    pub names: &'a RoleNames,
    /// Whether the configuration names them an admin.
    pub in_configuration: bool,
    /// Whether they are who changes them.
    pub oneself: bool,
}

/// A change that is not made; the text says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RoleRefusal {
    /// The configuration says it, and no row can say otherwise.
    #[error(
        "This user is an admin by the variable ADMINS of the configuration. That cannot be \
         changed here."
    )]
    InConfiguration,
    /// One could not undo it.
    #[error(
        "You would lose your own access to this page. Ask another admin to do that, so that one \
         is left."
    )]
    Oneself,
    /// A role does not exist any more.
    #[error("One of these roles has been deleted meanwhile. Look again, and save what is left.")]
    Unknown,
    /// Some would not count.
    #[error(
        "Those are too many roles for one user: at most {ROLES_PER_USER_MAX} count, with \
         {BOUND_CHARS_MAX} characters of permissions together."
    )]
    TooMany,
}

impl RoleChange {
    /// What changes from the roles that a page showed to those that are ticked.
    pub fn between(shown: &RoleNames, ticked: &RoleNames) -> Self {
        Self {
            given: without(ticked, shown),
            taken: without(shown, ticked),
        }
    }

    /// What it does, for a record: `-ops +reader`.
    pub fn words(&self) -> String {
        let taken = self.taken.iter().map(|role| format!("-{role}"));
        let given = self.given.iter().map(|role| format!("+{role}"));
        taken.chain(given).collect::<Vec<_>>().join(" ")
    }

    /// Whether somebody who needs `permission` for this may do it to the holder,
    /// where these roles exist.
    pub fn judge(
        &self,
        holder: RoleHolder<'_>,
        roles: &[Role],
        permission: &str,
    ) -> Result<(), RoleRefusal> {
        let is_admin = |name: &String| name == ADMIN;
        let takes_admin = self.taken.iter().any(is_admin);
        let touches_admin = takes_admin || self.given.iter().any(is_admin);
        if holder.in_configuration && touches_admin {
            return Err(RoleRefusal::InConfiguration);
        }
        let exists = |name: &String| {
            [ADMIN, USER].contains(&name.as_str()) || roles.iter().any(|role| role.name == *name)
        };
        if !self.given.iter().all(exists) {
            return Err(RoleRefusal::Unknown);
        }
        let mut after = without(holder.names, &self.taken);
        for name in &self.given {
            enter(&mut after, name);
        }
        let counted = assigned(&after, roles);
        let chars: usize = counted.iter().filter_map(words).map(str::len).sum();
        let more = !self.given.is_empty();
        if more && (after.len() > ROLES_PER_USER_MAX || chars > BOUND_CHARS_MAX) {
            return Err(RoleRefusal::TooMany);
        }
        let stays = holder.in_configuration || bound(&after, roles).may_use(permission);
        if holder.oneself && (takes_admin || !stays) {
            return Err(RoleRefusal::Oneself);
        }
        Ok(())
    }
}

/// What roles of these names allow; without any, what the default role does.
pub fn bound(names: &RoleNames, roles: &[Role]) -> Bound {
    Bound::of(&assigned(names, roles))
}

/// Enters a name at its place, once.
pub fn enter(names: &mut RoleNames, name: &str) {
    if !names.iter().any(|known| known == name) {
        let at = names.partition_point(|known| known.as_str() < name);
        names.insert(at, name.to_owned());
    }
}

/// The first without those of the second.
fn without(names: &RoleNames, others: &RoleNames) -> RoleNames {
    let rest = names.iter().filter(|name| !others.contains(name));
    rest.cloned().collect()
}

fn assigned(names: &RoleNames, roles: &[Role]) -> Vec<Assigned> {
    let mut names = names.clone();
    if names.is_empty() {
        names.push(USER.to_owned());
    }
    let assigned = names.iter().map(|name| Assigned {
        role: name.clone(),
        permissions: roles
            .iter()
            .find(|role| role.name == *name)
            .map(|role| role.permissions.clone()),
    });
    assigned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> RoleNames {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn roles() -> Vec<Role> {
        let long = format!("a{}", " a".repeat(400));
        [
            ("ops", "* !notes:*"),
            ("reader", "notes:read"),
            ("long", &long),
            ("longer", &long),
        ]
        .map(|(name, permissions)| Role {
            name: name.to_owned(),
            permissions: permissions.to_owned(),
        })
        .to_vec()
    }

    fn judged(had: &str, shown: &str, ticked: &str, oneself: bool) -> Result<(), RoleRefusal> {
        let holder = RoleHolder {
            names: &names(had),
            in_configuration: false,
            oneself,
        };
        RoleChange::between(&names(shown), &names(ticked)).judge(holder, &roles(), "admin:users")
    }

    #[test]
    fn names_stand_in_their_order_and_once() {
        let mut some = RoleNames::new();
        for name in ["ops", "admin", "reader", "ops", "b"] {
            enter(&mut some, name);
        }
        assert_eq!(some, names("admin b ops reader"));
    }

    #[test]
    fn only_what_somebody_changed_is_changed() {
        let change = RoleChange::between(&names("ops reader"), &names("admin reader"));
        assert_eq!(change.given, names("admin"));
        assert_eq!(change.taken, names("ops"));
        assert_eq!(change.words(), "-ops +admin");
    }

    #[test]
    fn nobody_takes_their_own_access_away() {
        let table = [
            ("admin", "admin", "", Err(RoleRefusal::Oneself)),
            ("admin ops", "admin ops", "ops", Err(RoleRefusal::Oneself)),
            ("admin ops", "admin ops", "admin", Ok(())),
            ("ops", "ops", "", Err(RoleRefusal::Oneself)),
            ("ops", "ops", "reader", Err(RoleRefusal::Oneself)),
            ("ops", "ops", "reader ops", Ok(())),
            ("ops", "ops", "admin", Ok(())),
        ];
        for (had, shown, ticked, want) in table {
            assert_eq!(judged(had, shown, ticked, true), want, "{had} to {ticked}");
            assert_eq!(judged(had, shown, ticked, false), Ok(()));
        }
    }

    #[test]
    fn an_admin_of_the_configuration_stays_one_whatever_the_rows_say() {
        for oneself in [true, false] {
            let judge = |shown: &str, ticked: &str| {
                let holder = RoleHolder {
                    names: &names(shown),
                    in_configuration: true,
                    oneself,
                };
                let change = RoleChange::between(&names(shown), &names(ticked));
                change.judge(holder, &roles(), "admin:users")
            };
            assert_eq!(judge("admin", ""), Err(RoleRefusal::InConfiguration));
            assert_eq!(judge("", "admin"), Err(RoleRefusal::InConfiguration));
            assert_eq!(judge("ops", "reader"), Ok(()));
        }
    }

    #[test]
    fn a_role_that_is_gone_can_be_taken_and_not_given() {
        assert_eq!(judged("", "", "gone", false), Err(RoleRefusal::Unknown));
        assert_eq!(judged("gone", "gone", "", false), Ok(()));
        assert_eq!(judged("", "", "user admin", false), Ok(()));
    }

    #[test]
    fn nobody_gets_roles_that_would_not_count() {
        assert_eq!(
            judged("long", "long", "long longer", false),
            Err(RoleRefusal::TooMany)
        );
        assert_eq!(judged("long longer", "long longer", "long", false), Ok(()));
        let full: Vec<String> = (0..ROLES_PER_USER_MAX).map(|n| format!("r{n}")).collect();
        let full = full.join(" ");
        let one_more = format!("{full} ops");
        assert_eq!(
            judged(&full, &full, &one_more, false),
            Err(RoleRefusal::TooMany)
        );
        assert_eq!(judged(&one_more, &one_more, &full, false), Ok(()));
    }
}
