//! `/account/users` and so on: the pages of users who are admins by their roles.
//!
//! Not the operator's token (`src/admin/`): here a person is logged in. Which
//! permission a page needs stands in [`Section`]; the roles are read in D1 at each
//! request, so that a role that is taken away counts at once. To everybody else
//! there are no such pages.

mod choices;
mod clients;
mod keys;
mod listed;
mod policies;
mod roles;
mod subject;
mod user;
mod users;

pub(crate) use policies::{roles_of, tell_holders, tell_role};
pub(crate) use roles::{NotKept, judged};
pub(crate) use subject::Subject;

use audit::Kind;
use http::{HeaderMap, Method, Response, StatusCode, request};
use jiff::Timestamp;
use oauth::form::Parameters;
use oauth::role::{Bound, Standing};
use platform::answer::Body;
use platform::body;
use platform::clock;
use rest::{ADMIN_AUDIT, ADMIN_POLICIES, ADMIN_USAGE, ADMIN_USERS};
use web::{AdminFrame, AdminLink, Hidden, Shown};
use worker::HttpRequest;

use super::act::in_words_of_the_page;
use super::insight;
use super::notice::Notice;
use crate::app::App;
use crate::error::Error;
use crate::login::form;
use crate::login::session::{self, SignedIn};
use crate::page::{self, Problem};
use crate::permissions::{ADMIN_CLIENTS, ADMIN_KEYS};
use crate::records::Happening;
use crate::store::roles as role_rows;

/// Where all of them are.
pub(crate) const BELOW: &str = "/account/";

/// A page for admins, with those that are below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Users,
    Roles,
    Policies,
    Clients,
    Keys,
    /// What everybody used; of their own, everybody sees it ([`super::insight`]).
    Usage,
    /// What everybody did, likewise.
    Audit,
}

impl Section {
    const ALL: [Self; 7] = [
        Self::Users,
        Self::Roles,
        Self::Policies,
        Self::Clients,
        Self::Keys,
        Self::Usage,
        Self::Audit,
    ];

    /// That of a path.
    fn of(path: &str) -> Option<Self> {
        let fits = |section: &Self| {
            let below = path.strip_prefix(section.path());
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        };
        Self::ALL.into_iter().find(fits)
    }

    fn path(self) -> &'static str {
        match self {
            Self::Users => "/account/users",
            Self::Roles => "/account/roles",
            Self::Policies => "/account/policies",
            Self::Clients => "/account/clients",
            Self::Keys => "/account/keys",
            Self::Usage => insight::USAGE_PATH,
            Self::Audit => insight::AUDIT_PATH,
        }
    }

    /// The permission it needs. Who may say which roles somebody has may say what
    /// the roles are.
    fn permission(self) -> &'static str {
        match self {
            Self::Users | Self::Roles => ADMIN_USERS,
            Self::Policies => ADMIN_POLICIES,
            Self::Clients => ADMIN_CLIENTS,
            Self::Keys => ADMIN_KEYS,
            Self::Usage => ADMIN_USAGE,
            Self::Audit => ADMIN_AUDIT,
        }
    }

    fn link(self, here: Option<Self>) -> AdminLink {
        let (label, about) = match self {
            Self::Users => (
                "Users",
                "Who has logged in, their roles, and how to end what they do.",
            ),
            Self::Roles => ("Roles", "What users may let apps do."),
            Self::Policies => ("Policies", "How many calls users may make."),
            Self::Clients => ("Clients", "The clients that the configuration names."),
            Self::Keys => (
                "Keys",
                "Which secrets and signing keys are in use, and how to replace them.",
            ),
            Self::Usage => (
                "Usage",
                "How many calls there were, of whom and of which tools.",
            ),
            Self::Audit => ("Audit", "Who did what, and what came of it."),
        };
        AdminLink {
            href: self.path(),
            label,
            about,
            here: here == Some(self),
        }
    }
}

/// Somebody who may see the page they ask for.
struct Admin<'a> {
    app: &'a App,
    /// Who they are.
    signed_in: SignedIn,
    /// Their roles, as they are now.
    standing: Standing,
    /// Where they are.
    section: Section,
    /// The path of the page.
    path: &'a str,
    /// What the page says was just done.
    notice: Option<Notice>,
    now: Timestamp,
}

/// Answers whoever asks for one of the pages.
pub(crate) async fn serve(
    app: &App,
    request: HttpRequest,
    path: &str,
) -> Result<Response<Body>, Error> {
    let (parts, sent) = request.into_parts();
    let admin = match Admin::let_in(app, &parts, path).await {
        Ok(Some(admin)) => admin,
        refused => {
            body::discard(sent).await;
            return refused.and(Err(Problem::NoPage.into()));
        }
    };
    let below = path.strip_prefix(BELOW).unwrap_or_default();
    let below: Vec<&str> = below.split('/').collect();
    if parts.method == Method::POST {
        let form = admin.form(&parts.headers, sent).await?;
        return match below.as_slice() {
            ["users", account] => user::act(&admin, account, &form).await,
            ["roles"] => roles::act(&admin, &form).await,
            ["policies"] => policies::act(&admin, &form).await,
            _ => Err(Problem::NoPage.into()),
        };
    }
    body::discard(sent).await;
    match (&parts.method, below.as_slice()) {
        (&Method::GET | &Method::HEAD, ["users"]) => users::show(&admin, parts.uri.query()).await,
        (&Method::GET | &Method::HEAD, ["users", account]) => user::show(&admin, account).await,
        (&Method::GET | &Method::HEAD, ["roles"]) => roles::show(&admin).await,
        (&Method::GET | &Method::HEAD, ["policies"]) => policies::show(&admin).await,
        (&Method::GET | &Method::HEAD, ["clients"]) => Ok(clients::show(&admin)),
        (&Method::GET | &Method::HEAD, ["keys"]) => Ok(keys::show(&admin)),
        _ => Err(Problem::NoPage.into()),
    }
}

/// The pages that these roles let somebody see.
pub(super) fn links(may: &Bound, here: Option<&str>) -> Vec<AdminLink> {
    let here = here.and_then(Section::of);
    let seen = Section::ALL.into_iter();
    let seen = seen.filter(|section| may.may_use(section.permission()));
    seen.map(|section| section.link(here)).collect()
}

impl<'a> Admin<'a> {
    /// Whoever asks, if they are logged in and their roles allow the page.
    async fn let_in(
        app: &'a App,
        parts: &request::Parts,
        path: &'a str,
    ) -> Result<Option<Self>, Error> {
        let now = clock::now();
        let Some(section) = Section::of(path) else {
            return Ok(None);
        };
        let Some(signed_in) = session::current(app, &parts.headers, now).await? else {
            return Ok(None);
        };
        let standing = role_rows::standing(app, &signed_in.session.account).await?;
        let may = standing.bound().may_use(section.permission());
        Ok(may.then(|| Self {
            app,
            signed_in,
            standing,
            section,
            path,
            notice: Notice::read(parts.uri.query()),
            now,
        }))
    }

    /// The form that was sent, if it was made for this page and this browser as it
    /// is logged in.
    async fn form(&self, fields: &HeaderMap, sent: worker::Body) -> Result<Parameters, Error> {
        let read = form::read(self.app, fields, sent, self.now).await;
        let form = read.map_err(in_words_of_the_page)?;
        form.confirm(self.app, self.path, &self.signed_in.holder)
            .map_err(in_words_of_the_page)?;
        Ok(form.parameters)
    }

    /// The hidden fields of the page's forms. What the token is for is the path: the
    /// form of one user's page says nothing of another user.
    fn form_fields(&self) -> Result<Vec<Hidden>, Error> {
        form::fields(self.app, None, self.path, &self.signed_in.holder, self.now)
    }

    /// Records what the admin has done, before they are told that it is done.
    async fn record(&self, name: &str, target: &str, what: Option<&str>) -> Result<(), Error> {
        let session = &self.signed_in.session;
        let done = Happening::of(self.app, Kind::Admin, name, &session.account)
            .named(session.identity.name.as_deref())
            .to(target);
        match what {
            Some(what) => done.permitting(what).settle().await,
            None => done.settle().await,
        }
    }

    /// Whether they may see this page, too.
    fn may_see(&self, section: Section) -> bool {
        self.standing.bound().may_use(section.permission())
    }

    fn frame(&self, refusal: Option<&str>) -> AdminFrame {
        AdminFrame {
            pages: links(&self.standing.bound(), Some(self.path)),
            notice: self.notice.map(Notice::words),
            refusal: refusal.map(Shown::prose),
        }
    }

    /// Back to the page, which says what was done.
    fn done(&self, notice: Notice) -> Response<Body> {
        page::redirect(&format!("{}?done={}", self.path, notice.name()))
    }

    /// For how long tokens that are out go on.
    fn token_life(&self) -> String {
        let seconds = self.app.config.access_tokens.life.as_secs();
        match seconds {
            60 => "1 minute".to_owned(),
            minutes if minutes % 60 == 0 => format!("{} minutes", minutes / 60),
            seconds => format!("{seconds} seconds"),
        }
    }
}

/// What was sent is none of the page's forms.
fn no_form() -> Error {
    Problem::AccountForm {
        status: StatusCode::BAD_REQUEST,
    }
    .into()
}

/// With what a page is sent.
pub(super) fn status(refusal: Option<&str>) -> StatusCode {
    if refusal.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_of_the_section_whose_permission_it_needs() {
        for section in Section::ALL {
            assert_eq!(Section::of(section.path()), Some(section));
            assert_eq!(Section::of(&format!("{}/a", section.path())), Some(section));
            assert_eq!(Section::of(&format!("{}a", section.path())), None);
        }
        for path in [
            "/account/",
            "/account",
            "/users",
            "/account/Users",
            "//account/users",
        ] {
            assert_eq!(Section::of(path), None, "{path}");
        }
    }

    #[test]
    fn only_admins_are_shown_links() {
        assert_eq!(links(&Bound::default(), None), []);
        let all = links(&Bound::everything(), Some("/account/users/a"));
        let here: Vec<_> = all.iter().map(|link| (link.href, link.here)).collect();
        assert_eq!(here.len(), Section::ALL.len());
        assert!(here.contains(&("/account/users", true)));
        assert_eq!(here.iter().filter(|(_, here)| *here).count(), 1);
    }
}
