//! `/account/usage` and `/account/audit`: what was used, and who did what.
//!
//! Everybody sees what is their own. Whose roles allow it sees everybody's: the
//! permissions are [`ADMIN_USAGE`](rest::ADMIN_USAGE) and
//! [`ADMIN_AUDIT`](rest::ADMIN_AUDIT).

mod asked;
mod audit;
mod usage;

pub(crate) use self::audit::{PATH as AUDIT_PATH, show as show_audit};
pub(crate) use self::usage::{PATH as USAGE_PATH, show as show_usage};

use std::collections::BTreeMap;

use http::{HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use oauth::client::{Configured, Named};
use oauth::role::Bound;
use platform::answer::{self, Body};
use platform::{clock, host};
use web::{AdminFrame, Shown};

use self::asked::Asked;
use super::admin;
use crate::app::App;
use crate::error::{Error, doing};
use crate::login;
use crate::login::session::{self, SignedIn};
use crate::page;
use crate::store::records::Records;
use crate::store::{accounts, roles, users};

/// Who looks, and what at.
struct Viewer<'a> {
    app: &'a App,
    signed_in: SignedIn,
    may: Bound,
    /// Whether they see what is not their own.
    everybody: bool,
    /// Where they are.
    path: &'static str,
    asked: Asked,
    /// What their own API keys are called, by what these are called as clients.
    keys: BTreeMap<String, String>,
    now: Timestamp,
}

/// Lets somebody in who is logged in; else the answer is the login page, or the way
/// to the host that cookies are for.
async fn let_in<'a, B>(
    app: &'a App,
    request: &Request<B>,
    (path, permission): (&'static str, &'static str),
) -> Result<Result<Viewer<'a>, Response<Body>>, Error> {
    let (now, public) = (clock::now(), &app.config.public_origin);
    if host::reached(public, request) != public.as_str() {
        return Ok(Err(page::redirect(&public.url(path))));
    }
    let Some(signed_in) = session::current(app, request.headers(), now).await? else {
        return login::page::show(app, request.headers(), None, None, now).map(Err);
    };
    let account = &signed_in.session.account;
    let may = roles::bound(app, account).await?;
    let held = accounts::overview(app, account).await?.keys.into_iter();
    Ok(Ok(Viewer {
        keys: held.map(|key| (key.client_id(), key.name)).collect(),
        everybody: may.may_use(permission),
        asked: Asked::read(request.uri().query()),
        app,
        signed_in,
        may,
        path,
        now,
    }))
}

impl Viewer<'_> {
    /// Whose account is looked at: their own, unless they see everybody's. Then it is
    /// the one whose id or name they typed, if that is one.
    async fn account(&self) -> Result<Result<Option<String>, &'static str>, Error> {
        if !self.everybody {
            return Ok(Ok(Some(self.signed_in.session.account.as_str().to_owned())));
        }
        if self.asked.user.is_empty() {
            return Ok(Ok(None));
        }
        let named = users::names(self.app, &[&self.asked.user]).await?;
        if named.contains_key(&self.asked.user) {
            return Ok(Ok(Some(self.asked.user.clone())));
        }
        let wanted = users::Wanted {
            text: &self.asked.user,
            role: "",
            after: None,
            count: 2,
        };
        let mut found = users::list(self.app, &wanted).await?.into_iter();
        Ok(match (found.next(), found.next()) {
            (Some(user), None) => Ok(Some(user.account)),
            (Some(_), Some(_)) => Err(
                "Several users are called like that: choose one on the page of users, or type the id of their account.",
            ),
            (None, _) => Err("No user is called like that."),
        })
    }

    fn frame(&self, refusal: Option<&str>) -> AdminFrame {
        AdminFrame {
            pages: admin::links(&self.may, Some(self.path)),
            notice: None,
            refusal: refusal.map(Shown::prose),
        }
    }

    fn records(&self) -> Result<Records, Error> {
        Records::of(&self.app.env).map_err(doing("opening the records"))
    }

    /// What users are called, by their accounts.
    async fn names(&self, accounts: &[&str]) -> Result<BTreeMap<String, String>, Error> {
        if accounts.is_empty() {
            return Ok(BTreeMap::new());
        }
        users::names(self.app, accounts).await
    }

    /// What an app is called, or a key.
    fn client(&self, id: &str) -> Shown {
        match self.app.config.keys.clients.named(id) {
            Ok(Named::Document(url)) => Shown::host(url.shown_host()),
            Ok(Named::Registered(client) | Named::Configured(Configured { client, .. })) => {
                Shown::name(client.name.as_deref().unwrap_or(id))
            }
            Err(_) if id.is_empty() => Shown::name("nobody in particular"),
            Err(_) => Shown::name(self.keys.get(id).map_or(id, String::as_str)),
        }
    }
}

/// A file of records. Nobody keeps it on the way.
fn file(content_type: &'static str, name: &'static str, text: String) -> Response<Body> {
    let body = Body::Bytes(text.into());
    let mut response = answer::with(StatusCode::OK, Some(content_type), body);
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
