//! The guards in front of the MCP endpoint: origin, and who is asking.

use http::{Request, header};
use jiff::Timestamp;
use oauth::access::Claims;
use oauth::allowance::Allowance;
use oauth::bearer::{Challenge, Refusal, Scheme};
use oauth::grant::GrantId;
use oauth::identity::AccountId;
use oauth::metadata::path;
use oauth::scope::Scopes;
use platform::credential::{self, Credential};
use platform::host;

use crate::app::App;
use crate::endpoint::{http_sse, remembered};
use crate::error::Error;
use crate::metadata::HTTP_SSE_METADATA_PATH;

/// Who is asking, as the access token or the API key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The user's account: the name of their `AccountObject`.
    pub(crate) account: AccountId,
    /// The OAuth client that holds the token, or what the key is called as one.
    pub(crate) client_id: String,
    /// What that client calls itself, or the key's name; for display only.
    pub(crate) client_name: Option<String>,
    /// The provider the user logged in with, such as `github`.
    pub(crate) provider: String,
    /// That provider's issuer.
    pub(crate) issuer: String,
    /// The user's stable name there.
    pub(crate) subject: String,
    /// What to call the user; decides nothing.
    pub(crate) display_name: Option<String>,
    /// What the token allows, and what it could.
    pub(crate) allowance: Allowance,
    /// The grant the token comes from, or the key.
    pub(crate) grant: GrantId,
    /// Whether it is a token, and no key, that says so.
    pub(crate) is_of_token: bool,
    /// When the token ends: an open stream ends then, too (checklist §9 Q8).
    pub(crate) expires: Timestamp,
}

/// Refuses a page that may not talk to the MCP endpoint (checklist G-01).
pub(crate) fn origin<B>(app: &App, request: &Request<B>) -> Result<(), Error> {
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    let allowed = origins.all(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        app.config
            .allowed_origins
            .allow(&app.config.public_origin, origin)
    });
    if allowed { Ok(()) } else { Err(Error::Origin) }
}

/// The origin the client used.
fn reached<'a, B>(app: &'a App, request: &'a Request<B>) -> &'a str {
    host::reached(&app.config.public_origin, request)
}

/// Who is asking; without a good token or key the error is the 401 with its
/// challenge (checklist G-03, RS-03 to RS-05), which is the same for every key that
/// is not good.
pub(crate) async fn authenticate<B>(
    app: &App,
    request: &Request<B>,
    now: Timestamp,
) -> Result<Principal, Error> {
    let refuse = |refused| challenge(app, request, refused, Scopes::baseline());
    let config = &app.config;
    match credential::read(&config.public_origin, &config.access_tokens, request, now) {
        Ok(Credential::Nothing) => Err(refuse((Refusal::Missing, Scheme::Bearer))),
        Ok(Credential::Token(claims)) => Ok(principal(*claims)),
        Ok(Credential::Key(text)) => crate::api_key::principal(app, text, now)
            .await?
            .ok_or_else(|| refuse((Refusal::InvalidToken, Scheme::Bearer))),
        Err(refused) => Err(refuse(refused)),
    }
}

/// The answer to a caller whose token does not allow something, with the challenge
/// that names all scopes to ask for (checklist RS-06). Who came without a token is
/// told to get one.
pub(crate) fn insufficient<B>(app: &App, request: &Request<B>, needed: Scopes) -> Error {
    let refusal = if credential::is_presented(request) {
        Refusal::InsufficientScope
    } else {
        Refusal::Missing
    };
    let refused = (refusal, credential::scheme(request));
    challenge(app, request, refused, needed)
}

/// The answer to a token whose grant has ended, although the token has not.
pub(crate) fn ended<B>(app: &App, request: &Request<B>) -> Error {
    let refused = (Refusal::InvalidToken, credential::scheme(request));
    challenge(app, request, refused, Scopes::baseline())
}

/// Notes that a grant or key was ended, so that it is refused at once by this
/// isolate.
pub(crate) fn forget(app: &App, grant: GrantId, now: Timestamp) {
    remembered::forget_all();
    crate::api_key::forget(&grant);
    credential::forget(&app.config.access_tokens, grant, now);
}

fn challenge<B>(
    app: &App,
    request: &Request<B>,
    (refusal, scheme): (Refusal, Scheme),
    scopes: Scopes,
) -> Error {
    let path = if http_sse::has(request.uri().path()) {
        HTTP_SSE_METADATA_PATH
    } else {
        path::RESOURCE
    };
    let resource_metadata = format!("{}{path}", reached(app, request));
    Error::Bearer(Challenge {
        refusal,
        scheme,
        resource_metadata,
        scopes,
    })
}

fn principal(claims: Claims) -> Principal {
    Principal {
        expires: claims.expires(),
        allowance: Allowance::of(&claims),
        account: claims.sub,
        client_id: claims.client_id,
        client_name: claims.client_name,
        provider: claims.idp.provider,
        issuer: claims.idp.issuer,
        subject: claims.idp.subject,
        display_name: claims.idp.name,
        grant: claims.sid,
        is_of_token: true,
    }
}
