//! The user's policy: read in D1 once, kept in a row, and read again when somebody says
//! that it changed. So no call asks D1, but the first one of an account.

use std::rc::Rc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use mcp::principal::ANONYMOUS;
use platform::{clock, session};
use quota::{Document, Policies, Revision};
use worker::{D1Type, Env, Error, Response, Result, State, console_error};

use super::Counter;
use super::rows::{self, Kept};

/// The binding of the database.
const DB: &str = "DB";
/// How often it is read without a word of anybody: at each sweep of the account, which
/// may be an hour early.
const READ_EVERY: SignedDuration = SignedDuration::from_hours(23);
/// The document for an account: of the policy that its user has, or else of the first by
/// its name of those that the user's roles have. Who has no role has the role `user`.
const DOCUMENT: &str = "SELECT policies.document FROM users
    JOIN policies ON policies.name = COALESCE(
        (SELECT policy FROM user_policies AS own
         WHERE own.issuer = users.issuer AND own.subject = users.subject),
        (SELECT MIN(policy) FROM role_policies WHERE role IN (
            SELECT role FROM user_roles
            WHERE user_roles.issuer = users.issuer AND user_roles.subject = users.subject
            UNION ALL SELECT 'user' WHERE NOT EXISTS (
                SELECT 1 FROM user_roles
                WHERE user_roles.issuer = users.issuer
                AND user_roles.subject = users.subject))))
    WHERE users.account = ?1";

/// The policy that counts. Where D1 cannot be asked there is none, and no call.
pub(crate) async fn of(
    state: &State,
    env: &Env,
    counter: &Counter,
    account: Option<&str>,
) -> Result<Rc<Policies>> {
    if let Some(policies) = counter.policies.borrow().as_ref() {
        return Ok(Rc::clone(policies));
    }
    if let Some(kept) = rows::policy(&state.storage().sql())? {
        return adopt(env, counter, kept);
    }
    match account.filter(|account| !is_anonymous(account)) {
        Some(account) => read(state, env, counter, account, false).await,
        // Nobody's, or asked by a version that does not say whose.
        None => policies(document(env)?, Revision::default()),
    }
}

/// `POST /policy`: what D1 says of the user's policy has changed. When this answers,
/// those that hold something are told.
pub(crate) async fn changed(state: &State, env: &Env, counter: &Counter) -> Result<Response> {
    read_anew(state, env, counter).await?;
    Response::empty()
}

/// Reads a policy again that was not read for a day, as nobody may have told of a change.
pub(crate) async fn read_old(state: &State, env: &Env, counter: &Counter) -> Result<()> {
    let kept = rows::policy(&state.storage().sql())?;
    let is_old = |kept: Kept| clock::now().duration_since(kept.read) >= READ_EVERY;
    if kept.is_some_and(is_old) {
        read_anew(state, env, counter).await?;
    }
    Ok(())
}

/// Reads the policy again if it was read, and tells who holds something if it is another
/// one.
async fn read_anew(state: &State, env: &Env, counter: &Counter) -> Result<()> {
    let Some(before) = rows::policy(&state.storage().sql())? else {
        return Ok(());
    };
    let policies = read(state, env, counter, &before.account, true).await?;
    if policies.revision() != before.revision {
        tell(env, counter, policies.revision()).await;
    }
    Ok(())
}

async fn tell(env: &Env, counter: &Counter, revision: Revision) {
    let names = counter.holders.borrow_mut().names(clock::now());
    let told = names
        .iter()
        .map(|name| session::tell_policy(env, name, revision));
    for error in join_all(told).await.into_iter().filter_map(Result::err) {
        // It goes by the policy before until its lease is over.
        console_error!("telling a session of a policy: {error}");
    }
}

async fn read(
    state: &State,
    env: &Env,
    counter: &Counter,
    account: &str,
    again: bool,
) -> Result<Rc<Policies>> {
    let _turn = counter.reading.lock().await;
    if !again && let Some(policies) = counter.policies.borrow().as_ref() {
        return Ok(Rc::clone(policies)); // by whoever had the turn before
    }
    let statement = env.d1(DB)?.prepare(DOCUMENT);
    let asked = statement.bind_refs(&[D1Type::Text(account)])?;
    let rows = asked.raw::<String>().await?;
    let document = rows.into_iter().flatten().next();
    let kept = rows::save_policy(&state.storage().sql(), account, document, clock::now())?;
    adopt(env, counter, kept)
}

fn adopt(env: &Env, counter: &Counter, kept: Kept) -> Result<Rc<Policies>> {
    let document = match kept.document {
        None => document(env)?,
        Some(text) => Document::read(&text)
            .map_err(|error| Error::RustError(format!("the policy of a user {error}")))?,
    };
    let policies = policies(document, kept.revision)?;
    counter.policies.replace(Some(Rc::clone(&policies)));
    Ok(policies)
}

fn policies(document: Document, revision: Revision) -> Result<Rc<Policies>> {
    let policies = document.policies(revision).map(Rc::new);
    policies.map_err(|error| Error::RustError(error.to_string()))
}

/// The policy of whoever has none of their own.
fn document(env: &Env) -> Result<Document> {
    platform::quota::configured(env)
        .map_err(|bad| Error::RustError(format!("{} {}", bad.variable, bad.problem)))
}

fn is_anonymous(account: &str) -> bool {
    let rest = account.strip_prefix(ANONYMOUS);
    rest.is_some_and(|rest| rest.starts_with('/'))
}
