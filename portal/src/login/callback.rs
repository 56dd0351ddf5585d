//! `GET /login/callback/{provider}`: the browser is back.

use http::{HeaderMap, Response};
use jiff::Timestamp;
use oauth::authorize::{AuthorizeRequest, PageError};
use oauth::encoding;
use oauth::form::Parameters;
use oauth::grant::Secret;
use oauth::login::Transaction;
use oauth::secret::SecretHash;
use platform::answer::Body;
use platform::clock;
use platform::login::{Begun, Taken};
use platform::provider::{self as upstream, Configured, Trouble};
use platform::random;
use worker::HttpRequest;

use super::{finish, session};
use crate::app::App;
use crate::error::Error;
use crate::page::{self, Problem};
use crate::store::logins;

/// The path of the callbacks, before the provider's id.
pub(crate) const PATH: &str = "/login/callback/";

/// Sends a browser to a provider. What it must bring back is kept in an object
/// of its own and bound to the browser's cookie.
pub(super) async fn send(
    app: &App,
    configured: &Configured,
    browser: &str,
    request: Option<&AuthorizeRequest>,
    now: Timestamp,
) -> Result<Response<Body>, Error> {
    let keys = &app.config.keys;
    let (id, state) = keys
        .states
        .new_state(&configured.provider.id, random::bytes()?);
    let transaction = Transaction {
        provider: configured.provider.id.clone(),
        verifier: Secret(encoding::encode(random::bytes::<32>()?)),
        nonce: Secret(encoding::encode(random::bytes::<16>()?)),
        request: request.cloned(),
        begun: now,
    };
    let url =
        upstream::authorize_url(&app.config.public_origin, configured, &transaction, &state).await;
    let url = url.map_err(|trouble| failed(configured, trouble, request))?;
    let begun = Begun {
        sealed: keys.transactions.seal(&transaction, &id, random::bytes()?),
        browser: SecretHash::of(browser),
    };
    logins::begin(app, &id, &begun).await?;
    Ok(page::redirect(&url))
}

/// Takes the browser in again, and asks the provider who it is.
pub(crate) async fn receive(
    app: &App,
    request: &HttpRequest,
    provider: &str,
) -> Result<Response<Body>, Error> {
    let now = clock::now();
    let configured = app.config.provider(provider).ok_or(Problem::NoProvider)?;
    let query = request.uri().query().unwrap_or_default();
    let sent = Parameters::parse(query).map_err(|_| Problem::Authorize(PageError::TooMuch))?;
    let transaction = take(app, configured, request.headers(), &sent, now).await?;
    let asked = transaction.request.as_ref();
    if let Some(code) = sent.get("error") {
        let trouble = Trouble::Refused(code.to_owned());
        return Err(failed(configured, trouble, asked));
    }
    let found = match sent.get("code") {
        Some(code) => {
            let origin = &app.config.public_origin;
            upstream::identify(origin, configured, &transaction, code, sent.get("iss")).await
        }
        None => Err(Trouble::Unusable(
            "it sent neither a code nor an error".to_owned(),
        )),
    };
    let vouched = found.map_err(|trouble| failed(configured, trouble, asked))?;
    finish::finish(app, request.headers(), vouched, asked, now).await
}

/// Takes the login out of its object, for the browser that began it.
async fn take(
    app: &App,
    configured: &Configured,
    fields: &HeaderMap,
    sent: &Parameters,
    now: Timestamp,
) -> Result<Transaction, Error> {
    let (keys, provider) = (&app.config.keys, configured.provider.id.as_str());
    let state = sent.get("state").unwrap_or_default();
    let id = keys
        .states
        .read(provider, state)
        .ok_or(Problem::LoginGone)?;
    let browser = session::browser(app, fields).ok_or(Problem::NoCookie { restart: None })?;
    match logins::take(app, id, &SecretHash::of(browser)).await? {
        Taken::Login(sealed) => {
            let transaction = keys.transactions.open(&sealed, id, now);
            let transaction = transaction.filter(|found| found.provider == provider);
            transaction.ok_or(Problem::LoginGone.into())
        }
        Taken::Gone => Err(Problem::LoginGone.into()),
        Taken::OtherBrowser => Err(Problem::LoginElsewhere.into()),
    }
}

fn failed(configured: &Configured, trouble: Trouble, asked: Option<&AuthorizeRequest>) -> Error {
    let label = configured.provider.label.clone();
    worker::console_log!("login with {}: {trouble:?}", configured.provider.id);
    Problem::Provider {
        label,
        trouble,
        restart: asked.cloned().map(Box::new),
    }
    .into()
}
