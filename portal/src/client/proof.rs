//! Whether a client is who it says (RFC 7523): its keys are read, and its
//! assertion is used up.

use oauth::client::{AssertionRefusal, BadDocument, ClientKeys, Proof};
use oauth::public_keys::PublicKeys;
use oauth::sender::{Assertion, Prover};
use oauth::token::TokenError;
use platform::clock;

use super::document::{self, Asked};
use crate::app::App;
use crate::error::Error;
use crate::store::logins;

/// Checks an assertion; the next one who shows the same is refused.
pub(crate) async fn prove(
    app: &App,
    assertion: &Assertion,
) -> Result<Result<Proof, TokenError>, Error> {
    let checked = match check(app, assertion, Asked::Usually).await? {
        // The client may have taken a new key since we looked.
        Err(TokenError::Assertion(AssertionRefusal::Key)) => {
            check(app, assertion, Asked::Anew).await?
        }
        checked => checked,
    };
    let proof = match checked {
        Ok(proof) => proof,
        Err(refused) => return Ok(Err(refused)),
    };
    if !logins::first_use(app, &proof.name, proof.until).await? {
        return Ok(Err(AssertionRefusal::Used.into()));
    }
    Ok(Ok(proof))
}

async fn check(
    app: &App,
    assertion: &Assertion,
    asked: Asked,
) -> Result<Result<Proof, TokenError>, Error> {
    let (clients, public) = (&app.config.keys.clients, &app.config.public_origin);
    let Assertion { client, text } = assertion;
    Ok(match keys(app, client, asked).await? {
        Ok(Some(keys)) => clients
            .check_assertion(text, client.id(), &keys, public, clock::now())
            .map_err(TokenError::from),
        // A client without keys cannot have signed anything.
        Ok(None) => Err(AssertionRefusal::Key.into()),
        Err(bad) => Err(TokenError::Document(bad)),
    })
}

/// The keys of a client, if it has some.
async fn keys(
    app: &App,
    prover: &Prover,
    asked: Asked,
) -> Result<Result<Option<PublicKeys>, BadDocument>, Error> {
    let keys = match prover {
        Prover::Configured { keys, .. } => Some(keys.clone()),
        Prover::Document(url) => match document::client(app, url, asked).await? {
            Ok(client) => client.keys,
            Err(bad) => return Ok(Err(bad)),
        },
    };
    Ok(match keys {
        Some(ClientKeys::Here(keys)) => Ok(Some(keys)),
        Some(ClientKeys::At(keys)) => document::keys(app, &keys, asked).await?.map(Some),
        None => Ok(None),
    })
}
