//! The way to a provider, the exchange of its code and the renewal of what it gave: the `oauth2` crate,
//! with whatever fetches.

use std::error::Error;

use oauth2::basic::{BasicErrorResponse, BasicTokenType};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointNotSet, EndpointSet, ErrorResponse, ExtraTokenFields,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, StandardTokenIntrospectionResponse,
    StandardTokenResponse, TokenResponse, TokenUrl, basic::BasicRevocationErrorResponse,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grant::Secret;
use crate::json;
use crate::scope::OFFLINE_ACCESS;
use crate::vault::Tokens;

/// Where a provider's code flow happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Where people log in.
    pub authorize: String,
    /// Where codes are redeemed.
    pub token: String,
    /// How our secret is sent there.
    pub secret_in: SecretIn,
}

/// Where a client secret is put (RFC 6749 section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretIn {
    /// The `Authorization` field.
    Header,
    /// The form.
    Body,
}

/// Ourselves, as the provider knows us.
#[derive(Debug, Clone)]
pub struct Registration<'a> {
    /// Our client id.
    pub client_id: &'a str,
    /// Our secret, if we have one.
    pub client_secret: Option<&'a Secret>,
    /// Where it sends people back to.
    pub redirect_uri: &'a str,
    /// Its endpoints.
    pub endpoints: &'a Endpoints,
}

/// What is particular to one login.
#[derive(Debug, Clone)]
pub struct Passage<'a> {
    /// Comes back with the person.
    pub state: &'a str,
    /// Our PKCE verifier (RFC 7636; RFC 9700 section 2.1.1).
    pub verifier: &'a Secret,
    /// Comes back in the ID token; a provider without those gets none.
    pub nonce: Option<&'a Secret>,
    /// What we ask for.
    pub scopes: &'a [String],
    /// Whether what it gives is kept, and used when the person is gone.
    pub offline: Option<Offline>,
}

/// How a provider is asked for a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offline {
    /// By the scopes alone; one that shows no consent page gives none for
    /// `offline_access` (OpenID Connect Core section 11).
    Scopes,
    /// By a parameter of Google's (Google Identity, "Using OAuth 2.0 for Web Server
    /// Applications"), which gives one when it shows the page only.
    Google,
}

/// What a provider gave for a code.
#[derive(Debug, Clone)]
pub struct Exchanged {
    /// For its API: used once, and kept nowhere unless the configuration says so.
    pub tokens: Tokens,
    /// Who it is, signed.
    pub id_token: Option<Secret>,
}

/// Why a provider gave nothing.
#[derive(Debug)]
pub enum NotExchanged<E> {
    /// It refused, with this error code.
    Refused(String),
    /// It could not be asked.
    Fetch(E),
    /// Its answer cannot be read.
    Garbled,
}

/// A URL of the configuration or of a discovery document that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a URL")]
pub struct BadUrl;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct WithIdToken {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl ExtraTokenFields for WithIdToken {}

type Answer = StandardTokenResponse<WithIdToken, BasicTokenType>;
type CodeClient = Client<
    BasicErrorResponse,
    Answer,
    StandardTokenIntrospectionResponse<EmptyExtraTokenFields, BasicTokenType>,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Registration<'_> {
    /// Where the person is sent (RFC 6749 section 4.1.1).
    pub fn authorize_url(&self, passage: &Passage<'_>) -> Result<String, BadUrl> {
        let verifier = PkceCodeVerifier::new(passage.verifier.0.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let state = passage.state.to_owned();
        let client = self.client()?;
        let mut request = client
            .authorize_url(|| CsrfToken::new(state))
            .set_pkce_challenge(challenge)
            .add_scopes(passage.scopes.iter().cloned().map(Scope::new));
        if let Some(nonce) = passage.nonce {
            request = request.add_extra_param("nonce", nonce.0.clone());
        }
        let scopes = passage.scopes;
        match passage.offline {
            Some(Offline::Google) => {
                request = request
                    .add_extra_param("access_type", "offline")
                    .add_extra_param("prompt", "consent");
            }
            Some(Offline::Scopes) if scopes.iter().any(|it| it == OFFLINE_ACCESS) => {
                request = request.add_extra_param("prompt", "consent");
            }
            Some(Offline::Scopes) | None => {}
        }
        Ok(request.url().0.into())
    }

    /// Redeems the code that came back (RFC 6749 section 4.1.3).
    pub async fn exchange<C, E>(
        &self,
        code: &str,
        verifier: &Secret,
        http: &C,
    ) -> Result<Exchanged, NotExchanged<E>>
    where
        C: for<'c> AsyncHttpClient<'c, Error = E>,
        E: Error + 'static,
    {
        let client = self.client().map_err(|BadUrl| NotExchanged::Garbled)?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.0.clone()))
            .request_async(http)
            .await
            .map_err(why)?;
        Ok(Exchanged {
            tokens: tokens(&answer),
            id_token: answer.extra_fields().id_token.clone().map(Secret),
        })
    }

    /// Renews what it gave (RFC 6749 section 6).
    pub async fn renew<C, E>(&self, refresh: &Secret, http: &C) -> Result<Tokens, NotExchanged<E>>
    where
        C: for<'c> AsyncHttpClient<'c, Error = E>,
        E: Error + 'static,
    {
        let client = self.client().map_err(|BadUrl| NotExchanged::Garbled)?;
        let answer = client
            .exchange_refresh_token(&RefreshToken::new(refresh.0.clone()))
            .request_async(http)
            .await
            .map_err(why)?;
        Ok(tokens(&answer))
    }

    fn client(&self) -> Result<CodeClient, BadUrl> {
        let bad = |_| BadUrl;
        let mut client = Client::new(ClientId::new(self.client_id.to_owned()));
        if let Some(secret) = self.client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.0.clone()));
        }
        let auth_type = match self.endpoints.secret_in {
            SecretIn::Header => AuthType::BasicAuth,
            SecretIn::Body => AuthType::RequestBody,
        };
        Ok(client
            .set_auth_type(auth_type)
            .set_auth_uri(AuthUrl::new(self.endpoints.authorize.clone()).map_err(bad)?)
            .set_token_uri(TokenUrl::new(self.endpoints.token.clone()).map_err(bad)?)
            .set_redirect_uri(RedirectUrl::new(self.redirect_uri.to_owned()).map_err(bad)?))
    }
}

fn tokens(answer: &Answer) -> Tokens {
    let refresh_token = answer.refresh_token();
    Tokens {
        access_token: Secret(answer.access_token().secret().clone()),
        refresh_token: refresh_token.map(|token| Secret(token.secret().clone())),
        expires_in: answer.expires_in().map(|life| life.as_secs()),
    }
}

fn why<E, T>(error: RequestTokenError<E, T>) -> NotExchanged<E>
where
    E: Error + 'static,
    T: ErrorResponse + AsRefused + 'static,
{
    match error {
        RequestTokenError::ServerResponse(response) => NotExchanged::Refused(response.refused()),
        RequestTokenError::Request(error) => NotExchanged::Fetch(error),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => NotExchanged::Garbled,
    }
}

/// The error code of an error answer.
trait AsRefused {
    fn refused(&self) -> String;
}

impl AsRefused for BasicErrorResponse {
    fn refused(&self) -> String {
        self.error().as_ref().to_owned()
    }
}

/// GitHub answers 200 to a code it refuses, with the error in the body: then
/// the status is made to say so, too.
pub fn honest(mut response: HttpResponse) -> HttpResponse {
    let body: Option<Value> = json::read(response.body());
    if response.status().is_success() && body.is_some_and(|body| body.get("error").is_some()) {
        *response.status_mut() = oauth2::http::StatusCode::BAD_REQUEST;
    }
    response
}

#[cfg(test)]
#[path = "endpoints_tests.rs"]
mod tests;
