//! Asking a provider who somebody is.

use std::cell::RefCell;
use std::collections::HashMap;

use oauth::grant::Secret;
use oauth::identity::Identity;
use oauth::login::Transaction;
use oauth::origin::PublicOrigin;
use oauth::provider::{
    self, Discovered, Endpoints, Exchanged, Expected, Garbled, IdTokenRefusal, NotExchanged,
    Offline, Passage, ProviderKind, ProviderMemory, Registration,
};
use oauth::public_keys::PublicKeys;
use oauth::vault::Tokens;
use oauth2::HttpRequest;

use super::Configured;
use super::fetch::{self, FetchError};
use crate::clock;

/// Why a provider did not tell who somebody is.
#[derive(Debug)]
pub enum Trouble {
    /// It did not answer in time.
    Slow,
    /// It cannot be reached.
    Down,
    /// It refused our request; this is its error code.
    Refused(String),
    /// What it answered cannot be used.
    Unusable(String),
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Timeout => Self::Slow,
            FetchError::Failed(_) => Self::Down,
            FetchError::TooLarge => Self::Unusable("its answer is too large".to_owned()),
        }
    }
}

impl From<NotExchanged<FetchError>> for Trouble {
    fn from(error: NotExchanged<FetchError>) -> Self {
        match error {
            NotExchanged::Fetch(error) => error.into(),
            NotExchanged::Refused(code) => Self::Refused(code),
            NotExchanged::Garbled => Self::Unusable("its answer cannot be read".to_owned()),
        }
    }
}

impl From<Garbled> for Trouble {
    fn from(garbled: Garbled) -> Self {
        Self::Unusable(garbled.to_string())
    }
}

impl From<IdTokenRefusal> for Trouble {
    fn from(refusal: IdTokenRefusal) -> Self {
        Self::Unusable(refusal.to_string())
    }
}

thread_local! {
    /// By the issuer; there are as many as are configured.
    static MEMORY: RefCell<HashMap<String, ProviderMemory>> = RefCell::default();
}

/// Where to send a person who chose this provider.
pub async fn authorize_url(
    origin: &PublicOrigin,
    configured: &Configured,
    transaction: &Transaction,
    state: &str,
) -> Result<String, Trouble> {
    let (endpoints, scopes, nonce, offline) = match &configured.provider.kind {
        ProviderKind::OpenId {
            issuer,
            scopes,
            google,
            ..
        } => {
            let endpoints = discover(origin, issuer).await?.endpoints;
            let offline = if *google {
                Offline::Google
            } else {
                Offline::Scopes
            };
            (endpoints, scopes, Some(&transaction.nonce), offline)
        }
        // Who somebody is, is public: that needs no scope.
        ProviderKind::GitHub { url, scopes, .. } => {
            let endpoints = provider::github_endpoints(url);
            (endpoints, scopes, None, Offline::Scopes)
        }
        ProviderKind::Development { .. } => return Err(Trouble::Down),
    };
    let passage = Passage {
        state,
        verifier: &transaction.verifier,
        nonce,
        scopes,
        offline: configured.provider.keeping.as_ref().map(|_| offline),
    };
    let redirect_uri = origin.url(&configured.provider.callback_path());
    let url = registration(configured, &endpoints, &redirect_uri).authorize_url(&passage);
    url.map_err(|bad| Trouble::Unusable(bad.to_string()))
}

/// Somebody a provider vouches for.
#[derive(Debug)]
pub struct Vouched {
    /// Who it is.
    pub identity: Identity,
    /// What the provider gave for its API, if that is kept.
    pub tokens: Option<Tokens>,
}

/// Who the person is that came back with this code. `iss` is what the provider
/// said of itself on the way (RFC 9207).
pub async fn identify(
    origin: &PublicOrigin,
    configured: &Configured,
    transaction: &Transaction,
    code: &str,
    iss: Option<&str>,
) -> Result<Vouched, Trouble> {
    let id = &configured.provider.id;
    let (identity, tokens) = match &configured.provider.kind {
        ProviderKind::OpenId {
            client_id, issuer, ..
        } => {
            let discovered = discover(origin, issuer).await?;
            if iss.map_or(discovered.names_itself, |iss| iss != issuer) {
                return Err(Trouble::Unusable(
                    "the answer is from another issuer".to_owned(),
                ));
            }
            let Exchanged { tokens, id_token } =
                exchange(origin, configured, &discovered.endpoints, transaction, code).await?;
            let expected = Expected {
                issuer,
                client_id,
                nonce: &transaction.nonce.0,
            };
            let none = || Trouble::Unusable("it sent no ID token".to_owned());
            let token = id_token.ok_or_else(none)?;
            let check = |keys: &PublicKeys| {
                provider::check_id_token(&token.0, keys, &expected, clock::now())
            };
            let lacks = |refusal: &IdTokenRefusal| *refusal == IdTokenRefusal::Key;
            let user = with_keys(origin, issuer, check, lacks).await??;
            let name = match user.name {
                Some(name) => Some(name),
                None => ask_name(&discovered, &tokens.access_token, &user.subject).await,
            };
            let identity = identity(id, issuer, &user.subject, name.as_deref())?;
            (identity, tokens)
        }
        ProviderKind::GitHub { url, api_url, .. } => {
            let endpoints = provider::github_endpoints(url);
            let exchanged = exchange(origin, configured, &endpoints, transaction, code);
            let tokens = exchanged.await?.tokens;
            let at = provider::github_user_url(api_url);
            let user = fetch::get(&at, Some(&tokens.access_token.0)).await?;
            let user = user.ok_or(Garbled("it does not say who its token belongs to"))?;
            (provider::read_github_user(id, url, &user)?, tokens)
        }
        ProviderKind::Development { .. } => return Err(Trouble::Down),
    };
    let (keeps, fit) = (configured.provider.keeping.is_some(), tokens.fit());
    if keeps && !fit {
        worker::console_log!("what {id} gave is too large to be kept");
    }
    Ok(Vouched {
        identity,
        tokens: (keeps && fit).then_some(tokens),
    })
}

fn identity(
    id: &str,
    issuer: &str,
    subject: &str,
    name: Option<&str>,
) -> Result<Identity, Trouble> {
    Identity::new(id, issuer, subject, name).map_err(|bad| Trouble::Unusable(bad.to_string()))
}

pub(super) fn registration<'a>(
    configured: &'a Configured,
    endpoints: &'a Endpoints,
    redirect_uri: &'a str,
) -> Registration<'a> {
    let client_id = match &configured.provider.kind {
        ProviderKind::OpenId { client_id, .. } | ProviderKind::GitHub { client_id, .. } => {
            client_id
        }
        ProviderKind::Development { .. } => "",
    };
    let client_secret = configured.client_secret.as_ref();
    Registration {
        client_id,
        client_secret,
        redirect_uri,
        endpoints,
    }
}

async fn exchange(
    origin: &PublicOrigin,
    configured: &Configured,
    endpoints: &Endpoints,
    transaction: &Transaction,
    code: &str,
) -> Result<Exchanged, Trouble> {
    let redirect_uri = origin.url(&configured.provider.callback_path());
    let http = |request: HttpRequest| async { fetch::send(request).await.map(provider::honest) };
    let exchanged = registration(configured, endpoints, &redirect_uri)
        .exchange(code, &transaction.verifier, &http)
        .await;
    Ok(exchanged?)
}

/// What `check` makes of a trusted issuer's keys; if they lack the one that it
/// needs, of the keys as they are now.
pub async fn with_keys<T, E>(
    origin: &PublicOrigin,
    issuer: &str,
    check: impl Fn(&PublicKeys) -> Result<T, E>,
    lacks: impl Fn(&E) -> bool,
) -> Result<Result<T, E>, Trouble> {
    let discovered = discover(origin, issuer).await?;
    let checked = check(&keys(issuer, &discovered).await?);
    match &checked {
        Err(error) if lacks(error) && forgets_keys(issuer) => {
            Ok(check(&keys(issuer, &discovered).await?))
        }
        _ => Ok(checked),
    }
}

/// Forgets the keys of an issuer, unless that was done a moment ago.
fn forgets_keys(issuer: &str) -> bool {
    remember(issuer, |memory| memory.force_keys(clock::now()))
}

/// A name for the pages, from the provider's `UserInfo`; without one, the
/// subject is shown. Nothing else depends on it, so a failure is none.
async fn ask_name(discovered: &Discovered, token: &Secret, subject: &str) -> Option<String> {
    let body = fetch::get(discovered.userinfo.as_deref()?, Some(&token.0))
        .await
        .ok()??;
    provider::read_user_info(&body, subject).ok()?
}

pub(super) async fn discover(origin: &PublicOrigin, issuer: &str) -> Result<Discovered, Trouble> {
    let known = remember(issuer, |memory| memory.discovered(clock::now()).cloned());
    if let Some(known) = known {
        return Ok(known);
    }
    let body = fetch::get(&provider::discovery_url(issuer), None).await?;
    let body = body.ok_or(Garbled("it has no discovery document"))?;
    let local = origin.is_loopback();
    let discovered = provider::read_discovery(issuer, &body, local)?;
    remember(issuer, |memory| {
        memory.learn(discovered.clone(), clock::now());
    });
    Ok(discovered)
}

async fn keys(issuer: &str, discovered: &Discovered) -> Result<PublicKeys, Trouble> {
    if let Some(known) = remember(issuer, |memory| memory.keys(clock::now()).cloned()) {
        return Ok(known);
    }
    let body = fetch::get(&discovered.jwks_uri, None).await?;
    let keys = PublicKeys::read(&body.ok_or(Garbled("it has no key set"))?);
    let keys = keys.map_err(Garbled::from)?;
    remember(issuer, |memory| {
        memory.learn_keys(keys.clone(), clock::now());
    });
    Ok(keys)
}

fn remember<T>(issuer: &str, with: impl FnOnce(&mut ProviderMemory) -> T) -> T {
    MEMORY.with_borrow_mut(|known| with(known.entry(issuer.to_owned()).or_default()))
}
