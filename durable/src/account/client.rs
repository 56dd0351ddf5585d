//! How others ask an account about what it pays for.

use mcp::upstream::Lent;
use oauth::grant::GrantId;
use serde::Serialize;
use worker::{Env, Error, Method, Request, RequestInit, Response, Result, WebSocket};

use super::index::Held;
use super::opening::Opening;
use super::wire::{ACCOUNTS, ADD, GONE, GRANT, LEND, OPEN, OVER, STANDS, USED, WATCH};
use crate::quota::{Admission, Given};
use crate::{clock, json};

/// Asks the account whether a session may be opened, which costs one call; none
/// if the caller's grant has ended.
pub async fn may_open(env: &Env, ledger: &str, opening: &Opening) -> Result<Option<Admission>> {
    let asked_at = clock::now();
    let answer = post(env, ledger, OPEN, opening).await?;
    let given: Option<Given> = json::answered(answer).await?;
    given
        .map(|given| Admission::of_one(given, asked_at))
        .transpose()
}

/// Asks the account whether a grant stands.
pub async fn stands(env: &Env, ledger: &str, grant: &GrantId) -> Result<bool> {
    json::answered(post(env, ledger, STANDS, grant).await?).await
}

/// A socket that is closed when the grant ends; none if it has.
pub async fn watch(env: &Env, ledger: &str, grant: &GrantId) -> Result<Option<WebSocket>> {
    let mut init = RequestInit::new();
    init.with_method(Method::Get);
    init.headers.set("upgrade", "websocket")?;
    init.headers.set(GRANT, grant.as_str())?;
    let request = Request::new_with_init(&format!("https://account{WATCH}"), &init)?;
    let stub = env.durable_object(ACCOUNTS)?.get_by_name(ledger)?;
    let response = stub.fetch_with_request(request).await?;
    match (response.status_code(), response.websocket()) {
        (101, Some(socket)) => Ok(Some(socket)),
        (410, _) => Ok(None),
        _ => Err(Error::RustError("an account gave no socket".into())),
    }
}

/// Asks the account for what acts for its user at a provider; none if the user has to
/// log in again.
pub(crate) async fn lent(env: &Env, ledger: &str, provider: &str) -> Result<Option<Lent>> {
    let asked = (ledger, provider);
    json::answered(post(env, ledger, LEND, &asked).await?).await
}

/// Has the account count something that is about to begin. What begins uncounted
/// would never give way: so this comes first, and must not fail.
pub(crate) async fn begins(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, ADD, held).await.map(|_| ())
}

/// Tells the account that something was used.
pub(crate) async fn used(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, USED, held).await.map(|_| ())
}

/// Tells the account that something is over, and kept for a while.
pub(crate) async fn over(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, OVER, held).await.map(|_| ())
}

/// Tells the account that something is gone.
pub(crate) async fn gone(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, GONE, held).await.map(|_| ())
}

async fn post(env: &Env, ledger: &str, path: &str, body: &impl Serialize) -> Result<Response> {
    let mut init = RequestInit::new();
    let body = serde_json::to_string(body)?;
    init.with_method(Method::Post).with_body(Some(body.into()));
    let request = Request::new_with_init(&format!("https://account{path}"), &init)?;
    let stub = env.durable_object(ACCOUNTS)?.get_by_name(ledger)?;
    let response = stub.fetch_with_request(request).await?;
    if response.status_code() < 300 {
        return Ok(response);
    }
    Err(Error::RustError(format!("an account refused {path}")))
}
