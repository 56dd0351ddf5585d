//! What a request presents to say who is asking: an API key or an access token, in
//! its field and nowhere else.

use std::cell::RefCell;

use http::{Request, header};
use jiff::Timestamp;
use oauth::access::{Claims, TokenCache};
use oauth::api_key::{self, FIELD};
use oauth::bearer::{self, Presented, Refusal, Scheme};
use oauth::grant::GrantId;
use oauth::origin::PublicOrigin;

use crate::config::AccessTokens;
use crate::dpop;

thread_local! {
    static TOKENS: RefCell<TokenCache> = RefCell::default();
}

/// What is presented.
#[derive(Debug)]
pub enum Credential<'a> {
    /// Nothing.
    Nothing,
    /// What is meant for an API key: not yet read.
    Key(&'a str),
    /// An access token that is good; whether its grant stands is not asked here.
    Token(Box<Claims>),
}

/// Why it is not good, and in which scheme that is answered.
pub type Refused = (Refusal, Scheme);

/// Reads what a request presents (checklist G-03, RS-03 to RS-05). Costs no I/O, and
/// no signature for a token this isolate has seen; a bound token costs that of its
/// proof each time.
pub fn read<'a, B>(
    public: &PublicOrigin,
    tokens: &AccessTokens,
    request: &'a Request<B>,
    now: Timestamp,
) -> Result<Credential<'a>, Refused> {
    let bearer = |refusal| (refusal, Scheme::Bearer);
    let fields = request.headers().get_all(FIELD).iter();
    let fields = fields.map(|field| field.to_str().unwrap_or_default());
    let authorized = request.headers().contains_key(header::AUTHORIZATION);
    match api_key::presented(authorized, presented(request), fields).map_err(bearer)? {
        None => by_token(public, tokens, request, now),
        Some(_) if token_in_query(request) => Err(bearer(Refusal::InvalidRequest)),
        Some(text) => Ok(Credential::Key(text)),
    }
}

/// The scheme that the caller is answered in.
pub fn scheme<B>(request: &Request<B>) -> Scheme {
    match presented(request) {
        Presented::Token(scheme, _) => scheme,
        Presented::Nothing | Presented::Malformed => Scheme::Bearer,
    }
}

/// Whether anything is presented.
pub fn is_presented<B>(request: &Request<B>) -> bool {
    [header::AUTHORIZATION.as_str(), FIELD]
        .into_iter()
        .any(|field| request.headers().contains_key(field))
}

/// Notes that a grant has ended, so that its tokens are refused at once by this
/// isolate.
pub fn forget(tokens: &AccessTokens, grant: GrantId, now: Timestamp) {
    let until = now.checked_add(tokens.life).unwrap_or(Timestamp::MAX);
    TOKENS.with_borrow_mut(|tokens| tokens.end(grant, until, now));
}

fn by_token<'a, B>(
    public: &PublicOrigin,
    tokens: &AccessTokens,
    request: &'a Request<B>,
    now: Timestamp,
) -> Result<Credential<'a>, Refused> {
    let (scheme, token) = match presented(request) {
        Presented::Nothing => return Ok(Credential::Nothing),
        Presented::Malformed => return Err((Refusal::InvalidToken, Scheme::Bearer)),
        // A token in the URL is never looked at; beside one in the field, it
        // is a client that leaks its tokens (RFC 6750 section 2).
        Presented::Token(scheme, _) if token_in_query(request) => {
            return Err((Refusal::InvalidRequest, scheme));
        }
        Presented::Token(scheme, token) => (scheme, token),
    };
    let checked =
        TOKENS.with_borrow_mut(|kept| kept.verify(&tokens.keys, token, &tokens.expected, now));
    let claims = checked.map_err(|reason| {
        worker::console_log!("access token refused: {reason}");
        (Refusal::InvalidToken, scheme)
    })?;
    // RFC 9449 section 7.2: a bound token is no bearer token, nor the reverse.
    if claims.cnf.is_some() != (scheme == Scheme::Dpop) {
        worker::console_log!("access token refused: presented under another scheme");
        return Err((Refusal::InvalidToken, scheme));
    }
    // Whether the caller holds the key that it is bound to (RFC 9449 section 7.1).
    if let Some(bound) = &claims.cnf
        && let Err(reason) = dpop::demonstrated(public, request, Some((token, &bound.jkt)), now)
    {
        worker::console_log!("proof of possession refused: {reason}");
        return Err((Refusal::InvalidProof, scheme));
    }
    Ok(Credential::Token(Box::new(claims)))
}

fn presented<B>(request: &Request<B>) -> Presented<'_> {
    let fields = request.headers().get_all(header::AUTHORIZATION).iter();
    bearer::presented(fields.map(|field| field.to_str().unwrap_or("Bearer")))
}

fn token_in_query<B>(request: &Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}
