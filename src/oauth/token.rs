//! `POST /token`: codes and refresh tokens become access tokens.

use http::{HeaderValue, Response, StatusCode, header};
use oauth::form::Parameters;
use oauth::grant::{Answer, GrantRefusal};
use oauth::role::Bound;
use oauth::token::{self, TokenAnswer, TokenError, TokenRequest, Wants};
use worker::HttpRequest;

use super::{refused, unavailable, unstored};
use crate::answer::{self, Body};
use crate::app::App;
use crate::error::Error;
use crate::store::{accounts, roles};
use crate::{body, client, clock, guard, random};

/// Answers a token request.
pub(crate) async fn serve(app: &App, request: HttpRequest) -> Response<Body> {
    match exchange(app, request).await {
        Ok(Ok(answer)) => unstored(answer::json(StatusCode::OK, &answer)),
        Ok(Err(error)) => failed(&error),
        Err(error) => {
            error.log();
            unavailable()
        }
    }
}

async fn exchange(
    app: &App,
    request: HttpRequest,
) -> Result<Result<TokenAnswer, TokenError>, Error> {
    let (keys, public) = (&app.config.keys, &app.config.public_origin);
    let read = form(request)
        .await?
        .and_then(|sent| token::read(&sent, &keys.clients, &keys.token_texts, public));
    let mut request = match read {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(assertion) = &request.assertion {
        match client::prove(app, assertion).await? {
            Ok(proof) => request = request.proved(&proof),
            Err(error) => return Ok(Err(error)),
        }
    }
    // Before the account is asked: what fails here has used up nothing.
    let bound = roles::bound(app, &request.account).await?;
    let answer = match &request.wants {
        Wants::Redeem(asked) => accounts::redeem(app, &request.account, asked).await?,
        Wants::Refresh(asked) => accounts::refresh(app, &request.account, asked).await?,
    };
    issue(app, &request, answer, &bound)
}

/// What a client sent; no client has a password for a field of its own.
pub(super) async fn form(request: HttpRequest) -> Result<Result<Parameters, TokenError>, Error> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        body::discard(request.into_body()).await;
        return Ok(Err(TokenError::PublicClient));
    }
    let sent = super::form(request).await?;
    Ok(sent.ok_or(TokenError::Form))
}

/// Words what the account's object decided.
fn issue(
    app: &App,
    request: &TokenRequest,
    answer: Answer,
    bound: &Bound,
) -> Result<Result<TokenAnswer, TokenError>, Error> {
    let now = clock::now();
    let granted = match answer {
        Ok(granted) => granted,
        Err(refusal) => {
            if let GrantRefusal::Reused(Some(grant)) = &refusal {
                guard::forget(app, grant.clone(), now);
            }
            return Ok(Err(TokenError::Refused(refusal)));
        }
    };
    let (config, life) = (&app.config, app.config.access_token_life);
    let claims = token::claims(
        config.public_origin.as_str(),
        &request.account,
        request.client_name.as_deref(),
        (&granted, bound),
        (now, life),
        random::bytes()?,
    );
    let signed = config.token_keys.sign(&claims);
    let access_token = signed.map_err(|_| Error::Bug("an access token cannot be signed"))?;
    let refresh = token::refresh_text(&request.account, &granted);
    let refresh_token = config.keys.token_texts.refresh(&refresh);
    Ok(Ok(TokenAnswer::new(
        access_token,
        life,
        refresh_token,
        claims.scope,
    )))
}

/// The answer to a client whose request is refused.
pub(super) fn failed(error: &TokenError) -> Response<Body> {
    worker::console_log!("a client is refused: {error}");
    let status = match error {
        TokenError::Document(bad) if bad.is_passing() => return unavailable(),
        TokenError::UnknownClient
        | TokenError::PublicClient
        | TokenError::Assertion(_)
        | TokenError::Document(_)
        | TokenError::Refused(GrantRefusal::Unauthenticated) => StatusCode::UNAUTHORIZED,
        TokenError::Form
        | TokenError::Repeated
        | TokenError::Missing(_)
        | TokenError::GrantType
        | TokenError::NotOurs
        | TokenError::Target
        | TokenError::Refused(_) => StatusCode::BAD_REQUEST,
    };
    let mut response = refused(status, error.code(), &error.description());
    if matches!(error, TokenError::PublicClient) {
        // RFC 6749 section 5.2: the scheme that was tried.
        let basic = HeaderValue::from_static("Basic realm=\"token\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}
