//! Records of what happens, on their way to the audit.
//!
//! Whoever serves something notes a record and goes on: no answer waits for it, and
//! no row is written. What an isolate has noted in half a second it sends to a queue
//! behind its answers (`audit::Gathering`); what the queue does not take, the account of who did it keeps
//! until it does. What an admin does is awaited: it is in one of the two before the
//! answer.

mod calling;
mod digest;
mod ending;
mod refused;

use std::cell::RefCell;
use std::time::Duration;

use audit::{Batch, Gathering, Record, Word};
use futures_util::future::{Either, select};
use futures_util::pin_mut;
use worker::wasm_bindgen::JsValue;
use worker::{Delay, Env, Error, QueueContentType, RawMessageBuilder, Result, console_error};

use crate::behind::behind_the_answer;
use crate::{account, clock, random};

pub use calling::Calling;
pub use ending::gone;
pub use refused::{Refused, closed, refused};

/// The binding of the queue.
const RECORDS: &str = "RECORDS";
/// Longest that the queue may take to take a batch. What it takes nevertheless comes
/// twice then, and counts once.
const QUEUE_WAIT_MAX: Duration = Duration::from_secs(5);
/// The account that keeps records of nobody whom we know.
const NOBODY: &str = "nobody";

/// Longest id of an app that records show as it is.
const CLIENT_ID_CHARS_MAX: usize = 128;
/// How much of a longer one tells it from others.
const CLIENT_TAIL_CHARS: usize = 12;

thread_local! {
    static GATHERING: RefCell<Gathering> = RefCell::default();
}

/// What records call an app: by its id, if that is one that people can read, such as
/// the URL of its document, and else by its name and what tells it from others.
pub fn client(id: &str, name: Option<&str>) -> String {
    if id.len() <= CLIENT_ID_CHARS_MAX {
        return id.to_owned();
    }
    // A registration's id is the registration, sealed: its end is the seal's.
    let end = id.get(id.len() - CLIENT_TAIL_CHARS..).unwrap_or_default();
    format!("{} ({end})", name.unwrap_or("an app"))
}

/// Notes a record, which is sent behind the answer.
pub fn note(env: &Env, record: Record) {
    let sends = GATHERING.with_borrow_mut(|gathering| gathering.note(clock::now(), record));
    let Some(wait) = sends else { return };
    let env = env.clone();
    behind_the_answer(async move {
        if !wait.is_zero() {
            Delay::from(wait).await;
        }
        if let Err(error) = send_all(&env).await {
            console_error!("records wait in memory: {error}");
        }
    });
}

/// Notes a record that must not be lost: it has arrived when this returns.
pub async fn settle(env: &Env, record: Record) -> Result<()> {
    for batch in Batch::pack(vec![record], random::bytes()?) {
        deliver(env, &batch).await?;
    }
    Ok(())
}

/// Sends a batch to the queue. An error says nothing about whether it arrived.
pub async fn send(env: &Env, batch: &Batch) -> Result<()> {
    #[cfg(feature = "faults")]
    crate::faults::before(env, crate::faults::RECORDS)?;
    let queue = env.queue(RECORDS)?;
    let message = RawMessageBuilder::new(JsValue::from_str(&batch.text()));
    let sending = queue.send_raw(message.build_with_content_type(QueueContentType::Text));
    pin_mut!(sending);
    match select(sending, Delay::from(QUEUE_WAIT_MAX)).await {
        Either::Left((sent, _)) => sent?,
        Either::Right(_) => return Err(Error::RustError("the queue gave no answer".into())),
    }
    #[cfg(feature = "faults")]
    crate::faults::after(env, crate::faults::RECORDS)?;
    Ok(())
}

async fn send_all(env: &Env) -> Result<()> {
    let seed = random::bytes()?;
    GATHERING.with_borrow_mut(|gathering| gathering.pack(seed));
    loop {
        let next = GATHERING.with_borrow_mut(|gathering| gathering.next(clock::now()));
        let Some(batch) = next else { return Ok(()) };
        let delivered = deliver(env, &batch).await;
        let lost = GATHERING.with_borrow_mut(|gathering| {
            if delivered.is_ok() {
                gathering.arrived(&batch.id);
            }
            gathering.give_up()
        });
        if lost > 0 {
            console_error!("{lost} records are LOST: neither queue nor accounts take them");
        }
        delivered?;
    }
}

/// Brings a batch to the queue, or to the account that keeps it meanwhile.
async fn deliver(env: &Env, batch: &Batch) -> Result<()> {
    let Err(error) = send(env, batch).await else {
        return Ok(());
    };
    console_error!("the queue of records: {error}");
    keep(env, batch).await
}

/// Gives a batch to the account of the first record's user: a batch stays whole, or
/// nobody could tell that it came before.
pub async fn keep(env: &Env, batch: &Batch) -> Result<()> {
    let first = batch.records.first();
    let user = first.and_then(|written| written.record().actor.account.as_ref());
    let name = user.map_or(NOBODY, Word::as_str);
    account::keep_records(env, name, batch).await
}
