//! The sessions that an account pays for: how many may be open, and which one
//! gives way to a new one.

use jiff::Timestamp;
use oauth::grant::{GrantId, GrantStore};
use serde::{Deserialize, Serialize};
use worker::{
    Env, Error, Method, Request, RequestInit, Response, Result, SqlStorageValue, State,
    console_error,
};

use super::ACCOUNTS;
use super::grants;
use super::query::Query;
use super::wire::{ENDED, OPEN, SEEN};
use crate::{clock, session};

/// Most sessions of one user unless configured: people have a few clients on a
/// few machines, and many clients open a session each time and never end one.
const SESSIONS_MAX: usize = 200;
/// The variable that says otherwise.
const SESSIONS_PER_USER: &str = "SESSIONS_PER_USER";

const SESSIONS: &str = "CREATE TABLE IF NOT EXISTS sessions (
    name TEXT PRIMARY KEY,
    opened INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID";

/// A session that is about to be opened.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opening {
    /// The name of its object.
    pub name: String,
    /// What the caller's token comes from; none without a token.
    pub grant: Option<GrantId>,
}

/// `POST /sessions/open`: whether the grant still stands; then the session is
/// counted, and the one that was not used for longest gives way to it.
pub(super) async fn open(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let opening: Opening = request.json().await?;
    let now = clock::now();
    if let Some(grant) = &opening.grant {
        let found = grants::rows(state)?.grant(grant)?;
        if found.is_none_or(|grant| now >= grant.expires) {
            return Response::from_json(&false);
        }
    }
    let given_way = add(
        &state.storage().sql(),
        &opening.name,
        now,
        sessions_max(env),
    )?;
    if !given_way.is_empty() {
        let env = env.clone();
        state.wait_until(async move {
            for name in given_way {
                if let Err(error) = session::end(&env, &name).await {
                    console_error!("ending a session that gave way: {error}");
                }
            }
        });
    }
    Response::from_json(&true)
}

/// `POST /sessions/seen`: a session was used, as often as it notes that.
pub(super) async fn seen(state: &State, mut request: Request) -> Result<Response> {
    let name: String = request.json().await?;
    note_use(&state.storage().sql(), &name, clock::now())?;
    Response::empty()
}

/// `POST /sessions/ended`: a session ended, and does not count any more.
pub(super) async fn ended(state: &State, mut request: Request) -> Result<Response> {
    let name: String = request.json().await?;
    remove(&state.storage().sql(), &name)?;
    Response::empty()
}

/// Asks the account whether a session may be opened.
pub async fn may_open(env: &Env, ledger: &str, opening: &Opening) -> Result<bool> {
    let mut answer = post(env, ledger, OPEN, serde_json::to_string(opening)?).await?;
    answer.json().await
}

/// Tells the account that a session was used.
pub(crate) async fn used(env: &Env, ledger: &str, name: &str) -> Result<()> {
    post(env, ledger, SEEN, serde_json::to_string(name)?)
        .await
        .map(|_| ())
}

/// Tells the account that a session ended.
pub(crate) async fn gone(env: &Env, ledger: &str, name: &str) -> Result<()> {
    post(env, ledger, ENDED, serde_json::to_string(name)?)
        .await
        .map(|_| ())
}

async fn post(env: &Env, ledger: &str, path: &str, body: String) -> Result<Response> {
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.into()));
    let request = Request::new_with_init(&format!("https://account{path}"), &init)?;
    let stub = env.durable_object(ACCOUNTS)?.get_by_name(ledger)?;
    let response = stub.fetch_with_request(request).await?;
    if response.status_code() < 300 {
        return Ok(response);
    }
    Err(Error::RustError(format!("an account refused {path}")))
}

fn sessions_max(env: &Env) -> usize {
    let configured = env.var(SESSIONS_PER_USER).map(|value| value.to_string());
    configured
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .filter(|max| *max > 0)
        .unwrap_or(SESSIONS_MAX)
}

/// Adds a session, and gives the names of those that give way.
fn add(database: &impl Query, name: &str, now: Timestamp, max: usize) -> Result<Vec<String>> {
    database.run(SESSIONS, vec![])?;
    let second = now.as_second();
    database.run(
        "INSERT OR REPLACE INTO sessions (name, opened, seen) VALUES (?, ?, ?)",
        vec![name.into(), second.into(), second.into()],
    )?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let rows = database.run(
        "DELETE FROM sessions WHERE name IN (
             SELECT name FROM sessions WHERE name <> ? ORDER BY seen, opened
             LIMIT max(0, (SELECT count(*) FROM sessions) - ?)
         ) RETURNING name",
        vec![name.into(), max.into()],
    )?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(SqlStorageValue::String(name)) => Some(name),
            _ => None,
        })
        .collect())
}

fn note_use(database: &impl Query, name: &str, now: Timestamp) -> Result<()> {
    database.run(SESSIONS, vec![])?;
    database.run(
        "UPDATE sessions SET seen = ? WHERE name = ?",
        vec![now.as_second().into(), name.into()],
    )?;
    Ok(())
}

fn remove(database: &impl Query, name: &str) -> Result<()> {
    database.run(SESSIONS, vec![])?;
    database.run("DELETE FROM sessions WHERE name = ?", vec![name.into()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn the_session_that_was_not_used_for_longest_gives_way() {
        let database = Connection::open_in_memory().unwrap();
        let open = |name: &str, second| add(&database, name, at(second), 2).unwrap();
        assert!(open("a", 0).is_empty() && open("b", 1).is_empty());
        note_use(&database, "a", at(2)).unwrap();
        assert_eq!(open("c", 3), ["b"]);
        assert_eq!(open("d", 4), ["a"]);
        remove(&database, "c").unwrap();
        assert!(open("e", 5).is_empty(), "what ended does not count");
        assert_eq!(open("f", 5), ["d"], "a session never gives way to itself");
    }
}
