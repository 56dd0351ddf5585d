//! What the front Worker asks, and nobody else: [`platform::portal`].

use http::{Response, StatusCode};
use oauth::api_key::{Known, Shown};
use oauth::identity::AccountId;
use platform::answer::{self, Body};
use platform::body;
use platform::portal::API_KEY;
use worker::HttpRequest;

use crate::app::App;
use crate::error::Error;
use crate::page::Problem;
use crate::store::{api_keys, roles, vault};

/// Most bytes of a question.
const BYTES_MAX: usize = 4 * 1024;

/// `POST /internal/api-key`: what a key is good for, and what its user's roles allow.
/// For whoever else asks there is no such page.
pub(crate) async fn api_key(app: &App, request: HttpRequest) -> Result<Response<Body>, Error> {
    let (parts, sent) = request.into_parts();
    let sent = body::read_in_time(sent, BYTES_MAX).await?;
    let sent = sent
        .ok()
        .filter(|_| app.config.keys.front.confirms(&parts.headers, API_KEY));
    let asked = sent.and_then(|sent| serde_json::from_slice(&sent).ok());
    let (account, shown): (AccountId, Shown) = asked.ok_or(Problem::NoPage)?;
    let known = match api_keys::check(app, &account, &shown).await? {
        Ok(checked) => {
            let bound = roles::bound(app, &account).await?;
            // One who is gone at their provider finds the next check refused.
            vault::recheck(app, &account, &checked.info.identity.provider).await;
            Ok(Known {
                account,
                checked,
                bound,
            })
        }
        Err(refused) => Err(refused),
    };
    Ok(answer::json(StatusCode::OK, &known))
}
