//! Tokens at `POST /token` that no person is asked for.

use audit::Kind;
use oauth::direct::{self, DirectRequest, Expected, Unchecked, VouchRefusal};
use oauth::dpop::{KeyThumbprint, ProofRefusal};
use oauth::form::Parameters;
use oauth::grant::{Direct, Terms};
use oauth::identity::AccountId;
use oauth::provider::ProviderKind;
use oauth::public_keys::PublicKeys;
use oauth::token::{self, TokenAnswer, TokenError};
use platform::clock;
use platform::provider as upstream;
use platform::random;

use crate::app::App;
use crate::client;
use crate::error::Error;
use crate::records::Happening;
use crate::store::{accounts, logins, roles, users};

/// Answers a client that asks for such a token; `shown` is what it has a proof of
/// possession by.
pub(super) async fn grant(
    app: &App,
    sent: &Parameters,
    shown: Result<Option<KeyThumbprint>, ProofRefusal>,
) -> Result<Result<TokenAnswer, TokenError>, Error> {
    let (config, keys) = (&app.config, &app.config.keys);
    let key = match shown {
        Ok(key) => key,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let known = (&keys.clients, &config.vouching);
    let mut request = match direct::read(sent, known, &config.public_origin, key.as_ref()) {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(assertion) = &request.assertion {
        match client::prove(app, assertion).await? {
            Ok(proof) => request = request.proved(&proof),
            Err(error) => return Ok(Err(error)),
        }
    }
    let terms = match &request.vouched {
        // Nobody is asked and nothing is used up for a client that proves nothing.
        Some(said) => match request.is_proved() {
            Ok(()) => vouched(app, &request, said, key.as_ref()).await?,
            Err(error) => Err(error),
        },
        None => request.own_terms(&config.public_origin),
    };
    let terms = match terms {
        Ok(terms) => terms,
        Err(error) => return Ok(Err(error)),
    };
    let (now, identity) = (clock::now(), &terms.identity);
    let drawn = AccountId::of(&keys.accounts, &identity.issuer, &identity.subject);
    let account = users::note_login(app, &drawn, identity, now).await?;
    // Before the account is asked: what fails here has granted nothing.
    let bounded = match &request.vouched {
        Some(_) => roles::bound(app, &account).await?,
        None => request.own_bound(),
    };
    let asked = Direct { terms };
    let granted = match accounts::direct(app, &account, &asked).await? {
        Ok(granted) => granted,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let (terms, life) = (asked.terms, config.access_tokens.life);
    let name = match &request.vouched {
        Some(_) => direct::JWT_BEARER,
        None => direct::CLIENT_CREDENTIALS,
    };
    Happening::of(app, Kind::Grant, name, &account)
        .with_client(&terms.client_id, request.client_name.as_deref())
        .with_grant(&granted)
        .permitting(&terms.scopes.names().join(" "))
        .note();
    let bound = key.is_some();
    let claims = token::claims(
        config.public_origin.as_str(),
        &account,
        request.client_name.as_deref(),
        key,
        (&granted, &terms, &bounded),
        (now, life),
        random::bytes()?,
    );
    let signed = config.access_tokens.keys.sign(&claims);
    let access_token = signed.map_err(|_| Error::bug("an access token cannot be signed"))?;
    let answer = TokenAnswer::new(access_token, life, None, claims.scope, bound);
    Ok(Ok(answer))
}

/// What a provider vouches for, which is used up by that.
async fn vouched(
    app: &App,
    request: &DirectRequest,
    said: &Unchecked,
    key: Option<&KeyThumbprint>,
) -> Result<Result<Terms, TokenError>, Error> {
    let expected = Expected {
        issuer: &said.issuer,
        client_id: &request.client_id,
        key,
        public: &app.config.public_origin,
    };
    let check = |keys: &PublicKeys| direct::check(&said.text, keys, &expected, clock::now());
    let lacks = |refusal: &VouchRefusal| *refusal == VouchRefusal::Key;
    let vouched =
        match upstream::with_keys(&app.config.public_origin, &said.issuer, check, lacks).await {
            Ok(Ok(vouched)) => vouched,
            Ok(Err(refusal)) => return Ok(Err(refusal.into())),
            Err(trouble) => {
                worker::console_log!("the issuer {}: {trouble:?}", said.issuer);
                return Ok(Err(TokenError::Voucher));
            }
        };
    let terms = match request.vouched_terms(provider(app, &said.issuer), &vouched) {
        Ok(terms) => terms,
        Err(error) => return Ok(Err(error)),
    };
    let proof = &vouched.proof;
    if !logins::first_use(app, &proof.name, proof.until).await? {
        return Ok(Err(VouchRefusal::Used.into()));
    }
    Ok(Ok(terms))
}

/// What we call a provider: as where people log in with it, if they do.
fn provider<'a>(app: &'a App, issuer: &str) -> &'a str {
    let mut known = app.config.providers.iter();
    let known = known.find(|configured| match &configured.provider.kind {
        ProviderKind::OpenId { issuer: known, .. } => known == issuer,
        ProviderKind::GitHub { .. } | ProviderKind::Development { .. } => false,
    });
    known.map_or(direct::VOUCHED, |configured| &configured.provider.id)
}
