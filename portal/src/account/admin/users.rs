//! `/account/users`: who has logged in.

use http::Response;
use jiff::Timestamp;
use platform::answer::Body;
use web::{Moment, Shown, UserRow, UsersPage};

use super::listed::{Asked, SEARCH_CHARS_MAX, USERS_PER_PAGE};
use super::{Admin, Section, status};
use crate::error::Error;
use crate::page;
use crate::store::users::{self, User};

/// What is said of a query that cannot be read.
const UNREADABLE: &str = "That search cannot be read. It may have up to 100 characters.";

/// `GET /account/users`.
pub(super) async fn show(admin: &Admin<'_>, query: Option<&str>) -> Result<Response<Body>, Error> {
    let path = Section::Users.path();
    let read = Asked::read(query);
    let refusal = read.is_none().then_some(UNREADABLE);
    let asked = read.unwrap_or_default();
    let mut found = match refusal {
        None => users::list(admin.app, &asked.wanted()).await?,
        Some(_) => Vec::new(),
    };
    let more = found.len() > USERS_PER_PAGE;
    found.truncate(USERS_PER_PAGE);
    let next = found.last().filter(|_| more);
    let page = UsersPage {
        frame: admin.frame(refusal),
        search_chars_max: SEARCH_CHARS_MAX,
        role: (!asked.role.is_empty()).then(|| Shown::name(&asked.role)),
        next: next.map(|last| asked.after(last).at(path)),
        first: (asked.after.is_some()).then(|| asked.first_page().at(path)),
        users: found.iter().map(|user| row(admin, user)).collect(),
        search: asked.search,
        action: path,
    };
    Ok(page::html(status(refusal), page.render()))
}

/// A user, as the pages show them.
pub(super) fn row(admin: &Admin<'_>, user: &User) -> UserRow {
    let config = &admin.app.config;
    let provider = config.provider(&user.provider);
    let provider = provider.map_or(user.provider.as_str(), |known| &known.provider.label);
    let moment = |seconds| {
        let then = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH);
        Moment::past(then, admin.now)
    };
    UserRow {
        href: format!("{}/{}", Section::Users.path(), user.account),
        name: Shown::name(user.display_name.as_deref().unwrap_or(&user.subject)),
        provider: Shown::name(provider),
        subject: Shown::prose(&user.subject),
        issuer: Shown::prose(&user.issuer),
        roles: user
            .role_names()
            .iter()
            .map(|name| Shown::name(name))
            .collect(),
        in_configuration: config.admins.contain(&user.issuer, &user.subject),
        first_login: moment(user.first_login),
        last_login: moment(user.last_login),
    }
}
