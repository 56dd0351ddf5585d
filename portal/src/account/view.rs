//! The rows of the page, in words.

use jiff::{SignedDuration, Timestamp};
use mcp::tool::Catalog;
use oauth::client::{Configured, Named};
use oauth::grant::Terms;
use platform::account::{GrantInfo, Overview};
use web::{AppView, LoginView, Moment, SessionView, Shown};

use crate::app::App;
use crate::oauth::scopes;

/// How old the account's note of a session's last use may be.
const SESSION_NOTED: SignedDuration = SignedDuration::from_hours(6);
/// The same of a login session.
const LOGIN_NOTED: SignedDuration = SignedDuration::from_hours(1);

/// The apps that may act for the person.
pub(super) fn apps(app: &App, held: &Overview, catalog: &Catalog, now: Timestamp) -> Vec<AppView> {
    let view = |grant: &GrantInfo| {
        let (name, host) = named(app, &grant.terms);
        AppView {
            id: grant.id.as_str().to_owned(),
            name,
            host,
            scopes: scopes::views(app, &grant.terms.scopes, catalog),
            granted: Moment::past(grant.created, now),
            used: Moment::past(grant.used, now),
        }
    };
    held.grants.iter().map(view).collect()
}

/// The sessions that are open. One that an earlier version opened does not say for
/// whom.
pub(super) fn sessions(app: &App, held: &Overview, now: Timestamp) -> Vec<SessionView> {
    let app_of = |session: &platform::account::SessionInfo| {
        let id = session.grant.as_ref()?;
        let granted = held.grants.iter().find(|grant| grant.id == *id);
        let app = granted.map(|grant| named(app, &grant.terms).0);
        let key = || held.keys.iter().find(|key| key.id == *id);
        app.or_else(|| key().map(|key| Shown::name(&key.name)))
    };
    let sessions = held.sessions.iter();
    sessions
        .map(|session| SessionView {
            id: session.name.clone(),
            app: app_of(session),
            opened: Moment::past(session.opened, now),
            used: Moment::noted(session.seen, SESSION_NOTED, now),
        })
        .collect()
}

/// The browsers that are signed in; the one that asks comes first.
pub(super) fn logins(held: &Overview, this: &str, now: Timestamp) -> Vec<LoginView> {
    let mut logins: Vec<LoginView> = held
        .logins
        .iter()
        .map(|login| LoginView {
            id: login.key.clone(),
            browser: Shown::name(&login.from.browser),
            network: (!login.from.network.is_empty()).then(|| Shown::name(&login.from.network)),
            begun: Moment::past(login.begun, now),
            used: Moment::noted(login.seen, LOGIN_NOTED, now),
            this: login.key == this,
        })
        .collect();
    logins.sort_by_key(|login| !login.this);
    logins
}

/// What a client calls itself, and the host that stands behind it: the one that
/// publishes its document, or where answers go. No document is fetched for a list.
fn named(app: &App, terms: &Terms) -> (Shown, Option<Shown>) {
    let clients = &app.config.keys.clients;
    match clients.named(&terms.client_id) {
        Ok(Named::Document(url)) => {
            let host = Shown::host(url.shown_host());
            (host.clone(), Some(host))
        }
        Ok(Named::Registered(client) | Named::Configured(Configured { client, .. })) => {
            let first = client.redirect_uris.first().map(String::as_str);
            let host = clients.redirect(&client, first);
            let host = host.map(|uri| Shown::host(&uri.shown_host()));
            let name = client.name.as_deref().map(Shown::name);
            let name = name.or_else(|| host.clone());
            (name.unwrap_or_else(|| Shown::name("")), host)
        }
        Err(_) => (Shown::name(""), None),
    }
}
