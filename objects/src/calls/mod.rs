//! `CallsObject`: makes the stateless calls of one account whose policy says how many may
//! run at once.
//!
//! It keeps nothing but the permits of the calls that run, in memory: they end with it,
//! and the next call that it makes tells the account so. What it calls was permitted and
//! paid for before.

#![expect(
    missing_docs,
    reason = "the methods that the macro exports cannot have any"
)]

use std::pin::pin;
use std::rc::Rc;

use ::quota::Mark;
use mcp::{RequestId, reply, sse};
use platform::calls::{CALLS, REFUSED, StatelessCall};
use platform::json;
use platform::quota::{PERMITS_HELD, Permits, Running, Spender, while_permitted};
use platform::tools::{self, Caller, Messages, ToolAnswer};
use worker::{
    AbortSignal, DurableObject, Env, Error, Request, Response, ResponseBuilder, Result, State,
    durable_object, wasm_bindgen,
};

/// The object of one account's calls.
#[durable_object]
#[derive(Debug)]
pub struct CallsObject {
    env: Env,
    permits: Rc<Permits>,
}

/// A call that panics lets go of its permit, and has nothing else in memory.
impl std::panic::RefUnwindSafe for CallsObject {}

impl DurableObject for CallsObject {
    fn new(state: State, env: Env) -> Self {
        let permits = Permits::of_object(CALLS, &state.id());
        Self {
            env,
            permits: Rc::new(permits),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        if request.path() == PERMITS_HELD {
            return Response::from_json(&self.permits.held());
        }
        let left = AbortSignal::from(request.inner().signal());
        let call: StatelessCall = json::asked(&mut request).await?;
        self.make(&call, &left).await
    }
}

impl CallsObject {
    async fn make(&self, call: &StatelessCall, left: &AbortSignal) -> Result<Response> {
        let (env, principal) = (&self.env, &call.principal);
        let target = &call.invocation.target;
        let Some(entry) = tools::find(env, target, &principal.scopes).await? else {
            return whole(reply::error(Some(&RequestId::Number(0)), &target.unknown()));
        };
        let spender = Spender {
            account: &principal.ledger,
            grant: None, // whoever has it made was asked already
            session: None,
            mark: Mark::default(),
        };
        let started = self.permits.start(env, spender, &call.family).await?;
        let running = match started {
            Ok(running) => running,
            Err(refused) => return Ok(Response::from_json(&refused)?.with_status(REFUSED)),
        };
        if left.aborted() {
            return Err(Error::RustError("nobody waits for the call".into()));
        }
        let caller = Caller {
            principal,
            session: None,
            session_state: None,
            left: Some(left),
        };
        let answering = pin!(tools::call(env, &entry, &call.invocation, caller));
        match while_permitted(running.as_ref(), answering).await {
            Some(Ok(ToolAnswer::Whole(text))) => whole(text),
            Some(Ok(ToolAnswer::Ended(outcome))) => whole(outcome.into_message()),
            Some(Ok(ToolAnswer::Streams(messages))) => streamed(messages, running),
            Some(Err(error)) => Err(error),
            None => Err(Error::RustError("its permit is another's".into())),
        }
    }
}

fn whole(text: String) -> Result<Response> {
    Ok(ResponseBuilder::new()
        .with_header("content-type", "application/json")?
        .fixed(text.into_bytes()))
}

/// Passes on what the tool says. When nobody reads it any more this is dropped, and with
/// it the request to the tool and the permit.
fn streamed(mut messages: Messages, running: Option<Running>) -> Result<Response> {
    let events = async_stream::stream! {
        while let Some(Some(message)) =
            while_permitted(running.as_ref(), pin!(messages.next())).await
        {
            yield Ok::<_, Error>(sse::event(None, &message).into_bytes());
        }
    };
    ResponseBuilder::new()
        .with_header("content-type", "text/event-stream")?
        .from_stream(Box::pin(events))
}
