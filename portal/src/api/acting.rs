//! `/api/v1/me/grants`, `/sessions` and `/logins`: what the account page does. A name
//! leads to what the account itself holds, and to nothing else.

use audit::Kind;
use http::StatusCode;
use oauth::client::{Configured, Named};
use oauth::grant::{GrantId, Terms};
use platform::account::SignOut;
use rest::shape::{Grant, List, Login, Session};

use super::caller::{By, Caller};
use super::input::Input;
use super::{Answered, Refused, done, json};
use crate::app::App;
use crate::login::session;
use crate::store::accounts;

/// `GET /me/grants`.
pub(super) async fn grants(app: &App, caller: &Caller) -> Answered {
    let held = accounts::overview(app, &caller.account).await?;
    let grants = held.grants.iter().map(|info| Grant {
        id: info.id.as_str().to_owned(),
        client_id: info.terms.client_id.clone(),
        client_name: client_name(app, &info.terms),
        scopes: info.terms.scopes.names(),
        created: info.created,
        last_used: info.used,
    });
    Ok(json(StatusCode::OK, &List::whole(grants.collect())))
}

/// `DELETE /me/grants/{id}`.
pub(super) async fn end_grant(app: &App, caller: &Caller, input: &Input) -> Answered {
    let grant = GrantId::trusted(input.name().to_owned());
    if !accounts::withdraw(app, &caller.account, &grant).await? {
        return Err(Refused::nothing());
    }
    let ended = caller.happening(app, Kind::Revocation, "withdraw");
    ended.to(grant.as_str()).note();
    app.note_end(grant);
    Ok(done())
}

/// `GET /me/sessions`.
pub(super) async fn sessions(app: &App, caller: &Caller) -> Answered {
    let held = accounts::overview(app, &caller.account).await?;
    let sessions = held.sessions.into_iter().map(|info| Session {
        id: info.name,
        grant: info.grant.map(|grant| grant.as_str().to_owned()),
        opened: info.opened,
        last_used: info.seen,
    });
    Ok(json(StatusCode::OK, &List::whole(sessions.collect())))
}

/// `DELETE /me/sessions/{id}`.
pub(super) async fn end_session(app: &App, caller: &Caller, input: &Input) -> Answered {
    let held = accounts::overview(app, &caller.account).await?;
    let mut sessions = held.sessions.iter();
    if !sessions.any(|info| info.name == input.name()) {
        return Err(Refused::nothing());
    }
    accounts::end_session(app, &caller.account, input.name()).await?;
    let ended = caller.happening(app, Kind::Revocation, "end a session");
    ended.to(input.name()).note();
    Ok(done())
}

/// `GET /me/logins`.
pub(super) async fn logins(app: &App, caller: &Caller) -> Answered {
    let held = accounts::overview(app, &caller.account).await?;
    let this = match &caller.by {
        By::Browser(signed_in) => Some(signed_in.holder.as_str()),
        By::Key(_) | By::Token(_) => None,
    };
    let logins = held.logins.into_iter().map(|info| Login {
        this: this == Some(info.key.as_str()),
        id: info.key,
        browser: info.from.browser,
        network: Some(info.from.network).filter(|network| !network.is_empty()),
        begun: info.begun,
        last_used: info.seen,
    });
    Ok(json(StatusCode::OK, &List::whole(logins.collect())))
}

/// `DELETE /me/logins/{id}`.
pub(super) async fn end_login(app: &App, caller: &Caller, input: &Input) -> Answered {
    let held = accounts::overview(app, &caller.account).await?;
    let mut logins = held.logins.iter();
    if !logins.any(|info| info.key == input.name()) {
        return Err(Refused::nothing());
    }
    let which = SignOut::One(input.name().to_owned());
    session::end(app, &caller.account, &which).await?;
    let ended = caller.happening(app, Kind::Login, "sign out");
    ended.to(input.name()).note();
    Ok(done())
}

/// What a client calls itself. No document is fetched for a list.
fn client_name(app: &App, terms: &Terms) -> Option<String> {
    match app.config.keys.clients.named(&terms.client_id) {
        Ok(Named::Registered(client) | Named::Configured(Configured { client, .. })) => {
            client.name.clone()
        }
        Ok(Named::Document(_)) | Err(_) => None,
    }
}
