//! Users' tokens that clients swap at `POST /token` (RFC 8693).

use oauth::dpop::{KeyThumbprint, ProofRefusal};
use oauth::exchange::{self, ExchangeRefusal};
use oauth::form::Parameters;
use oauth::token::{TokenAnswer, TokenError};
use platform::clock;
use platform::random;

use crate::app::App;
use crate::client;
use crate::error::Error;
use crate::store::{accounts, roles};

/// Answers a client that swaps a token; `shown` is what it has a proof of
/// possession by.
pub(super) async fn swap(
    app: &App,
    sent: &Parameters,
    shown: Result<Option<KeyThumbprint>, ProofRefusal>,
) -> Result<Result<TokenAnswer, TokenError>, Error> {
    let config = &app.config;
    let key = match shown {
        Ok(key) => key,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    let (clients, public) = (&config.keys.clients, &config.public_origin);
    let mut request = match exchange::read(sent, clients, public, key.as_ref()) {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(assertion) = &request.assertion {
        match client::prove(app, assertion).await? {
            Ok(proof) => request = request.proved(&proof),
            Err(error) => return Ok(Err(error)),
        }
    }
    let ours = (&config.access_tokens.keys, &config.access_tokens.expected);
    let subject = match request.subject(ours, key.as_ref(), clock::now()) {
        Ok(subject) => subject,
        Err(error) => return Ok(Err(error)),
    };
    // Asked of the account, and not what this isolate remembers.
    if !accounts::stands(&app.env, subject.sub.as_str(), &subject.sid).await? {
        return Ok(Err(ExchangeRefusal::Subject.into()));
    }
    let bounded = roles::bound(app, &subject.sub).await?;
    let (now, bound) = (clock::now(), key.is_some());
    let time = (now, config.access_tokens.life);
    let claims = match request.claims(subject, bounded, key, time, random::bytes()?) {
        Ok(claims) => claims,
        Err(error) => return Ok(Err(error)),
    };
    let signed = config.access_tokens.keys.sign(&claims);
    let access_token = signed.map_err(|_| Error::bug("an access token cannot be signed"))?;
    let life = claims.expires().duration_since(now);
    let answer = TokenAnswer::new(access_token, life, None, claims.scope, bound);
    Ok(Ok(answer.exchanged()))
}
