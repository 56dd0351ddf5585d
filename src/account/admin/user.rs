//! `/account/users/ACCOUNT`: one user, their roles, and the end of what they do.

use durable::account::Numbers;
use http::Response;
use oauth::form::Parameters;
use oauth::grant::GrantId;
use oauth::identity::AccountId;
use oauth::role::{
    ADMIN, ADMIN_ALLOWS, ROLES_PER_USER_MAX, Role, RoleChange, RoleHolder, RoleNames, USER,
    USER_ALLOWS, is_role_name,
};
use web::{Count, Moment, RoleChoice, Shown, UserPage};

use super::{Admin, no_form, status, users};
use crate::account::notice::Notice;
use crate::answer::Body;
use crate::error::Error;
use crate::page::{self, Problem};
use crate::store::roles::{self, Kept};
use crate::store::{accounts, users as user_rows};
use crate::{clock, guard};

/// What is said to who would end what they themselves do.
const ONESELF: &str = "You cannot disable yourself, nor end everything of yours here: your \
                       account page ends what acts for you.";
/// What is said of an admin of the configuration.
const CONFIGURED: &str = "An admin of the configuration cannot be disabled here: take the name \
                          out of ADMINS first.";

/// What precedes a role in the name of its field.
const FIELD: &str = "role ";

/// A user whose page is asked for.
struct Subject {
    account: AccountId,
    user: user_rows::User,
    names: RoleNames,
    in_configuration: bool,
    oneself: bool,
}

/// `GET /account/users/ACCOUNT`.
pub(super) async fn show(admin: &Admin<'_>, account: &str) -> Result<Response<Body>, Error> {
    let subject = find(admin, account).await?;
    page(admin, subject, None).await
}

/// `POST /account/users/ACCOUNT`: does what the button says. All of it can be done
/// twice.
pub(super) async fn act(
    admin: &Admin<'_>,
    account: &str,
    form: &Parameters,
) -> Result<Response<Body>, Error> {
    let subject = find(admin, account).await?;
    let app = admin.app;
    let spared = match form.get("do") {
        Some("roles") => return change_roles(admin, subject, form).await,
        Some("end" | "disable") if subject.oneself => Some(ONESELF),
        Some("disable") if subject.in_configuration => Some(CONFIGURED),
        _ => None,
    };
    if spared.is_some() {
        return page(admin, subject, spared).await;
    }
    let account = &subject.account;
    match form.get("do") {
        Some("end") => {
            forget(admin, accounts::end_everything(app, account).await?);
            Ok(admin.done(Notice::UserEnded))
        }
        Some("disable") => {
            forget(admin, accounts::disable(app, account).await?);
            Ok(admin.done(Notice::UserDisabled))
        }
        Some("enable") => {
            accounts::enable(app, account).await?;
            Ok(admin.done(Notice::UserEnabled))
        }
        _ => Err(no_form()),
    }
}

/// Has this isolate refuse the tokens of grants that ended.
fn forget(admin: &Admin<'_>, grants: Vec<GrantId>) {
    for grant in grants {
        guard::forget(admin.app, grant, clock::now());
    }
}

async fn find(admin: &Admin<'_>, account: &str) -> Result<Subject, Error> {
    let account = AccountId::trusted(account.to_owned());
    let user = user_rows::find(admin.app, &account).await?;
    let user = user.ok_or(Problem::NoPage)?;
    let admins = &admin.app.config.admins;
    Ok(Subject {
        names: user.role_names(),
        in_configuration: admins.contain(&user.issuer, &user.subject),
        oneself: account == admin.signed_in.session.account,
        account,
        user,
    })
}

async fn change_roles(
    admin: &Admin<'_>,
    subject: Subject,
    form: &Parameters,
) -> Result<Response<Body>, Error> {
    let had = form.get("had").unwrap_or_default();
    let had: RoleNames = had.split_whitespace().map(str::to_owned).collect();
    let kept = roles::list(admin.app).await?;
    let ticked = form.names().filter_map(|name| name.strip_prefix(FIELD));
    let ticked: RoleNames = ticked.map(str::to_owned).collect();
    let change = RoleChange::between(&had, &ticked);
    let holder = RoleHolder {
        names: &subject.names,
        in_configuration: subject.in_configuration,
        oneself: subject.oneself,
    };
    let rows = written(&kept);
    if let Err(refusal) = change.judge(holder, &rows, admin.section.permission()) {
        return page(admin, subject, Some(&refusal.to_string())).await;
    }
    roles::change(admin.app, &subject.account, &change).await?;
    Ok(admin.done(Notice::RolesSaved))
}

async fn page(
    admin: &Admin<'_>,
    subject: Subject,
    refusal: Option<&str>,
) -> Result<Response<Body>, Error> {
    let numbers = accounts::numbers(admin.app, &subject.account).await?;
    let kept = roles::list(admin.app).await?;
    let choices = choices(&kept, &subject);
    let had = choices.iter().filter(|(_, choice)| choice.ticked);
    let had = had.filter(|(_, choice)| choice.field.is_some());
    let had: Vec<&str> = had.map(|(name, _)| name.as_str()).collect();
    let page = UserPage {
        frame: admin.frame(refusal),
        user: users::row(admin, &subject.user),
        account: subject.account.as_str().to_owned(),
        disabled: numbers
            .disabled_since
            .map(|since| Moment::past(since, admin.now)),
        counts: counts(&numbers).to_vec(),
        had: had.join(" "),
        roles: choices.into_iter().map(|(_, choice)| choice).collect(),
        token_life: admin.token_life(),
        oneself: subject.oneself,
        form_fields: admin.form_fields()?,
        action: admin.path.to_owned(),
    };
    Ok(page::html(status(refusal), page.render()))
}

fn counts(numbers: &Numbers) -> [Count; 5] {
    let many = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    [
        ("connected apps", many(numbers.grants)),
        ("sessions", numbers.sessions),
        ("state handles", numbers.handles),
        ("tasks", numbers.tasks),
        ("signed-in browsers", many(numbers.login_sessions)),
    ]
    .map(|(label, number)| Count { label, number })
}

/// The roles that exist, and those that the user has; of the latter, as many as
/// count.
fn offered(kept: &[Kept], has: &RoleNames) -> RoleNames {
    let kept = kept.iter().map(|role| role.name.clone());
    kept.chain(has.iter().take(ROLES_PER_USER_MAX).cloned())
        .collect()
}

/// A line for each role, with its name.
fn choices(kept: &[Kept], subject: &Subject) -> Vec<(String, RoleChoice)> {
    let has = &subject.names;
    let choice = |name: String| {
        let row = kept.iter().find(|role| role.name == name);
        let permissions = row.and_then(|role| allows(role));
        let (fixed, note) = match name.as_str() {
            ADMIN if subject.in_configuration => (
                true,
                Some("By the variable ADMINS of the configuration; that is not changed here."),
            ),
            ADMIN if subject.oneself && has.contains(ADMIN) => {
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
            _ if row.is_none() => (
                false,
                Some("There is no such role any more; it allows nothing."),
            ),
            _ => (false, None),
        };
        let choice = RoleChoice {
            name: Shown::name(&name),
            permissions: permissions.map(Shown::prose),
            note,
            field: (!fixed).then(|| field(&name)),
            ticked: has.contains(&name),
        };
        // What cannot be ticked is shown to who has it.
        let shown = !fixed || choice.ticked || name == ADMIN;
        shown.then_some((name, choice))
    };
    offered(kept, has).into_iter().filter_map(choice).collect()
}

/// What a role allows, its row or what is built in.
pub(super) fn allows(role: &Kept) -> Option<&str> {
    match (role.name.as_str(), role.permissions.as_deref()) {
        (ADMIN, _) => Some(ADMIN_ALLOWS),
        (USER, None) => Some(USER_ALLOWS),
        (_, words) => words,
    }
}

/// The roles that have a row.
pub(super) fn written(kept: &[Kept]) -> Vec<Role> {
    let row = |kept: &Kept| {
        Some(Role {
            name: kept.name.clone(),
            permissions: kept.permissions.clone()?,
        })
    };
    kept.iter().filter_map(row).collect()
}

/// The field by which a role is ticked: one for each, as a parameter that is sent
/// twice counts for nothing.
fn field(name: &str) -> String {
    format!("{FIELD}{name}")
}
