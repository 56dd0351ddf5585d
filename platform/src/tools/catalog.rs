//! What the tool Workers offer, asked once in a while and kept by the isolate.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use mcp::tool::catalog::{Announced, Entry, Kind};
use mcp::tool::{Catalog, Target};
use serde_json::json;
use worker::{Env, Result};

use super::answer::{ToolAnswer, whole, within};
use super::call::{Sent, send};
use crate::clock;

/// How long a list is used before the tool Workers are asked again.
const CATALOG_LIFE: SignedDuration = SignedDuration::from_secs(60);
/// How young a list may be and still be asked for anew because it lacks
/// something, or a Worker was down: a client must not make us ask each time.
const CATALOG_REST: SignedDuration = SignedDuration::from_secs(5);
/// How long a Worker may take to say what it offers.
const CATALOG_SILENCE_MAX: Duration = Duration::from_secs(10);
/// How long is waited for what is told in a document that is good without it.
const SOON: Duration = Duration::from_secs(2);
/// Most pages of one list of one Worker.
const PAGES_MAX: usize = 100;

/// The variable that names the service bindings of the tool Workers and what is linked,
/// with commas between them.
const TOOL_WORKERS: &str = "TOOL_WORKERS";

#[derive(Clone)]
struct Kept {
    catalog: Rc<Catalog>,
    since: Timestamp,
    life: SignedDuration,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
    /// What each Worker answered last: better than nothing while it is down.
    static LAST: RefCell<HashMap<String, Rc<Listed>>> = RefCell::default();
}

/// Everything, as of the last minute.
pub async fn catalog(env: &Env) -> Result<Rc<Catalog>> {
    younger_than(env, CATALOG_LIFE).await
}

/// Has the next request ask the tool Workers again: something changed.
pub fn forget_catalog() {
    KEPT.set(None);
}

/// What is asked for, if a caller with these scopes may use it: every call of
/// something comes through here. The Workers are asked anew if the kept list lacks
/// it.
pub async fn find(env: &Env, target: &Target, scopes: &[String]) -> Result<Option<Rc<Entry>>> {
    let known = known(env, target).await?;
    Ok(known.filter(|entry| entry.is_open_to(scopes)))
}

/// Everything, for whoever does not wait long for it: none if a Worker takes its
/// time.
pub async fn catalog_soon(env: &Env) -> Option<Rc<Catalog>> {
    within(SOON, catalog(env)).await?.ok()
}

/// What is asked for, whoever may use it; none if there is no such thing.
pub async fn known(env: &Env, target: &Target) -> Result<Option<Rc<Entry>>> {
    if let Some(entry) = catalog(env).await?.find(target) {
        return Ok(Some(Rc::clone(entry)));
    }
    Ok(younger_than(env, CATALOG_REST).await?.find(target).cloned())
}

async fn younger_than(env: &Env, life: SignedDuration) -> Result<Rc<Catalog>> {
    let now = clock::now();
    if let Some(kept) = KEPT.with_borrow(Clone::clone)
        && now.duration_since(kept.since).abs() < life.min(kept.life)
    {
        return Ok(kept.catalog);
    }
    let (catalog, fresh) = ask_all(env).await;
    let catalog = Rc::new(catalog);
    // A list that is old in part is not kept for long.
    KEPT.set(Some(Kept {
        catalog: Rc::clone(&catalog),
        since: clock::now(),
        life: if fresh { CATALOG_LIFE } else { CATALOG_REST },
    }));
    Ok(catalog)
}

/// What one Worker answered.
struct Listed {
    announced: Announced,
    /// Pages, in the order of the Worker.
    pages: Vec<(Kind, String)>,
}

async fn ask_all(env: &Env) -> (Catalog, bool) {
    let names = env
        .var(TOOL_WORKERS)
        .map(|names| names.to_string())
        .unwrap_or_default();
    let workers: Vec<&str> = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    let answers = join_all(workers.iter().map(|worker| ask_in_time(env, worker))).await;
    let mut catalog = Catalog::default();
    let mut fresh = true;
    for (worker, answer) in workers.into_iter().zip(answers) {
        let mut warn = |problem: String| worker::console_error!("{worker}: {problem}");
        let listed = match answer {
            Ok(listed) => {
                let listed = Rc::new(listed);
                LAST.with_borrow_mut(|last| last.insert(worker.to_owned(), Rc::clone(&listed)));
                Some(listed)
            }
            Err(error) => {
                warn(format!("asking what it offers: {error}"));
                fresh = false;
                LAST.with_borrow(|last| last.get(worker).cloned())
            }
        };
        let Some(listed) = listed else {
            catalog.miss();
            continue;
        };
        catalog.announce(&listed.announced);
        for (kind, page) in &listed.pages {
            if let Err(error) = catalog.add(*kind, worker, page, &mut warn) {
                warn(format!("{} is no readable list: {error}", kind.method()));
                fresh = false;
            }
        }
    }
    (catalog, fresh)
}

/// A Worker that takes longer is taken to be down: everybody waits for this.
async fn ask_in_time(env: &Env, worker: &str) -> Result<Listed> {
    within(CATALOG_SILENCE_MAX, ask(env, worker))
        .await
        .unwrap_or_else(|| Err(worker::Error::RustError("it gave no answer in time".into())))
}

/// `server/discover`, then every list that the Worker says it has, at once.
async fn ask(env: &Env, worker: &str) -> Result<Listed> {
    let announced = Announced::read(&request(env, worker, "server/discover", None).await?)?;
    let lists = announced.kinds().map(|kind| list(env, worker, kind));
    let mut pages = Vec::new();
    for list in join_all(lists).await {
        pages.extend(list?);
    }
    Ok(Listed { announced, pages })
}

async fn list(env: &Env, worker: &str, kind: Kind) -> Result<Vec<(Kind, String)>> {
    let mut pages = Vec::new();
    let mut cursor = None;
    while pages.len() < PAGES_MAX {
        let page = request(env, worker, kind.method(), cursor.as_deref()).await?;
        cursor = Catalog::default().add(kind, worker, &page, |_| ())?;
        pages.push((kind, page));
        if cursor.is_none() {
            break;
        }
    }
    Ok(pages)
}

async fn request(env: &Env, worker: &str, method: &str, cursor: Option<&str>) -> Result<String> {
    let mut params = json!({ "_meta": {
        mcp::meta::PROTOCOL_VERSION: "2026-07-28",
        mcp::meta::CLIENT_CAPABILITIES: {},
    }});
    if let (Some(cursor), Some(params)) = (cursor, params.as_object_mut()) {
        params.insert("cursor".into(), cursor.into());
    }
    let id = mcp::RequestId::Number(0);
    let body = mcp::reply::request(&id, method, Some(&params));
    let sent = Sent {
        method,
        name: None,
        body,
    };
    match send(env, worker, sent, None).await? {
        ToolAnswer::Whole(text) => Ok(text),
        ToolAnswer::Ended(outcome) => Ok(outcome.into_message()),
        ToolAnswer::Streams(messages) => whole(messages)
            .await
            .ok_or_else(|| worker::Error::RustError("the stream ended without an answer".into())),
    }
}
