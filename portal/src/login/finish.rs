//! The end of a login: the provider vouched for somebody.

use audit::Kind;
use http::{HeaderMap, Response};
use jiff::Timestamp;
use oauth::authorize::AuthorizeRequest;
use oauth::identity::AccountId;
use oauth::login::LoginSession;
use oauth::vault::Kept;
use platform::answer::Body;
use platform::provider::Vouched;

use super::{form, session};
use crate::account;
use crate::app::App;
use crate::error::Error;
use crate::page;
use crate::records::Happening;
use crate::store::{users, vault};

/// Notes the user, begins their session, keeps what the provider gave, and goes on with what they came for.
pub(crate) async fn finish(
    app: &App,
    fields: &HeaderMap,
    vouched: Vouched,
    request: Option<&AuthorizeRequest>,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let Vouched { identity, tokens } = vouched;
    let drawn = AccountId::of(
        &app.config.keys.accounts,
        &identity.issuer,
        &identity.subject,
    );
    let account = users::note_login(app, &drawn, &identity, now).await?;
    let begun = LoginSession {
        account,
        identity,
        created: now,
        seen: now,
        entered: true,
    };
    let to = request.map_or_else(|| account::PATH.to_owned(), form::authorize_path);
    let mut response = page::redirect(&to);
    let login = Happening::of(app, Kind::Login, "login", &begun.account)
        .named(begun.identity.name.as_deref())
        .to(&begun.identity.provider);
    match session::begin(app, fields, &begun, now, &mut response).await {
        Ok(()) => login.note(),
        Err(error) => {
            login.refused(&error.to_string()).note();
            return Err(error);
        }
    }
    if let Some(tokens) = tokens {
        let brought = Kept {
            identity: begun.identity,
            tokens,
            since: now,
        };
        // They are logged in; a tool that needs it says what to do.
        if let Err(error) = vault::keep(app, &begun.account, &brought).await {
            error.log();
        }
    }
    Ok(response)
}
