//! The tools of all tool Workers, asked once in a while and kept by the isolate.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};
use mcp::tool::{Catalog, Entry};
use worker::{Env, Result};

use super::answer::{ToolAnswer, whole};
use super::call::send;
use crate::clock;

/// How long a list is used before the tool Workers are asked again.
const CATALOG_LIFE: SignedDuration = SignedDuration::from_secs(60);
/// How young a list may be and still be asked for anew because it lacks a
/// tool: a client that calls unknown tools must not make us ask each time.
const CATALOG_REST: SignedDuration = SignedDuration::from_secs(5);

/// The variable that names the service bindings of the tool Workers, with
/// commas between them.
const TOOL_WORKERS: &str = "TOOL_WORKERS";

const LIST_REQUEST: &str = concat!(
    r#"{"jsonrpc":"2.0","id":0,"method":"tools/list","params":{"_meta":{"#,
    r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
    r#""io.modelcontextprotocol/clientCapabilities":{}}}}"#
);

#[derive(Clone)]
struct Kept {
    catalog: Rc<Catalog>,
    since: Timestamp,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// Every tool, as of the last minute.
pub async fn catalog(env: &Env) -> Result<Rc<Catalog>> {
    younger_than(env, CATALOG_LIFE).await
}

/// The tool of that name; asked for anew if the kept list lacks it.
pub async fn find(env: &Env, name: &str) -> Result<Option<Entry>> {
    if let Some(entry) = catalog(env).await?.find(name) {
        return Ok(Some(entry.clone()));
    }
    Ok(younger_than(env, CATALOG_REST).await?.find(name).cloned())
}

async fn younger_than(env: &Env, life: SignedDuration) -> Result<Rc<Catalog>> {
    let now = clock::now();
    if let Some(kept) = KEPT.with_borrow(Clone::clone)
        && now.duration_since(kept.since).abs() < life
    {
        return Ok(kept.catalog);
    }
    let (catalog, complete) = ask(env).await?;
    let catalog = Rc::new(catalog);
    // A list that lacks a Worker's tools is served, but not kept.
    if complete {
        KEPT.set(Some(Kept {
            catalog: Rc::clone(&catalog),
            since: now,
        }));
    }
    Ok(catalog)
}

async fn ask(env: &Env) -> Result<(Catalog, bool)> {
    let mut catalog = Catalog::default();
    let mut complete = true;
    let workers = env
        .var(TOOL_WORKERS)
        .map(|names| names.to_string())
        .unwrap_or_default();
    for worker in workers
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        let answer = match send(env, worker, "tools/list", None, LIST_REQUEST.to_owned()).await {
            Ok(ToolAnswer::Whole(text)) => Some(text),
            Ok(ToolAnswer::Streams(messages)) => whole(messages).await,
            Err(error) => {
                worker::console_error!("asking {worker} for its tools: {error}");
                None
            }
        };
        if answer.is_none_or(|text| catalog.add(worker, &text).is_err()) {
            worker::console_error!("{worker} gave no readable list of tools");
            complete = false;
        }
    }
    Ok((catalog, complete))
}
