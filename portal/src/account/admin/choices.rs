//! The roles as a user's page offers them, and as its form sends them back.

use oauth::form::Parameters;
use oauth::role::{ADMIN, ROLES_PER_USER_MAX, RoleHolder, RoleNames, USER, enter, is_role_name};
use web::{RoleChoice, Shown};

use crate::store::roles::Kept;

/// What precedes a role in the name of its field.
const FIELD: &str = "role ";

/// A line for each role that exists or that the user has, and the names of those
/// that are ticked and may be unticked. Of what the user has, as many as count.
pub(super) fn offered(kept: &[Kept], holder: RoleHolder<'_>) -> (String, Vec<RoleChoice>) {
    let mut names: RoleNames = kept.iter().map(|role| role.name.clone()).collect();
    for name in holder.names.iter().take(ROLES_PER_USER_MAX) {
        enter(&mut names, name);
    }
    let mut had = Vec::new();
    let mut choices = Vec::new();
    for name in &names {
        let kept = kept.iter().find(|role| role.name == *name);
        let ticked = holder.names.contains(name);
        let (fixed, note) = said_of(name, kept, holder);
        // What cannot be changed here is shown to who has it.
        if fixed && !ticked && name != ADMIN {
            continue;
        }
        if ticked && !fixed {
            had.push(name.as_str());
        }
        choices.push(RoleChoice {
            name: Shown::name(name),
            permissions: kept.and_then(Kept::allows).map(Shown::prose),
            note,
            // One for each: a parameter that is sent twice counts for nothing.
            field: (!fixed).then(|| format!("{FIELD}{name}")),
            ticked,
        });
    }
    (had.join(" "), choices)
}

/// The roles whose fields were sent.
pub(super) fn ticked(form: &Parameters) -> RoleNames {
    let names = form.names().filter_map(|name| name.strip_prefix(FIELD));
    names.map(str::to_owned).collect()
}

/// Whether a role cannot be given and taken here, and what is said of it.
fn said_of(
    name: &str,
    kept: Option<&Kept>,
    holder: RoleHolder<'_>,
) -> (bool, Option<&'static str>) {
    match name {
        ADMIN if holder.in_configuration => (
            true,
            Some("By the variable ADMINS of the configuration; that is not changed here."),
        ),
        ADMIN if holder.oneself && holder.names.iter().any(|has| has == ADMIN) => {
            (true, Some("Yours: only another admin can take it away."))
        }
        USER => (
            false,
            Some("Everybody without a role has this one; tick it to keep it beside others."),
        ),
        name if !is_role_name(name) => (
            true,
            Some("A role with such a name is changed in the database."),
        ),
        _ if kept.is_none() => (
            false,
            Some("There is no such role any more; it allows nothing."),
        ),
        _ => (false, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> RoleNames {
        text.split(',').map(str::to_owned).collect()
    }

    /// What was ticked, and each role with whether its field is there.
    fn offered_to(has: &str, in_configuration: bool, oneself: bool) -> (String, Vec<String>) {
        let kept = |name: &str, permissions: Option<&str>| Kept {
            name: name.to_owned(),
            permissions: permissions.map(str::to_owned),
            users: 0,
        };
        let kept = [
            kept("admin", None),
            kept("odd name", Some("*")),
            kept("reader", Some("notes:read")),
            kept("user", None),
        ];
        let names = names(has);
        let holder = RoleHolder {
            names: &names,
            in_configuration,
            oneself,
        };
        let (had, choices) = offered(&kept, holder);
        let choice = |choice: &RoleChoice| match &choice.field {
            Some(field) => field.clone(),
            None => format!("({})", choice.name),
        };
        (had, choices.iter().map(choice).collect())
    }

    #[test]
    fn what_can_be_changed_has_a_field_and_only_that_was_ticked() {
        let all = ["role admin", "role reader", "role user"];
        let (had, choices) = offered_to("reader", false, false);
        assert_eq!(
            (had.as_str(), choices),
            ("reader", all.map(str::to_owned).to_vec())
        );
        let (had, choices) = offered_to("admin,gone,odd name,reader", false, false);
        assert_eq!(had, "admin gone reader");
        let want = [
            "role admin",
            "role gone",
            "(odd name)",
            "role reader",
            "role user",
        ];
        assert_eq!(choices, want);
    }

    #[test]
    fn nobody_is_offered_what_would_be_refused() {
        let want = ["(admin)", "role reader", "role user"];
        for (has, in_configuration, oneself) in [
            ("admin", false, true),
            ("admin", true, false),
            ("user", true, true),
        ] {
            let (had, choices) = offered_to(has, in_configuration, oneself);
            assert_eq!(choices, want, "{has}");
            assert!(!had.contains("admin"));
        }
        let (_, choices) = offered_to("reader", false, true);
        assert!(choices.contains(&"role admin".to_owned()));
    }

    #[test]
    fn what_was_ticked_is_read_back() {
        let form = Parameters::parse("role+a=on&had=a+b&role+b+c=on&roles=x").unwrap();
        assert_eq!(ticked(&form), names("a,b c"));
    }
}
