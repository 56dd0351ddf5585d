//! `POST /par`: a client sends its request before the browser does (RFC 9126).

use http::{Response, StatusCode};
use oauth::authorize::{PushError, PushedAnswer, pushing};
use oauth::token::TokenError;
use platform::answer::{self, Body};
use platform::clock;
use platform::dpop;
use platform::random;
use worker::HttpRequest;

use super::token::{failed, form};
use super::{failure, refused, scopes, unavailable, unstored};
use crate::app::App;
use crate::client;
use crate::error::{Error, doing};

/// Answers a client that pushes a request.
pub(crate) async fn serve(app: &App, request: HttpRequest) -> Response<Body> {
    match push(app, request).await {
        Ok(Ok(answer)) => unstored(answer::json(StatusCode::CREATED, &answer)),
        Ok(Err(PushError::Client(error))) => failed(&error),
        Ok(Err(error)) => {
            worker::console_log!("a pushed request is refused: {error}");
            let status = match error.code() {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                "temporarily_unavailable" => return unavailable(),
                _ if error == PushError::TooMuch => StatusCode::PAYLOAD_TOO_LARGE,
                _ => StatusCode::BAD_REQUEST,
            };
            refused(status, error.code(), &error.to_string())
        }
        Err(error) => failure(&error),
    }
}

async fn push(app: &App, request: HttpRequest) -> Result<Result<PushedAnswer, PushError>, Error> {
    let (keys, public, now) = (&app.config.keys, &app.config.public_origin, clock::now());
    let shown = dpop::demonstrated(&app.config.public_origin, &request, None, now);
    let sent = match form(request).await? {
        Ok(sent) => sent,
        Err(error) => return Ok(Err(error.into())),
    };
    let (pushing, key) = match (pushing(&sent, &keys.clients), shown) {
        (Ok(pushing), Ok(key)) => (pushing, key),
        (Err(error), _) => return Ok(Err(error)),
        (_, Err(refusal)) => return Ok(Err(TokenError::Proof(refusal).into())),
    };
    let client = match client::find(app, &pushing.client_id).await? {
        Ok(client) => client,
        Err(error) => return Ok(Err(PushError::Page(error))),
    };
    if let Some(assertion) = &pushing.assertion
        && let Err(error) = client::prove(app, assertion).await?
    {
        return Ok(Err(error.into()));
    }
    let catalog = platform::tools::catalog(&app.env).await;
    let catalog = catalog.map_err(doing("asking for the tools"))?;
    let existing = scopes::existing(&catalog);
    let proved = pushing.authenticated || pushing.assertion.is_some();
    Ok(keys.pushed.push(
        &sent,
        (&pushing.client_id, &client, proved),
        key.as_ref(),
        (&keys.clients, public, &existing),
        (now, random::bytes()?),
    ))
}
