//! Tokens at `POST /token` that no person is asked for.

use oauth::direct;
use oauth::dpop::{KeyThumbprint, ProofRefusal};
use oauth::form::Parameters;
use oauth::grant::Direct;
use oauth::identity::AccountId;
use oauth::token::{self, TokenAnswer, TokenError};

use crate::app::App;
use crate::error::Error;
use crate::store::{accounts, users};
use crate::{client, clock, random};

/// Answers a client that asks for such a token; `shown` is what it has a proof of
/// possession by.
pub(super) async fn grant(
    app: &App,
    sent: &Parameters,
    shown: Result<Option<KeyThumbprint>, ProofRefusal>,
) -> Result<Result<TokenAnswer, TokenError>, Error> {
    let (config, keys) = (&app.config, &app.config.keys);
    let read = direct::read(sent, &keys.clients, &config.public_origin);
    let (mut request, key) = match (read, shown) {
        (Ok(request), Ok(key)) => (request, key),
        (Err(error), _) => return Ok(Err(error)),
        (_, Err(refusal)) => return Ok(Err(refusal.into())),
    };
    if let Some(assertion) = &request.assertion {
        match client::prove(app, assertion).await? {
            Ok(proof) => request = request.proved(&proof),
            Err(error) => return Ok(Err(error)),
        }
    }
    let terms = match request.terms() {
        Ok(terms) => terms,
        Err(error) => return Ok(Err(error)),
    };
    let (now, identity) = (clock::now(), &terms.identity);
    let drawn = AccountId::of(&keys.accounts, &identity.issuer, &identity.subject);
    let account = users::note_login(app, &drawn, identity, now).await?;
    let asked = Direct { terms };
    let granted = accounts::direct(app, &account, &asked).await?;
    let (terms, life) = (asked.terms, config.access_token_life);
    let bound = key.is_some();
    let claims = token::claims(
        config.public_origin.as_str(),
        &account,
        request.client_name.as_deref(),
        key,
        (&granted, &terms),
        (now, life),
        random::bytes()?,
    );
    let signed = config.token_keys.sign(&claims);
    let access_token = signed.map_err(|_| Error::Bug("an access token cannot be signed"))?;
    let answer = TokenAnswer::new(access_token, life, None, terms.scopes, bound);
    Ok(Ok(answer))
}
