//! The token endpoint (OAuth 2.1 section 3.2): reading what a client sends,
//! and wording what it gets.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::access::Claims;
use crate::client::{AssertionRefusal, BadDocument, Clients, Proof};
use crate::direct::VouchRefusal;
use crate::dpop::{Confirmation, DPOP, KeyThumbprint, ProofRefusal};
use crate::encoding;
use crate::exchange::{ACCESS_TOKEN, ExchangeRefusal};
use crate::form::Parameters;
use crate::grant::{
    GrantId, GrantRefusal, Granted, Redemption, RefreshText, Refreshing, Terms, TokenTexts,
};
use crate::identity::AccountId;
use crate::origin::PublicOrigin;
use crate::role::Bound;
use crate::scope::Scopes;
use crate::sender::{Assertion, Sender};

/// Longest PKCE verifier we pass on; a longer one cannot be right.
const VERIFIER_BYTES_MAX: usize = crate::pkce::VERIFIER_CHARS_MAX;

/// A request that is in order and now goes to the account's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// Whose object decides.
    pub account: AccountId,
    /// What the client calls itself, if its id says so.
    pub client_name: Option<String>,
    /// What the client proves itself with, if it does. It has to be checked
    /// before the request goes on, and [`TokenRequest::proved`] says that it was.
    pub assertion: Option<Assertion>,
    /// The key that the tokens will be bound to.
    pub key: Option<KeyThumbprint>,
    /// What it wants.
    pub wants: Wants,
}

/// What a client wants of the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// Tokens for a code.
    Redeem(Redemption),
    /// New tokens for a refresh token.
    Refresh(Refreshing),
}

/// Why there are no tokens (RFC 6749 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The body is not a form, or too large.
    #[error("the body must be application/x-www-form-urlencoded, and not larger than 32 kB")]
    Form,
    /// A parameter came more than once.
    #[error("a parameter was sent more than once")]
    Repeated,
    /// A parameter is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// We did not issue this client id, and it is no document's URL.
    #[error("the client is not registered here: register again")]
    UnknownClient,
    /// The client tries to authenticate, although it is a public one.
    #[error("this client is public: send client_id in the form, and no secret")]
    PublicClient,
    /// The client's secret is wrong, or not all that it shows.
    #[error("the client's secret is wrong, or it proves itself in two ways")]
    Secret,
    /// The client may not get tokens in this way.
    #[error("this client may not use this grant_type")]
    Unauthorized,
    /// What the client proves itself with is no good.
    #[error("the client_assertion is {0}")]
    Assertion(#[from] AssertionRefusal),
    /// What a provider vouches with is no good.
    #[error("the assertion is {0}")]
    Vouched(#[from] VouchRefusal),
    /// The provider's keys cannot be read.
    #[error("the issuer of the assertion cannot be asked for its keys")]
    Voucher,
    /// The proof of possession is no good.
    #[error("the DPoP proof is {0}")]
    Proof(#[from] ProofRefusal),
    /// The document with the client's keys cannot be used.
    #[error("the document of the client, or the one with its keys, cannot be used: {0}")]
    Document(BadDocument),
    /// The token cannot be swapped.
    #[error("{0}")]
    Exchange(#[from] ExchangeRefusal),
    /// Another grant type than those we serve.
    #[error("grant_type is none of those in the metadata of this server")]
    GrantType,
    /// The code or refresh token is not one of ours.
    #[error("the code or refresh token is not valid here")]
    NotOurs,
    /// The resource is not ours.
    #[error("resource is not one of this server's")]
    Target,
    /// The account's object refused.
    #[error("the code or refresh token is {0}")]
    Refused(#[from] GrantRefusal),
}

impl TokenError {
    /// The error code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            // RFC 8693 section 2.2.2.
            Self::Form | Self::Repeated | Self::Missing(_) | Self::Exchange(_) => "invalid_request",
            // Not `invalid_client`, which would make a client think that it has
            // to be another one.
            Self::Document(bad) if bad.is_passing() => "temporarily_unavailable",
            Self::UnknownClient
            | Self::PublicClient
            | Self::Secret
            | Self::Assertion(_)
            | Self::Document(_) => "invalid_client",
            Self::Unauthorized => "unauthorized_client",
            Self::Proof(_) => "invalid_dpop_proof",
            Self::GrantType => "unsupported_grant_type",
            Self::NotOurs | Self::Vouched(_) => "invalid_grant",
            Self::Voucher => "temporarily_unavailable",
            Self::Target => "invalid_target",
            Self::Refused(refusal) => refusal.code(),
        }
    }

    /// What the client is told: nothing that tells one refusal of a grant from
    /// another; our log knows.
    pub fn description(&self) -> String {
        match self {
            Self::Refused(GrantRefusal::WiderScope) => {
                "scope is wider than what was granted".to_owned()
            }
            Self::Refused(GrantRefusal::OtherResource) => {
                "resource is not the one that was granted".to_owned()
            }
            Self::Refused(GrantRefusal::Unauthenticated) => {
                "this client has to prove itself, with its key or its secret".to_owned()
            }
            Self::Refused(GrantRefusal::OtherKey) => {
                "the code or refresh token is bound to a key: send a DPoP proof by it".to_owned()
            }
            Self::Refused(GrantRefusal::NoProof) => {
                "this client wants bound tokens alone (dpop_bound_access_tokens): send a DPoP proof"
                    .to_owned()
            }
            Self::Refused(GrantRefusal::Disabled) => "this account is disabled".to_owned(),
            Self::NotOurs | Self::Refused(_) => {
                "the code or refresh token is not valid, or not any more: log in again".to_owned()
            }
            Self::Form
            | Self::Repeated
            | Self::Missing(_)
            | Self::UnknownClient
            | Self::PublicClient
            | Self::Secret
            | Self::Unauthorized
            | Self::Assertion(_)
            | Self::Proof(_)
            | Self::Vouched(_)
            | Self::Voucher
            | Self::Document(_)
            | Self::Exchange(_)
            | Self::GrantType
            | Self::Target => self.to_string(),
        }
    }
}

/// Reads a token request.
pub fn read(
    sent: &Parameters,
    clients: &Clients,
    texts: &TokenTexts,
    public: &PublicOrigin,
) -> Result<TokenRequest, TokenError> {
    match sent.repeated() {
        Some("resource") => return Err(TokenError::Target), // We have one.
        Some(_) => return Err(TokenError::Repeated),
        None => {}
    }
    let grant_type = sent
        .get("grant_type")
        .ok_or(TokenError::Missing("grant_type"))?;
    if !matches!(grant_type, "authorization_code" | "refresh_token") {
        return Err(TokenError::GrantType);
    }
    let Sender {
        client_id,
        client_name,
        assertion,
        authenticated,
    } = Sender::read(sent, clients)?;
    let resource = match sent.get("resource") {
        Some(named) => Some(public.resource_named(named).ok_or(TokenError::Target)?),
        None => None,
    };
    let (account, wants) = if grant_type == "authorization_code" {
        let code = sent.get("code").ok_or(TokenError::Missing("code"))?;
        let verifier = sent
            .get("code_verifier")
            .ok_or(TokenError::Missing("code_verifier"))?;
        let code = texts.read_code(code).ok_or(TokenError::NotOurs)?;
        let redemption = Redemption {
            secret: code.secret,
            client_id,
            authenticated,
            key: None,
            redirect_uri: sent.get("redirect_uri").map(str::to_owned),
            verifier: verifier.chars().take(VERIFIER_BYTES_MAX + 1).collect(),
            resource,
        };
        (code.account, Wants::Redeem(redemption))
    } else {
        let token = sent
            .get("refresh_token")
            .ok_or(TokenError::Missing("refresh_token"))?;
        let token = texts.read_refresh(token).ok_or(TokenError::NotOurs)?;
        let refreshing = Refreshing {
            grant: token.grant,
            generation: token.generation,
            secret: token.secret,
            client_id,
            authenticated,
            key: None,
            scope: sent.get("scope").map(str::to_owned),
            resource,
        };
        (token.account, Wants::Refresh(refreshing))
    };
    Ok(TokenRequest {
        account,
        client_name,
        assertion,
        key: None,
        wants,
    })
}

impl TokenRequest {
    /// The request of a client that proved itself.
    #[must_use]
    pub fn proved(mut self, _by: &Proof) -> Self {
        match &mut self.wants {
            Wants::Redeem(asked) => asked.authenticated = true,
            Wants::Refresh(asked) => asked.authenticated = true,
        }
        self
    }

    /// The request of a client that has proved to hold a key, or has not tried.
    #[must_use]
    pub fn bound_to(mut self, key: Option<KeyThumbprint>) -> Self {
        match &mut self.wants {
            Wants::Redeem(asked) => asked.key.clone_from(&key),
            Wants::Refresh(asked) => asked.key.clone_from(&key),
        }
        self.key = key;
        self
    }
}

/// The claims of the access token for what was granted, as far as the user's roles
/// allow it by now.
pub fn claims(
    issuer: &str,
    account: &AccountId,
    client_name: Option<&str>,
    key: Option<KeyThumbprint>,
    (grant, terms, bound): (&GrantId, &Terms, &Bound),
    (now, life): (Timestamp, SignedDuration),
    random: [u8; 16],
) -> Claims {
    Claims {
        iss: issuer.to_owned(),
        sub: account.clone(),
        aud: terms.resource.clone(),
        client_id: terms.client_id.clone(),
        client_name: client_name.map(str::to_owned),
        scope: bound.of_scopes(&terms.scopes),
        bound: bound.clone(),
        exp: now.as_second().saturating_add(life.as_secs()),
        iat: now.as_second(),
        jti: encoding::encode(random),
        sid: grant.clone(),
        cnf: key.map(|jkt| Confirmation { jkt }),
        act: None,
        idp: terms.identity.clone(),
    }
}

/// The refresh token for what was granted.
pub fn refresh_text(account: &AccountId, granted: &Granted) -> RefreshText {
    RefreshText {
        account: account.clone(),
        grant: granted.grant.clone(),
        generation: granted.generation,
        secret: granted.refresh_secret.clone(),
    }
}

/// What a client gets (RFC 6749 section 5.1).
#[derive(Serialize)]
pub struct TokenAnswer {
    access_token: String,
    /// Of a token that was swapped (RFC 8693 section 2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
    token_type: &'static str,
    expires_in: i64,
    /// None for a client that asks again by itself (RFC 6749 section 4.4.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: Scopes,
}

impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenAnswer(redacted)")
    }
}

impl TokenAnswer {
    /// Words the answer.
    pub fn new(
        access_token: String,
        life: SignedDuration,
        refresh_token: Option<String>,
        scope: Scopes,
        bound: bool,
    ) -> Self {
        let expires_in = life.as_secs();
        Self {
            access_token,
            issued_token_type: None,
            token_type: if bound { DPOP } else { "Bearer" },
            expires_in,
            refresh_token,
            scope,
        }
    }

    /// The answer to a client that swapped a token.
    #[must_use]
    pub fn exchanged(self) -> Self {
        Self {
            issued_token_type: Some(ACCESS_TOKEN),
            ..self
        }
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
