//! `HandleObject`: the state behind one handle of a stateless client.
//!
//! A call that names a handle is made by its object, so that calls on one
//! state run one after another and the new value is stored in the step that
//! answers. Who may enter was decided before: a handle is verified for its
//! owner's account without asking the object.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

mod rows;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::lock::{Mutex, OwnedMutexGuard};
use mcp::limits::{HANDLE_IDLE_MAX, HANDLE_SEEN_STALE_MAX};
use mcp::tool::{Aid, Change, Outcome, Said};
use mcp::{ErrorCode, RequestId, meta, reply, sse};
use platform::account::{self, Held, Kind};
use platform::handle::{GIVE_WAY, HandleCall, unknown};
use platform::tools::{self, Messages, Sent, ToolAnswer};
use platform::{clock, json};
use serde_json::{Value, json};
use worker::{
    DurableObject, Env, Request, Response, ResponseBuilder, Result, State, console_error,
    durable_object, wasm_bindgen,
};

use rows::{Payer, Row};

/// The answer where the account could not count a new handle.
fn not_made() -> String {
    let words = "the handle could not be made: try again";
    let error = reply::fault(ErrorCode::INTERNAL_ERROR, words);
    reply::error(Some(&RequestId::Number(0)), &error)
}

/// The object of one handle.
#[durable_object]
#[derive(Debug)]
pub struct HandleObject {
    inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    state: State,
    env: Env,
    /// Calls on one state run one after another.
    turn: Arc<Mutex<()>>,
    /// Whether it was erased: a call that still runs must not bring it back.
    erased: Cell<bool>,
}

/// Only the turn is in memory, and a panic lets go of it.
impl std::panic::RefUnwindSafe for HandleObject {}

impl DurableObject for HandleObject {
    fn new(state: State, env: Env) -> Self {
        Self {
            inner: Rc::new(Inner {
                state,
                env,
                turn: Arc::default(),
                erased: Cell::default(),
            }),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        if request.path() == GIVE_WAY {
            self.inner.erase().await?;
            return Ok(ResponseBuilder::new().with_status(204).empty());
        }
        let call: HandleCall = json::asked(&mut request).await?;
        Rc::clone(&self.inner).call(call).await
    }

    async fn alarm(&self) -> Result<Response> {
        let storage = self.inner.state.storage();
        let used = rows::load(&storage.sql())?.map(|row| row.used_ms);
        match used.map(|used| used.saturating_add(idle_ms_max())) {
            Some(expiry) if expiry > clock::now().as_millisecond() => {
                let left = expiry.saturating_sub(clock::now().as_millisecond());
                storage.set_alarm(left).await?;
            }
            _ => {
                if let Some(payer) = rows::payer(&storage.sql())? {
                    self.inner.tell_account(payer, true);
                }
                self.inner.erase().await?;
            }
        }
        Response::empty()
    }
}

fn idle_ms_max() -> i64 {
    i64::try_from(HANDLE_IDLE_MAX.as_millis()).unwrap_or(i64::MAX)
}

/// Whether the account should be told again that a handle is used.
fn is_stale(told_ms: i64, now_ms: i64) -> bool {
    let stale_ms = i64::try_from(HANDLE_SEEN_STALE_MAX.as_millis()).unwrap_or(i64::MAX);
    now_ms.saturating_sub(told_ms) >= stale_ms
}

impl Inner {
    async fn call(self: Rc<Self>, call: HandleCall) -> Result<Response> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let row = match (rows::load(&self.state.storage().sql())?, &call.mints_for) {
            (None, Some(_)) => Row {
                family: call.family.clone(),
                value: Value::Null,
                used_ms: 0,
            },
            (Some(row), None) if row.family == call.family => row,
            _ => return json_response(unknown()),
        };
        let aid = Aid {
            state: Some(&row.value),
            handle: call.mints_for.is_some().then_some(call.handle.as_str()),
            principal: call.principal.as_ref(),
            session: call.session.as_deref(),
            upstream: call.upstream.as_ref(),
        };
        let body = call.invocation.request(&aid);
        let minted = call.mints_for.map(|ledger| Payer {
            ledger,
            name: call.name,
            told_ms: 0,
        });
        let target = &call.invocation.target;
        let sent = Sent {
            method: target.method(),
            name: target.header(),
            body,
        };
        match tools::send(&self.env, &call.entry_worker, sent, None).await? {
            ToolAnswer::Whole(text) => {
                let text = self.keep(row, text, minted).await?;
                drop(turn);
                json_response(text)
            }
            ToolAnswer::Ended(outcome) => json_response(outcome.into_message()),
            ToolAnswer::Streams(messages) => self.pass_on(turn, row, messages, minted),
        }
    }

    /// Passes a streamed answer on; the last message's state stays here. The
    /// next call on this state waits until then.
    fn pass_on(
        self: Rc<Self>,
        turn: OwnedMutexGuard<()>,
        row: Row,
        mut messages: Messages,
        minted: Option<Payer>,
    ) -> Result<Response> {
        let events = async_stream::stream! {
            let _turn = turn;
            while let Some(message) = messages.next().await {
                match self.keep(row.clone(), message, minted.clone()).await {
                    Ok(message) => yield Ok(sse::event(None, &message).into_bytes()),
                    Err(error) => yield Err(error),
                }
            }
        };
        ResponseBuilder::new()
            .with_header("content-type", "text/event-stream")?
            .from_stream(Box::pin(events))
    }

    /// Stores the state that a message carries, and gives the message without.
    async fn keep(&self, row: Row, message: String, minted: Option<Payer>) -> Result<String> {
        let Said::Finished(Outcome::Complete {
            mut result,
            state,
            changes,
        }) = Said::read(&message)
        else {
            return Ok(message);
        };
        if !changes.is_empty() {
            // For whoever asked: the object only keeps the state.
            result.insert("_meta".into(), meta_with(result.get("_meta"), &changes));
        }
        if let Some(value) = state {
            if let Some(payer) = &minted {
                // Only now is it sure that there is something to count.
                let counted = account::begins(&self.env, &payer.ledger, &payer.held()).await;
                if let Err(error) = counted {
                    console_error!("counting a new handle: {error}");
                    return Ok(not_made());
                }
            }
            if self.erased.get() {
                return Ok(unknown()); // it gave way, or expired, meanwhile
            }
            self.store(Row { value, ..row }, minted).await?;
        }
        Ok(reply::result(&RequestId::Number(0), &result))
    }

    async fn store(&self, row: Row, minted: Option<Payer>) -> Result<()> {
        let (storage, used_ms) = (self.state.storage(), clock::now().as_millisecond());
        let sql = storage.sql();
        rows::save(&sql, &Row { used_ms, ..row })?;
        let told_ms = used_ms;
        if let Some(payer) = minted {
            rows::save_payer(&sql, &Payer { told_ms, ..payer })?;
            storage.set_alarm(idle_ms_max()).await?;
        } else if let Some(payer) = rows::payer(&sql)?
            && is_stale(payer.told_ms, used_ms)
        {
            let payer = Payer { told_ms, ..payer };
            rows::save_payer(&sql, &payer)?;
            self.tell_account(payer, false);
        }
        Ok(())
    }

    async fn erase(&self) -> Result<()> {
        self.erased.set(true);
        let storage = self.state.storage();
        storage.delete_alarm().await?;
        storage.delete_all().await
    }

    /// Tells the account, without waiting, that the handle was used or is gone.
    fn tell_account(&self, payer: Payer, gone: bool) {
        let env = self.env.clone();
        self.state.wait_until(async move {
            let held = payer.held();
            let told = if gone {
                account::gone(&env, &payer.ledger, &held).await
            } else {
                account::used(&env, &payer.ledger, &held).await
            };
            if let Err(error) = told {
                console_error!("telling an account of its handle: {error}");
            }
        });
    }
}

impl Payer {
    /// As what the account counts it.
    fn held(&self) -> Held {
        Held {
            kind: Kind::Handle,
            name: self.name.clone(),
        }
    }
}

/// The result's `_meta`, with the changes in it again.
fn meta_with(meta: Option<&Value>, changes: &[Change]) -> Value {
    let mut meta = meta.cloned().unwrap_or_else(|| json!({}));
    if let Some(meta) = meta.as_object_mut() {
        meta.insert(meta::CHANGES.into(), json!(changes));
    }
    meta
}

fn json_response(text: String) -> Result<Response> {
    Ok(ResponseBuilder::new()
        .with_header("content-type", "application/json")?
        .fixed(text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_told_of_uses_a_few_hours_apart_only() {
        let hours = |hours: i64| hours * 3_600_000;
        for (since, stale) in [(0, false), (hours(6) - 1, false), (hours(6), true)] {
            assert_eq!(is_stale(hours(100), hours(100) + since), stale, "{since}");
        }
        assert!(
            !is_stale(hours(100), hours(99)),
            "a clock that was set back"
        );
    }
}
