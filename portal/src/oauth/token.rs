//! `POST /token`: codes and refresh tokens become access tokens.

use audit::Kind;
use http::{HeaderValue, Response, StatusCode, header};
use oauth::direct::{CLIENT_CREDENTIALS, JWT_BEARER};
use oauth::exchange::TOKEN_EXCHANGE;
use oauth::form::Parameters;
use oauth::grant::{Answer, GrantRefusal};
use oauth::role::Bound;
use oauth::sender;
use oauth::token::{self, TokenAnswer, TokenError, TokenRequest, Wants};
use platform::answer::{self, Body};
use platform::clock;
use platform::dpop;
use platform::random;
use worker::HttpRequest;

use super::{failure, refused, unavailable, unstored};
use crate::app::App;
use crate::client;
use crate::error::Error;
use crate::records::Happening;
use crate::store::{accounts, roles, vault};

/// Answers a token request.
pub(crate) async fn serve(app: &App, request: HttpRequest) -> Response<Body> {
    match exchange(app, request).await {
        Ok(Ok(answer)) => unstored(answer::json(StatusCode::OK, &answer)),
        Ok(Err(error)) => failed(&error),
        Err(error) => failure(&error),
    }
}

async fn exchange(
    app: &App,
    request: HttpRequest,
) -> Result<Result<TokenAnswer, TokenError>, Error> {
    let (keys, public) = (&app.config.keys, &app.config.public_origin);
    let shown = dpop::demonstrated(&app.config.public_origin, &request, None, clock::now());
    let sent = match form(request).await? {
        Ok(sent) => sent,
        Err(error) => return Ok(Err(error)),
    };
    match sent.get("grant_type") {
        Some(CLIENT_CREDENTIALS | JWT_BEARER) => {
            return super::direct::grant(app, &sent, shown).await;
        }
        Some(TOKEN_EXCHANGE) => return super::exchange::swap(app, &sent, shown).await,
        _ => {}
    }
    let mut request = match token::read(&sent, &keys.clients, &keys.token_texts, public) {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    match shown {
        Ok(key) => request = request.bound_to(key),
        Err(refusal) => return Ok(Err(refusal.into())),
    }
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
    if let (Wants::Refresh(_), Ok(granted)) = (&request.wants, &answer) {
        let provider = &granted.terms.identity.provider;
        vault::recheck(app, &request.account, provider).await;
    }
    note(app, &request, &answer);
    issue(app, &request, answer, &bound)
}

/// What of it is recorded: that tokens were given for the first time, and that a grant
/// ended because somebody used what was used before.
fn note(app: &App, request: &TokenRequest, answer: &Answer) {
    let name = request.client_name.as_deref();
    match (answer, &request.wants) {
        (Ok(granted), Wants::Redeem(_)) => {
            Happening::of(app, Kind::Grant, "authorization_code", &request.account)
                .with_client(&granted.terms.client_id, name)
                .with_grant(&granted.grant)
                .permitting(&granted.terms.scopes.names().join(" "))
                .note();
        }
        (
            Err(refusal @ GrantRefusal::Reused(Some(grant))),
            Wants::Redeem(_) | Wants::Refresh(_),
        ) => {
            Happening::of(app, Kind::Revocation, "reuse", &request.account)
                .with_grant(grant)
                .refused(&refusal.to_string())
                .note();
        }
        (Ok(_) | Err(_), Wants::Redeem(_) | Wants::Refresh(_)) => {}
    }
}

/// What a client sent, its secret among it if that stands in the field for it.
pub(super) async fn form(request: HttpRequest) -> Result<Result<Parameters, TokenError>, Error> {
    let fields = request.headers().get_all(header::AUTHORIZATION).iter();
    let fields: Vec<String> = fields
        .map(|field| field.to_str().unwrap_or_default().to_owned())
        .collect();
    let Some(sent) = super::form(request).await? else {
        return Ok(Err(TokenError::Form));
    };
    Ok(sender::with_basic(sent, fields.iter().map(String::as_str)))
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
                app.note_end(grant.clone());
            }
            return Ok(Err(TokenError::Refused(refusal)));
        }
    };
    let (config, life) = (&app.config, app.config.access_tokens.life);
    let claims = token::claims(
        config.public_origin.as_str(),
        &request.account,
        request.client_name.as_deref(),
        request.key.clone(),
        (&granted.grant, &granted.terms, bound),
        (now, life),
        random::bytes()?,
    );
    let signed = config.access_tokens.keys.sign(&claims);
    let access_token = signed.map_err(|_| Error::bug("an access token cannot be signed"))?;
    let refresh = token::refresh_text(&request.account, &granted);
    let refresh_token = config.keys.token_texts.refresh(&refresh);
    Ok(Ok(TokenAnswer::new(
        access_token,
        life,
        Some(refresh_token),
        claims.scope,
        request.key.is_some(),
    )))
}

/// The answer to a client whose request is refused.
pub(super) fn failed(error: &TokenError) -> Response<Body> {
    worker::console_log!("a client is refused: {error}");
    let status = match error {
        TokenError::Document(bad) if bad.is_passing() => return unavailable(),
        TokenError::Voucher => return unavailable(),
        TokenError::UnknownClient
        | TokenError::PublicClient
        | TokenError::Secret
        | TokenError::Assertion(_)
        | TokenError::Document(_)
        | TokenError::Refused(GrantRefusal::Unauthenticated) => StatusCode::UNAUTHORIZED,
        TokenError::Form
        | TokenError::Repeated
        | TokenError::Missing(_)
        | TokenError::Proof(_)
        | TokenError::Vouched(_)
        | TokenError::Exchange(_)
        | TokenError::GrantType
        | TokenError::Unauthorized
        | TokenError::NotOurs
        | TokenError::Target
        | TokenError::Refused(_) => StatusCode::BAD_REQUEST,
    };
    let mut response = refused(status, error.code(), &error.description());
    if matches!(error, TokenError::PublicClient | TokenError::Secret) {
        // RFC 6749 section 5.2: the scheme that was tried.
        let basic = HeaderValue::from_static("Basic realm=\"token\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}
