//! `/account/users/ACCOUNT`: one user, their roles, and the end of what they do.

use http::Response;
use oauth::form::Parameters;
use oauth::identity::AccountId;
use oauth::role::{RoleChange, RoleNames, RoleRefusal};
use platform::account::Numbers;
use platform::answer::Body;
use quota::PolicyName;
use web::{Count, Moment, UserPage};

use super::subject::Subject;
use super::{Admin, Section, choices, no_form, status, users};
use crate::account::notice::Notice;
use crate::error::Error;
use crate::page::{self, Problem};
use crate::store::accounts;
use crate::store::policies::{self, Whose};
use crate::store::roles::{self, written};

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
    let doing = form.get("do");
    let spared = (subject.not_to_be_ended(), subject.not_to_be_disabled());
    let refusal = match (doing, spared.0, spared.1) {
        (Some("end"), Some(why), _) | (Some("disable"), _, Some(why)) => why.to_owned(),
        (Some("policy"), ..) if admin.may_see(Section::Policies) => {
            choose(admin, account, form.get("policy").unwrap_or_default()).await?;
            return Ok(admin.done(Notice::PolicySaved));
        }
        (Some("end"), ..) => {
            app.note_ends(accounts::end_everything(app, account).await?);
            admin
                .record("user: end everything", account.as_str(), None)
                .await?;
            return Ok(admin.done(Notice::UserEnded));
        }
        (Some("disable"), ..) => {
            app.note_ends(accounts::disable(app, account).await?);
            admin
                .record("user: disable", account.as_str(), None)
                .await?;
            return Ok(admin.done(Notice::UserDisabled));
        }
        (Some("enable"), ..) => {
            accounts::enable(app, account).await?;
            admin.record("user: enable", account.as_str(), None).await?;
            return Ok(admin.done(Notice::UserEnabled));
        }
        (Some("roles"), ..) => match change_roles(admin, &subject, form).await? {
            None => return Ok(admin.done(Notice::RolesSaved)),
            Some(refusal) => refusal.to_string(),
        },
        _ => return Err(no_form()),
    };
    page(admin, subject, Some(&refusal)).await
}

async fn find(admin: &Admin<'_>, account: &str) -> Result<Subject, Error> {
    let asker = &admin.signed_in.session.account;
    let found = Subject::find(admin.app, account, asker).await?;
    Ok(found.ok_or(Problem::NoPage)?)
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
    policies::tell(admin.app, &[subject.account.as_str().to_owned()]).await;
    let account = subject.account.as_str();
    admin
        .record("user: roles", account, Some(&change.words()))
        .await?;
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
        policies: choosable(admin, &subject.account).await?,
        token_life: admin.token_life(),
        oneself: subject.oneself,
        form_fields: admin.form_fields()?,
        action: admin.path.to_owned(),
    };
    Ok(page::html(status(refusal), page.render()))
}

/// The policies that can be the user's own; none for who may not say so.
async fn choosable(admin: &Admin<'_>, account: &AccountId) -> Result<Vec<(String, bool)>, Error> {
    if !admin.may_see(Section::Policies) {
        return Ok(Vec::new());
    }
    let own = policies::own(admin.app, account).await?;
    let kept = policies::list(admin.app).await?.into_iter();
    Ok(kept
        .map(|kept| {
            let chosen = own.as_ref() == Some(&kept.name);
            (kept.name, chosen)
        })
        .collect())
}

/// Gives the user a policy of their own, or takes it away. Whether it was done is not
/// told: one that is gone meanwhile is not there to choose any more.
async fn choose(admin: &Admin<'_>, account: &AccountId, named: &str) -> Result<(), Error> {
    let whose = Whose::User(account);
    let changed = match PolicyName::read(named) {
        Ok(name) => policies::give(admin.app, whose, &name).await?,
        Err(_) => policies::take(admin.app, whose).await?,
    };
    if changed {
        policies::tell(admin.app, &[account.as_str().to_owned()]).await;
        admin
            .record("user: policy", account.as_str(), Some(named))
            .await?;
    }
    Ok(())
}

fn counts(numbers: &Numbers) -> [Count; 6] {
    let many = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    [
        ("connected apps", many(numbers.grants)),
        ("sessions", numbers.sessions),
        ("state handles", numbers.handles),
        ("tasks", numbers.tasks),
        ("API keys", many(numbers.api_keys)),
        ("signed-in browsers", many(numbers.login_sessions)),
    ]
    .map(|(label, number)| Count { label, number })
}
