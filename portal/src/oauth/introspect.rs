//! `POST /introspect`: a registered resource server asks about a token (RFC 7662).

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use oauth::introspection::{self, Introspection};
use oauth::token::TokenError;
use platform::answer::{self, Body};
use platform::body;
use platform::clock;
use worker::HttpRequest;

use super::token::failed;
use super::{failure, form, refused, unstored};
use crate::app::App;
use crate::error::Error;
use crate::store::accounts;

/// Answers an introspection request. Without a registered resource server there
/// is no such endpoint.
pub(crate) async fn serve(app: &App, request: HttpRequest) -> Response<Body> {
    if app.config.resource_servers.is_empty() {
        body::discard(request.into_body()).await;
        return answer::empty(StatusCode::NOT_FOUND);
    }
    let Some(server) = who(app, request.headers()) else {
        body::discard(request.into_body()).await;
        return unknown();
    };
    match introspect(app, request).await {
        Ok(Ok(told)) => unstored(answer::json(StatusCode::OK, &told)),
        Ok(Err(error)) => {
            worker::console_log!("the resource server {server} asked badly");
            failed(&error)
        }
        Err(error) => failure(&error),
    }
}

fn who<'a>(app: &'a App, fields: &HeaderMap) -> Option<&'a str> {
    let sent = fields.get_all(header::AUTHORIZATION).iter();
    let sent = sent.map(|field| field.to_str().unwrap_or_default());
    app.config.resource_servers.authenticate(sent)
}

async fn introspect(
    app: &App,
    request: HttpRequest,
) -> Result<Result<Introspection, TokenError>, Error> {
    let Some(sent) = form(request).await? else {
        return Ok(Err(TokenError::Form));
    };
    let config = &app.config;
    let (keys, expected) = (&config.access_tokens.keys, &config.access_tokens.expected);
    let claims = match introspection::read(&sent, keys, expected, clock::now()) {
        Ok(Some(claims)) => claims,
        Ok(None) => return Ok(Ok(Introspection::inactive())),
        Err(error) => return Ok(Err(error)),
    };
    // Not what this isolate remembers: an ended grant is not active from then on.
    let told = if accounts::stands(&app.env, claims.sub.as_str(), &claims.sid).await? {
        Introspection::active(claims)
    } else {
        Introspection::inactive()
    };
    Ok(Ok(told))
}

/// RFC 7662 section 2.3, RFC 6749 section 5.2.
fn unknown() -> Response<Body> {
    let words = "only registered resource servers may ask, with client_secret_basic";
    let mut response = refused(StatusCode::UNAUTHORIZED, "invalid_client", words);
    let basic = HeaderValue::from_static("Basic realm=\"introspect\"");
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, basic);
    response
}
