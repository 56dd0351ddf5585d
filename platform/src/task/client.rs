//! How others ask a task's object.

use std::collections::BTreeMap;

use mcp::task::{Record, TaskId};
use serde_json::Value;
use worker::{Env, Error, Method, Request, RequestInit, Response, Result, WebSocket};

use super::wire;
use crate::json;

/// Makes the task durable; it begins at once.
pub async fn create(env: &Env, id: &TaskId, record: &Record) -> Result<()> {
    let body = serde_json::to_string(record)?;
    match send(env, id, Method::Post, wire::CREATE, Some(body)).await? {
        Some(_) => Ok(()),
        None => Err(failed("a new task was not made")),
    }
}

/// The task as it stands; none if it is unknown or forgotten.
pub async fn get(env: &Env, id: &TaskId) -> Result<Option<Record>> {
    match send(env, id, Method::Get, wire::GET, None).await? {
        Some(response) => Ok(Some(json::answered(response).await?)),
        None => Ok(None),
    }
}

/// Answers questions of the task; whether there is one.
pub async fn update(env: &Env, id: &TaskId, answers: &BTreeMap<String, Value>) -> Result<bool> {
    let body = serde_json::to_string(answers)?;
    let answer = send(env, id, Method::Post, wire::UPDATE, Some(body)).await?;
    Ok(answer.is_some())
}

/// Cancels the task; whether there is one.
pub async fn cancel(env: &Env, id: &TaskId) -> Result<bool> {
    let answer = send(env, id, Method::Post, wire::CANCEL, None).await?;
    Ok(answer.is_some())
}

/// A socket over which the task comes whenever it changes; none if it is unknown
/// or forgotten.
pub async fn listen(env: &Env, id: &TaskId) -> Result<Option<WebSocket>> {
    let answer = send(env, id, Method::Get, wire::LISTEN, None).await?;
    answer
        .map(|response| {
            let socket = response.websocket();
            socket.ok_or_else(|| failed("a task gave no socket"))
        })
        .transpose()
}

/// Ends a task that has to give way, by the name of its object.
pub async fn give_way(env: &Env, name: &str) -> Result<()> {
    match send_to(env, name, Method::Post, wire::GIVE_WAY, None).await? {
        Some(_) => Ok(()),
        None => Err(failed("a task did not give way")),
    }
}

async fn send(
    env: &Env,
    id: &TaskId,
    method: Method,
    path: &str,
    body: Option<String>,
) -> Result<Option<Response>> {
    send_to(env, id.name(), method, path, body).await
}

async fn send_to(
    env: &Env,
    name: &str,
    method: Method,
    path: &str,
    body: Option<String>,
) -> Result<Option<Response>> {
    let mut init = RequestInit::new();
    init.with_method(method);
    init.with_body(body.map(Into::into));
    if path == wire::LISTEN {
        init.headers.set("upgrade", "websocket")?;
    }
    let request = Request::new_with_init(&format!("https://task{path}"), &init)?;
    let stub = env.durable_object(wire::TASKS)?.get_by_name(name)?;
    let response = stub.fetch_with_request(request).await?;
    match response.status_code() {
        404 => Ok(None),
        101 | 200 | 204 => Ok(Some(response)),
        _ => Err(failed("a task's object failed")),
    }
}

fn failed(words: &str) -> Error {
    Error::RustError(words.to_owned())
}
