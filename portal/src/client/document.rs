//! Fetching the documents of clients (CIMD section 4), and remembering them.
//!
//! The rules are `oauth::client`'s; which URLs may be fetched was decided
//! before. Nothing that was fetched goes further than what they make of it.

use std::cell::RefCell;
use std::thread::LocalKey;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Request, header};
use oauth::client::{
    BadDocument, CacheFields, Client, DOCUMENT_BYTES_MAX, DOCUMENT_TIME_MAX, DocumentUrl, Kept,
    Served, Turn, Turns, kept_for,
};
use oauth::public_keys::PublicKeys;
use platform::clock;
use platform::fetch::{self, FetchError, Limits};
use quota::Gate;
use worker::Delay;

use crate::app::App;
use crate::error::Error;
use crate::gate;

/// What is read of a document, and for how long.
const LIMITS: Limits = Limits {
    time: DOCUMENT_TIME_MAX,
    bytes: DOCUMENT_BYTES_MAX,
};

/// Between two looks whether another request has fetched what this one needs.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

thread_local! {
    static CLIENTS: RefCell<Kept<Client>> = RefCell::default();
    static KEYS: RefCell<Kept<PublicKeys>> = RefCell::default();
    static TURNS: RefCell<Turns> = RefCell::default();
}

/// Whether what is remembered will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// As long as it is good.
    Usually,
    /// If it was fetched just now: it lacks what was looked for.
    Anew,
}

/// The client that a document describes.
pub(super) async fn client(
    app: &App,
    url: &DocumentUrl,
    asked: Asked,
) -> Result<Result<Client, BadDocument>, Error> {
    let clients = &app.config.keys.clients;
    let read = |served: &Served| clients.read_document(url, served);
    obtain(app, &CLIENTS, (url, asked), read).await
}

/// The keys in a document of their own.
pub(super) async fn keys(
    app: &App,
    url: &DocumentUrl,
    asked: Asked,
) -> Result<Result<PublicKeys, BadDocument>, Error> {
    let clients = &app.config.keys.clients;
    let read = |served: &Served| clients.read_keys(served);
    obtain(app, &KEYS, (url, asked), read).await
}

/// What `read` makes of a document: remembered, or fetched now. What it refuses
/// is not remembered. Only what is fetched passes the gate.
async fn obtain<T: Clone>(
    app: &App,
    memory: &'static LocalKey<RefCell<Kept<T>>>,
    (url, asked): (&DocumentUrl, Asked),
    read: impl Fn(&Served) -> Result<T, BadDocument>,
) -> Result<Result<T, BadDocument>, Error> {
    let since = clock::now();
    let fetching = loop {
        let now = clock::now();
        let known = memory.with_borrow(|kept| match asked {
            Asked::Usually => kept.known(url, now).cloned(),
            Asked::Anew => kept.known_anew(url, now).cloned(),
        });
        if let Some(known) = known {
            return Ok(Ok(known));
        }
        match TURNS.with_borrow_mut(|turns| turns.ask(url, since, now)) {
            Turn::Fetch(fetching) => break fetching,
            Turn::Wait => Delay::from(LOOK_AGAIN).await,
            Turn::GiveUp => return Ok(Err(BadDocument::Busy)),
        }
    };
    if let Err(closed) = gate::enter(app, Gate::Document).await {
        TURNS.with_borrow_mut(|turns| turns.end(&fetching));
        return Err(closed);
    }
    let served = get(url).await;
    let now = clock::now();
    let read = served.and_then(|served| {
        let found = read(&served)?;
        if let Some(life) = kept_for(&served.cache, now) {
            memory.with_borrow_mut(|kept| kept.learn(url.clone(), found.clone(), life, now));
        }
        Ok(found)
    });
    TURNS.with_borrow_mut(|turns| turns.end(&fetching));
    if let Err(bad) = &read {
        worker::console_log!("the document at {} was refused: {bad}", url.as_str());
    }
    Ok(read)
}

async fn get(url: &DocumentUrl) -> Result<Served, BadDocument> {
    let accept = HeaderValue::from_static("application/json");
    let request = Request::get(url.as_str()).header(header::ACCEPT, accept);
    let request = request.body(Vec::new());
    let request = request.map_err(|_| BadDocument::Unreachable)?;
    let answer = fetch::send(request, &LIMITS).await;
    let (parts, body) = answer.map_err(|error| why(&error))?.into_parts();
    let field = |name| text(&parts.headers, name);
    Ok(Served {
        status: parts.status.as_u16(),
        content_type: field(header::CONTENT_TYPE),
        cache: CacheFields {
            cache_control: field(header::CACHE_CONTROL),
            age: field(header::AGE),
            date: field(header::DATE),
            expires: field(header::EXPIRES),
        },
        body,
    })
}

fn text(fields: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let value = fields.get(name)?;
    value.to_str().ok().map(str::to_owned)
}

fn why(error: &FetchError) -> BadDocument {
    match error {
        FetchError::Timeout => BadDocument::Slow,
        FetchError::TooLarge => BadDocument::TooLarge,
        FetchError::Failed(_) => BadDocument::Unreachable,
    }
}
