//! How others ask a session's object.

mod arrived;
mod presented;
pub mod wire;

pub use arrived::{Arrived, Serving};
pub use presented::{At, Presented};

use mcp::tool::Change;
use serde::{Deserialize, Serialize};
use worker::{Env, Method, Request, RequestInit, Result};

#[cfg(feature = "faults")]
use crate::faults;

/// What a client is told whose request a session's object did not finish.
pub const FAILED: &str =
    "the session failed during this request; whether it was carried out is unknown";

/// How an object has lived.
#[derive(Debug, Serialize, Deserialize)]
pub struct Diagnostics {
    /// How often the object was constructed and asked for something; 0 if that
    /// is not counted.
    pub constructed: u64,
    /// What was asked of it since, this question included.
    pub asked: u64,
    /// Rows written since it was constructed, alarms among them, the one that
    /// counts constructions not.
    pub written: u64,
    /// Events kept for replay.
    pub events: u64,
    /// Calls that have a stream, ended ones included whose events are kept.
    pub streams: u64,
    /// Sockets of streams that are open.
    pub sockets: u64,
    /// Bytes that the database takes.
    pub bytes: u64,
}

/// Tells a session of a change; whether there is still such a session.
pub async fn tell(env: &Env, session: &str, change: &Change) -> Result<bool> {
    let stub = env.durable_object(wire::SESSIONS)?.get_by_name(session)?;
    let mut init = RequestInit::new();
    let body = serde_json::to_string(change)?;
    init.with_method(Method::Post).with_body(Some(body.into()));
    let url = format!("https://session{}", wire::CHANGED);
    let response = stub
        .fetch_with_request(Request::new_with_init(&url, &init)?)
        .await?;
    Ok(response.status_code() != 404)
}

/// Tells a session which revision of its user's policies holds now.
pub async fn tell_policy(env: &Env, session: &str, revision: quota::Revision) -> Result<()> {
    let stub = env.durable_object(wire::SESSIONS)?.get_by_name(session)?;
    let mut init = RequestInit::new();
    let body = serde_json::to_string(&revision)?;
    init.with_method(Method::Post).with_body(Some(body.into()));
    let url = format!("https://session{}", wire::POLICY);
    stub.fetch_with_request(Request::new_with_init(&url, &init)?)
        .await
        .map(|_| ())
}

/// Ends a session for its account: it gives way, or nobody may use it any more.
pub async fn end(env: &Env, session: &str) -> Result<()> {
    let stub = env.durable_object(wire::SESSIONS)?.get_by_name(session)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    let url = format!("https://session{}", wire::GIVE_WAY);
    #[cfg(feature = "faults")]
    faults::before(env, faults::ACCOUNTS)?;
    stub.fetch_with_request(Request::new_with_init(&url, &init)?)
        .await?;
    #[cfg(feature = "faults")]
    faults::after(env, faults::ACCOUNTS)?;
    Ok(())
}
