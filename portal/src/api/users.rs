//! `/api/v1/users`: what the pages of users do, with the same refusals.

use http::StatusCode;
use jiff::Timestamp;
use oauth::role::{RoleChange, RoleNames, RoleRefusal, enter, is_role_name};
use oauth::secret::SecretHash;
use platform::account::Numbers;
use rest::shape::{Holds, List, ROLES_PER_USER_MAX, User, UserDetail, UserRoles};
use rest::{ADMIN_USERS, BASE, Code, LIMIT_MAX};

use super::caller::Caller;
use super::input::Input;
use super::{Answered, Refused, cursor, done, json, with_etag, with_next};
use crate::account::admin::Subject;
use crate::app::App;
use crate::page::with_query;
use crate::store::roles::{self, written};
use crate::store::users::{self, Wanted};
use crate::store::{accounts, policies};

/// Longest text that is searched for, in characters.
const SEARCH_CHARS_MAX: usize = 100;
/// Longest name of a role that is looked for, in characters.
const ROLE_CHARS_MAX: usize = oauth::role::ROLE_NAME_CHARS_MAX;

/// `GET /users`.
pub(super) async fn list(app: &App, caller: &Caller, input: &Input) -> Answered {
    let limit = input.limit(LIMIT_MAX)?;
    let search = input.query("search").unwrap_or_default();
    let role = input.query("role").unwrap_or_default();
    if search.chars().count() > SEARCH_CHARS_MAX || role.chars().count() > ROLE_CHARS_MAX {
        let detail = "`search` has at most 100 characters, and `role` 40.";
        return Err(Refused::new(Code::Malformed, detail));
    }
    let about = ["users", caller.account.as_str(), search, role];
    let key = &app.config.keys.cursors;
    let after: Option<(i64, String)> = input.cursor(key, &about)?;
    let wanted = Wanted {
        text: search,
        role,
        after: after
            .as_ref()
            .map(|(login, account)| (*login, account.as_str())),
        count: limit + 1, // Which says whether there are more.
    };
    let mut found = users::list(app, &wanted).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| {
        let cursor = cursor::written(key, &about, &(last.last_login, &last.account));
        next(limit, search, role, &cursor)
    });
    let list = List {
        items: found.iter().map(|found| user(app, found)).collect(),
        next,
    };
    let response = json(StatusCode::OK, &list);
    Ok(with_next(response, list.next.as_deref()))
}

/// Where more of the list is (RFC 8288).
fn next(limit: usize, search: &str, role: &str, cursor: &str) -> String {
    let limit = limit.to_string();
    let parameters = [
        ("limit", limit.as_str()),
        ("search", search),
        ("role", role),
        ("cursor", cursor),
    ];
    with_query(&format!("{BASE}/users"), &parameters)
}

/// `GET /users/{account}`.
pub(super) async fn show(app: &App, caller: &Caller, input: &Input) -> Answered {
    let subject = find(app, caller, input).await?;
    let numbers = accounts::numbers(app, &subject.account).await?;
    let detail = UserDetail {
        user: user(app, &subject.user),
        disabled_since: numbers.disabled_since,
        holds: holds(&numbers),
    };
    Ok(json(StatusCode::OK, &detail))
}

/// `POST /users/{account}/disable`.
pub(super) async fn disable(app: &App, caller: &Caller, input: &Input) -> Answered {
    let subject = find(app, caller, input).await?;
    may(subject.not_to_be_disabled())?;
    app.note_ends(accounts::disable(app, &subject.account).await?);
    let account = subject.account.as_str();
    caller
        .record_admin(app, "user: disable", account, None)
        .await?;
    Ok(done())
}

/// `POST /users/{account}/enable`.
pub(super) async fn enable(app: &App, caller: &Caller, input: &Input) -> Answered {
    let subject = find(app, caller, input).await?;
    accounts::enable(app, &subject.account).await?;
    let account = subject.account.as_str();
    caller
        .record_admin(app, "user: enable", account, None)
        .await?;
    Ok(done())
}

/// `POST /users/{account}/end`.
pub(super) async fn end(app: &App, caller: &Caller, input: &Input) -> Answered {
    let subject = find(app, caller, input).await?;
    may(subject.not_to_be_ended())?;
    app.note_ends(accounts::end_everything(app, &subject.account).await?);
    let account = subject.account.as_str();
    caller
        .record_admin(app, "user: end everything", account, None)
        .await?;
    Ok(done())
}

/// `GET /users/{account}/roles`.
pub(super) async fn roles(app: &App, caller: &Caller, input: &Input) -> Answered {
    let subject = find(app, caller, input).await?;
    Ok(answered(subject.names))
}

/// `PUT /users/{account}/roles`. What is done is the difference: of two admins at the
/// same moment neither undoes what the other has done.
pub(super) async fn set_roles(app: &App, caller: &Caller, input: &Input) -> Answered {
    let subject = find(app, caller, input).await?;
    let asked: UserRoles = input.body()?;
    let fits = asked.roles.len() <= ROLES_PER_USER_MAX;
    if !fits || !asked.roles.iter().all(|name| is_role_name(name)) {
        let detail = "`roles` has at most 20 names of roles.";
        return Err(Refused::new(Code::Invalid, detail));
    }
    input.is_about(&version(&subject.names))?;
    let mut names = RoleNames::new();
    for name in &asked.roles {
        enter(&mut names, name);
    }
    let kept = roles::list(app).await?;
    let change = RoleChange::between(&subject.names, &names);
    let judged = change.judge(subject.holder(), &written(&kept), ADMIN_USERS);
    judged.map_err(|why| {
        let code = match why {
            RoleRefusal::InConfiguration | RoleRefusal::Oneself => Code::Forbidden,
            RoleRefusal::Unknown => Code::Conflict,
            RoleRefusal::TooMany => Code::Invalid,
        };
        Refused::new(code, why.to_string())
    })?;
    roles::change(app, &subject.account, &change).await?;
    let account = subject.account.as_str();
    policies::tell(app, &[account.to_owned()]).await;
    caller
        .record_admin(app, "user: roles", account, Some(&change.words()))
        .await?;
    Ok(answered(find(app, caller, input).await?.names))
}

async fn find(app: &App, caller: &Caller, input: &Input) -> Result<Subject, Refused> {
    let found = Subject::find(app, input.name(), &caller.account).await?;
    found.ok_or_else(Refused::nothing)
}

/// Whether something may be done to a user, which this says no to.
fn may(spared: Option<&'static str>) -> Result<(), Refused> {
    spared.map_or(Ok(()), |why| Err(Refused::new(Code::Forbidden, why)))
}

fn answered(names: RoleNames) -> http::Response<platform::answer::Body> {
    let version = version(&names);
    with_etag(json(StatusCode::OK, &UserRoles { roles: names }), &version)
}

/// Which version of somebody's roles these are.
fn version(names: &RoleNames) -> String {
    SecretHash::of(&names.join(" ")).as_str().to_owned()
}

fn user(app: &App, user: &users::User) -> User {
    let moment = |seconds| Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    User {
        account: user.account.clone(),
        name: user.display_name.clone(),
        provider: user.provider.clone(),
        issuer: user.issuer.clone(),
        subject: user.subject.clone(),
        roles: user.role_names(),
        admin_by_configuration: app.config.admins.contain(&user.issuer, &user.subject),
        first_login: moment(user.first_login),
        last_login: moment(user.last_login),
    }
}

fn holds(numbers: &Numbers) -> Holds {
    let many = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Holds {
        grants: many(numbers.grants),
        api_keys: many(numbers.api_keys),
        sessions: numbers.sessions,
        handles: numbers.handles,
        tasks: numbers.tasks,
        logins: many(numbers.login_sessions),
    }
}
