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

use std::rc::Rc;
use std::sync::Arc;

use futures_util::lock::{Mutex, OwnedMutexGuard};
use mcp::RequestId;
use mcp::handle::Handle;
use mcp::limits::HANDLE_IDLE_MAX;
use mcp::principal::Principal;
use mcp::tool::{Aid, Change, Invocation, Outcome, Said};
use mcp::{meta, reply, sse};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use worker::{
    AbortSignal, DurableObject, Env, Method, Request, RequestInit, Response, ResponseBuilder,
    Result, State, durable_object, wasm_bindgen,
};

use crate::clock;
use crate::tools::{self, HangUp, Messages, Sent, ToolAnswer};
use rows::Row;

/// The binding of these objects.
const HANDLES: &str = "HANDLES";

/// A call of a tool on the state of a handle.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HandleCall {
    /// The binding of the tool Worker.
    pub(crate) entry_worker: String,
    /// The family whose state it is.
    pub(crate) family: String,
    /// The handle, as the client knows it.
    pub(crate) handle: String,
    /// Whether the handle begins with this call.
    pub(crate) mints: bool,
    /// Who calls, if the tool wants to know.
    pub(crate) principal: Option<Principal>,
    /// The session, likewise.
    pub(crate) session: Option<String>,
    /// The call.
    pub(crate) invocation: Invocation,
}

/// Sends a call to the object of its handle.
pub(crate) async fn send(
    env: &Env,
    handle: &Handle,
    call: &HandleCall,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer> {
    let stub = env.durable_object(HANDLES)?.get_by_name(handle.name())?;
    let mut init = RequestInit::new();
    let body = serde_json::to_string(call)?;
    init.with_method(Method::Post).with_body(Some(body.into()));
    let mut hang_up = HangUp::new()?;
    let request = hang_up.on(&Request::new_with_init("https://handle/call", &init)?, left)?;
    let response = stub.fetch_with_request(request).await;
    hang_up.answered = true;
    let response = response?;
    ToolAnswer::of(response.try_into()?).await
}

/// The answer for a handle that is unknown, expired or somebody else's: for
/// the model to see (M-STATE-02).
pub(crate) fn unknown() -> String {
    let words = "This handle does not exist or has expired. Get a new one and try again.";
    reply::result(
        &RequestId::Number(0),
        &json!({ "content": [{ "type": "text", "text": words }], "isError": true }),
    )
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
            }),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let call: HandleCall = serde_json::from_slice(&request.bytes().await?)?;
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
            _ => storage.delete_all().await?,
        }
        Response::empty()
    }
}

fn idle_ms_max() -> i64 {
    i64::try_from(HANDLE_IDLE_MAX.as_millis()).unwrap_or(i64::MAX)
}

impl Inner {
    async fn call(self: Rc<Self>, call: HandleCall) -> Result<Response> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let row = match (rows::load(&self.state.storage().sql())?, call.mints) {
            (None, true) => Row {
                family: call.family.clone(),
                value: Value::Null,
                used_ms: 0,
            },
            (Some(row), false) if row.family == call.family => row,
            _ => return json_response(unknown()),
        };
        let aid = Aid {
            state: Some(&row.value),
            handle: call.mints.then_some(call.handle.as_str()),
            principal: call.principal.as_ref(),
            session: call.session.as_deref(),
        };
        let body = call.invocation.request(&aid);
        let target = &call.invocation.target;
        let sent = Sent {
            method: target.method(),
            name: target.header(),
            body,
        };
        match tools::send(&self.env, &call.entry_worker, sent, None).await? {
            ToolAnswer::Whole(text) => {
                let text = self.keep(row, text, call.mints).await?;
                drop(turn);
                json_response(text)
            }
            ToolAnswer::Streams(messages) => self.pass_on(turn, row, messages, call.mints),
        }
    }

    /// Passes a streamed answer on; the last message's state stays here. The
    /// next call on this state waits until then.
    fn pass_on(
        self: Rc<Self>,
        turn: OwnedMutexGuard<()>,
        row: Row,
        mut messages: Messages,
        mints: bool,
    ) -> Result<Response> {
        let events = async_stream::stream! {
            let _turn = turn;
            while let Some(message) = messages.next().await {
                match self.keep(row.clone(), message, mints).await {
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
    async fn keep(&self, row: Row, message: String, mints: bool) -> Result<String> {
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
            let storage = self.state.storage();
            let used_ms = clock::now().as_millisecond();
            rows::save(
                &storage.sql(),
                &Row {
                    value,
                    used_ms,
                    ..row
                },
            )?;
            if mints {
                storage.set_alarm(idle_ms_max()).await?;
            }
        }
        Ok(reply::result(&RequestId::Number(0), &result))
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
