//! The guards in front of the MCP endpoint: host, origin, and who is asking.

use std::cell::RefCell;

use http::{Request, header};
use jiff::Timestamp;
use oauth::access::{Claims, TokenCache};
use oauth::allowance::Allowance;
use oauth::bearer::{self, Challenge, Presented, Refusal, Scheme};
use oauth::grant::GrantId;
use oauth::identity::AccountId;
use oauth::scope::Scopes;

use crate::app::App;
use crate::dpop;
use crate::endpoint::http_sse;
use crate::error::Error;
use crate::oauth::metadata::{HTTP_SSE_METADATA_PATH, RESOURCE_METADATA_PATH};

/// Who is asking, as the access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    /// The user's account: the name of their `AccountObject`.
    pub(crate) account: AccountId,
    /// The OAuth client that holds the token.
    pub(crate) client_id: String,
    /// What that client calls itself; for display only.
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
    /// The grant the token comes from.
    pub(crate) grant: GrantId,
    /// When the token ends: an open stream ends then, too (checklist §9 Q8).
    pub(crate) expires: Timestamp,
}

/// The origin of ours a request was sent to, kept with the request.
#[derive(Debug, Clone)]
struct Reached(String);

thread_local! {
    static TOKENS: RefCell<TokenCache> = RefCell::default();
}

/// Refuses a host that is not ours: DNS rebinding ends here.
pub(crate) fn host<B>(app: &App, request: &mut Request<B>) -> Result<(), Error> {
    let named = request
        .headers()
        .get(header::HOST)
        .map(|host| host.to_str().ok());
    let sent = request.uri().authority().map(http::uri::Authority::as_str);
    // The platform makes the URL from the field; two that differ are an attack.
    let reached = [sent, named.flatten()]
        .into_iter()
        .flatten()
        .map(|host| app.config.public_origin.reached_as(host))
        .reduce(|one, other| if one == other { one } else { None })
        .flatten();
    let reached = reached.ok_or(Error::Host)?;
    request.extensions_mut().insert(Reached(reached));
    Ok(())
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

/// The origin the client used: ours, or an alias of it on loopback.
pub(crate) fn reached<'a, B>(app: &'a App, request: &'a Request<B>) -> &'a str {
    match request.extensions().get::<Reached>() {
        Some(Reached(origin)) => origin,
        None => app.config.public_origin.as_str(),
    }
}

/// Who is asking; without a good token the error is the 401 with its challenge
/// (checklist G-03, RS-03 to RS-05). Costs no I/O, and no signature for a token
/// this isolate has seen; a bound token costs that of its proof each time.
pub(crate) fn authenticate<B>(
    app: &App,
    request: &Request<B>,
    now: Timestamp,
) -> Result<Principal, Error> {
    let presented = presented(request);
    let scheme = scheme(presented);
    let refuse = |refusal| {
        let scopes = Scopes::baseline();
        Err(challenge(app, request, (refusal, scheme), scopes))
    };
    let token = match presented {
        Presented::Nothing => return refuse(Refusal::Missing),
        Presented::Malformed => return refuse(Refusal::InvalidToken),
        // A token in the URL is never looked at; beside one in the field, it
        // is a client that leaks its tokens (RFC 6750 section 2).
        Presented::Token(..) if token_in_query(request) => return refuse(Refusal::InvalidRequest),
        Presented::Token(_, token) => token,
    };
    let config = &app.config;
    let checked = TOKENS.with_borrow_mut(|tokens| {
        tokens.verify(&config.token_keys, token, &config.token_expected, now)
    });
    match checked {
        // RFC 9449 section 7.2: a bound token is no bearer token, nor the reverse.
        Ok(claims) if claims.cnf.is_some() != (scheme == Scheme::Dpop) => {
            worker::console_log!("access token refused: presented under another scheme");
            refuse(Refusal::InvalidToken)
        }
        Ok(claims) => match demonstrated(app, request, token, &claims, now) {
            Ok(()) => Ok(principal(claims)),
            Err(refusal) => refuse(refusal),
        },
        Err(reason) => {
            worker::console_log!("access token refused: {reason}");
            refuse(Refusal::InvalidToken)
        }
    }
}

/// Whether the caller holds the key that the token is bound to, if it is bound
/// (RFC 9449 section 7.1).
fn demonstrated<B>(
    app: &App,
    request: &Request<B>,
    token: &str,
    claims: &Claims,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(bound) = &claims.cnf else {
        return Ok(());
    };
    match dpop::demonstrated(app, request, Some((token, &bound.jkt)), now) {
        Ok(_) => Ok(()),
        Err(reason) => {
            worker::console_log!("proof of possession refused: {reason}");
            Err(Refusal::InvalidProof)
        }
    }
}

/// The answer to a caller whose token does not allow something, with the challenge
/// that names all scopes to ask for (checklist RS-06). Who came without a token is
/// told to get one.
pub(crate) fn insufficient<B>(app: &App, request: &Request<B>, needed: Scopes) -> Error {
    let refusal = if request.headers().contains_key(header::AUTHORIZATION) {
        Refusal::InsufficientScope
    } else {
        Refusal::Missing
    };
    let refused = (refusal, scheme(presented(request)));
    challenge(app, request, refused, needed)
}

/// The answer to a token whose grant has ended, although the token has not.
pub(crate) fn ended<B>(app: &App, request: &Request<B>) -> Error {
    let refused = (Refusal::InvalidToken, scheme(presented(request)));
    challenge(app, request, refused, Scopes::baseline())
}

/// Notes that a grant was ended, so that its tokens are refused at once by this
/// isolate.
pub(crate) fn forget(app: &App, grant: GrantId, now: Timestamp) {
    let until = now
        .checked_add(app.config.access_token_life)
        .unwrap_or(Timestamp::MAX);
    TOKENS.with_borrow_mut(|tokens| tokens.end(grant, until, now));
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
        RESOURCE_METADATA_PATH
    };
    let resource_metadata = format!("{}{path}", reached(app, request));
    Error::Bearer(Challenge {
        refusal,
        scheme,
        resource_metadata,
        scopes,
    })
}

fn presented<B>(request: &Request<B>) -> Presented<'_> {
    let fields = request.headers().get_all(header::AUTHORIZATION).iter();
    bearer::presented(fields.map(|field| field.to_str().unwrap_or("Bearer")))
}

/// The scheme that the caller is answered in.
fn scheme(presented: Presented<'_>) -> Scheme {
    match presented {
        Presented::Token(scheme, _) => scheme,
        Presented::Nothing | Presented::Malformed => Scheme::Bearer,
    }
}

fn token_in_query<B>(request: &Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
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
    }
}
