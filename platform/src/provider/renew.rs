//! Asking a provider for what it gave before, and whether it still knows somebody.

use http::StatusCode;
use oauth::grant::Secret;
use oauth::origin::PublicOrigin;
use oauth::provider::{self, ProviderKind};
use oauth::vault::Tokens;
use oauth2::{HttpRequest, HttpResponse};

use super::Configured;
use super::fetch::{self, FetchError};
use super::upstream::{Trouble, discover, registration};

/// The next tokens for a refresh token.
pub async fn renew(
    origin: &PublicOrigin,
    configured: &Configured,
    refresh: &Secret,
) -> Result<Tokens, Trouble> {
    let endpoints = match &configured.provider.kind {
        ProviderKind::OpenId { issuer, .. } => discover(origin, issuer).await?.endpoints,
        ProviderKind::GitHub { url, .. } => provider::github_endpoints(url),
        ProviderKind::Development { .. } => return Err(Trouble::Down),
    };
    let redirect_uri = origin.url(&configured.provider.callback_path());
    let http = |request: HttpRequest| async { answered(fetch::send(request).await?) };
    let registration = registration(configured, &endpoints, &redirect_uri);
    Ok(registration.renew(refresh, &http).await?)
}

/// Whether GitHub's API still takes its token: 401 if it was revoked, or its user is
/// gone.
pub async fn still_knows(configured: &Configured, token: &Secret) -> Result<bool, Trouble> {
    let ProviderKind::GitHub { api_url, .. } = &configured.provider.kind else {
        return Err(Trouble::Down);
    };
    let at = provider::github_user_url(api_url);
    let response = fetch::ask(&at, Some(&token.0)).await?;
    match response.status() {
        StatusCode::OK => Ok(true),
        StatusCode::UNAUTHORIZED => Ok(false),
        status => Err(Trouble::Unusable(format!("it answered {status}"))),
    }
}

/// An answer that a decision was made for: a server that is in trouble may say
/// anything about a user.
fn answered(response: HttpResponse) -> Result<HttpResponse, FetchError> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        let words = format!("it answered {status}");
        return Err(FetchError::Failed(worker::Error::RustError(words)));
    }
    Ok(provider::honest(response))
}
