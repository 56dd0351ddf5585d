//! How others ask an account about what it pays for.

use mcp::session::Record;
use mcp::upstream::Lent;
use oauth::grant::GrantId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use worker::{Env, Error, Method, Request, RequestInit, Result, WebSocket};

use super::held::Held;
use super::wire::{
    ACCOUNTS, ADD, GONE, GRANT, LEND, OPEN, OVER, POLICY, RECORD, RECORDS, STANDS, USED, WATCH,
};
#[cfg(feature = "faults")]
use crate::faults;
use crate::hop::Answer;
use crate::object::tell;
use crate::quota::{Admission, Given};
use crate::{clock, json};

/// A session that is about to be opened.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opening {
    /// The name of its object.
    pub name: String,
    /// What the caller's token comes from; none without a token.
    pub grant: Option<GrantId>,
    /// The account, which does not know its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its [`mcp::session::Record`].
    pub record: Box<RawValue>,
}

/// Opens a session if it may be, which costs one call; none if the caller's grant has
/// ended.
pub async fn open(env: &Env, ledger: &str, opening: &Opening) -> Result<Option<Admission>> {
    let asked_at = clock::now();
    let answer = post(env, ledger, OPEN, opening).await?;
    let given: Option<Given> = json::answered(answer).await?;
    given
        .map(|given| Admission::of_one(given, asked_at))
        .transpose()
}

/// The record of a session as it was opened; none if it has ended.
pub async fn session_record(env: &Env, ledger: &str, name: &str) -> Result<Option<Record>> {
    json::answered(post(env, ledger, RECORD, &name).await?).await
}

/// Tells an account that what D1 says of its user's policy has changed. When this answers,
/// the new one holds: at once in sessions, and within [`quota::NEWS_AGE_MAX`] for
/// stateless calls.
pub async fn policy_changed(env: &Env, ledger: &str) -> Result<()> {
    post(env, ledger, POLICY, &()).await.map(|_| ())
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
pub async fn lent(env: &Env, ledger: &str, provider: &str) -> Result<Option<Lent>> {
    let asked = (ledger, provider);
    json::answered(post(env, ledger, LEND, &asked).await?).await
}

/// Has the account count something that is about to begin. What begins uncounted
/// would never give way: so this comes first, and must not fail.
pub async fn begins(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, ADD, held).await.map(|_| ())
}

/// Tells the account that something was used.
pub async fn used(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, USED, held).await.map(|_| ())
}

/// Tells the account that something is over, and kept for a while.
pub async fn over(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, OVER, held).await.map(|_| ())
}

/// Tells the account that something is gone.
pub async fn gone(env: &Env, ledger: &str, held: &Held) -> Result<()> {
    post(env, ledger, GONE, held).await.map(|_| ())
}

/// Has the account keep a batch of records until the queue takes it.
pub async fn keep_records(env: &Env, account: &str, batch: &audit::Batch) -> Result<()> {
    post(env, account, RECORDS, batch).await.map(|_| ())
}

/// Asks an account's object; an answer that refuses is an error.
pub(crate) async fn post(
    env: &Env,
    ledger: &str,
    path: &str,
    body: &impl Serialize,
) -> Result<Answer> {
    #[cfg(feature = "faults")]
    faults::before(env, faults::ACCOUNTS)?;
    let answer = tell(env, (ACCOUNTS, ledger), path, body).await?;
    #[cfg(feature = "faults")]
    faults::after(env, faults::ACCOUNTS)?;
    Ok(answer)
}
