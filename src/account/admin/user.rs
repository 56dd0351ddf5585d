//! `/account/users/ACCOUNT`: one user, their roles, and the end of what they do.

use durable::account::Numbers;
use http::Response;
use oauth::form::Parameters;
use oauth::grant::GrantId;
use oauth::identity::AccountId;
use oauth::role::{RoleChange, RoleHolder, RoleNames, RoleRefusal};
use web::{Count, Moment, UserPage};

use super::{Admin, choices, no_form, status, users};
use crate::account::notice::Notice;
use crate::answer::Body;
use crate::error::Error;
use crate::page::{self, Problem};
use crate::store::roles::{self, written};
use crate::store::{accounts, users as user_rows};
use crate::{clock, guard};

/// What is said to who would end what they themselves do.
const ONESELF: &str = "You cannot disable yourself, nor end everything of yours here: your \
                       account page ends what acts for you.";
/// What is said of an admin of the configuration.
const CONFIGURED: &str = "An admin of the configuration cannot be disabled here: take the name \
                          out of ADMINS first.";

/// A user whose page is asked for.
struct Subject {
    account: AccountId,
    user: user_rows::User,
    names: RoleNames,
    in_configuration: bool,
    oneself: bool,
}

impl Subject {
    fn holder(&self) -> RoleHolder<'_> {
        RoleHolder {
            names: &self.names,
            in_configuration: self.in_configuration,
            oneself: self.oneself,
        }
    }
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
    let (app, account) = (admin.app, &subject.account);
    let refusal = match form.get("do") {
        Some("end" | "disable") if subject.oneself => ONESELF.to_owned(),
        Some("disable") if subject.in_configuration => CONFIGURED.to_owned(),
        Some("end") => {
            forget(admin, accounts::end_everything(app, account).await?);
            return Ok(admin.done(Notice::UserEnded));
        }
        Some("disable") => {
            forget(admin, accounts::disable(app, account).await?);
            return Ok(admin.done(Notice::UserDisabled));
        }
        Some("enable") => {
            accounts::enable(app, account).await?;
            return Ok(admin.done(Notice::UserEnabled));
        }
        Some("roles") => match change_roles(admin, &subject, form).await? {
            None => return Ok(admin.done(Notice::RolesSaved)),
            Some(refusal) => refusal.to_string(),
        },
        _ => return Err(no_form()),
    };
    page(admin, subject, Some(&refusal)).await
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

/// Does what the form says, or tells why not.
async fn change_roles(
    admin: &Admin<'_>,
    subject: &Subject,
    form: &Parameters,
) -> Result<Option<RoleRefusal>, Error> {
    let had = form.get("had").unwrap_or_default();
    let had: RoleNames = had.split_whitespace().map(str::to_owned).collect();
    let kept = roles::list(admin.app).await?;
    let change = RoleChange::between(&had, &choices::ticked(form));
    let (rows, permission) = (written(&kept), admin.section.permission());
    if let Err(refusal) = change.judge(subject.holder(), &rows, permission) {
        return Ok(Some(refusal));
    }
    roles::change(admin.app, &subject.account, &change).await?;
    Ok(None)
}

async fn page(
    admin: &Admin<'_>,
    subject: Subject,
    refusal: Option<&str>,
) -> Result<Response<Body>, Error> {
    let numbers = accounts::numbers(admin.app, &subject.account).await?;
    let kept = roles::list(admin.app).await?;
    let (had, choices) = choices::offered(&kept, subject.holder());
    let page = UserPage {
        frame: admin.frame(refusal),
        user: users::row(admin, &subject.user),
        account: subject.account.as_str().to_owned(),
        disabled: numbers
            .disabled_since
            .map(|since| Moment::past(since, admin.now)),
        counts: counts(&numbers),
        had,
        roles: choices,
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
