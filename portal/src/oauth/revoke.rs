//! `POST /revoke`: a client gives up what it was granted (RFC 7009).

use audit::Kind;
use http::{Response, StatusCode};
use oauth::grant::GrantRefusal;
use oauth::revocation::{self, Ours};
use oauth::token::TokenError;
use platform::answer::{self, Body};
use worker::HttpRequest;

use super::token::{failed, form};
use super::{failure, unstored};
use crate::app::App;
use crate::client;
use crate::error::Error;
use crate::records::Happening;
use crate::store::accounts;

/// Answers a revocation request. A token that is unknown, or dead already, is no
/// error (section 2.2): 200 says that it is not good any more.
pub(crate) async fn serve(app: &App, request: HttpRequest) -> Response<Body> {
    match revoke(app, request).await {
        Ok(Ok(())) => unstored(answer::empty(StatusCode::OK)),
        Ok(Err(error)) => failed(&error),
        Err(error) => failure(&error),
    }
}

async fn revoke(app: &App, request: HttpRequest) -> Result<Result<(), TokenError>, Error> {
    let config = &app.config;
    let ours = Ours {
        clients: &config.keys.clients,
        texts: &config.keys.token_texts,
        keys: &config.access_tokens.keys,
        expected: &config.access_tokens.expected,
    };
    let read = form(request)
        .await?
        .and_then(|sent| revocation::read(&sent, ours));
    let mut request = match read {
        Ok(Some(request)) => request,
        Ok(None) => return Ok(Ok(())),
        Err(error) => return Ok(Err(error)),
    };
    if let Some(assertion) = &request.assertion {
        match client::prove(app, assertion).await? {
            Ok(proof) => request = request.proved(&proof),
            Err(error) => return Ok(Err(error)),
        }
    }
    match accounts::revoke(app, &request.account, &request.asked).await? {
        Ok(()) => {
            Happening::of(app, Kind::Revocation, "revoke", &request.account)
                .with_grant(&request.asked.grant)
                .note();
            app.note_end(request.asked.grant);
        }
        Err(refusal @ (GrantRefusal::OtherClient | GrantRefusal::Unauthenticated)) => {
            return Ok(Err(TokenError::Refused(refusal)));
        }
        Err(refusal) => worker::console_log!("nothing to revoke: {refusal}"),
    }
    Ok(Ok(()))
}
