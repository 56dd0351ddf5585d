//! One call as it runs: what is said meanwhile, in order, then the response.

use std::rc::Rc;

use std::task::Poll;

use futures_channel::mpsc::{Receiver, Sender};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, FuturesUnordered, LocalBoxStream};
use futures_util::{FutureExt, StreamExt};
use mcp::tool::Invocation;
use mcp::upstream::Lent;
use mcp::{ErrorCode, ErrorData, RequestId, meta, reply};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::reply::{End, Failure};
use crate::resource::Variables;

/// A call before its arguments are read.
pub(crate) struct Raw {
    pub(crate) invocation: Rc<Invocation>,
    /// The request's `_meta`, with the keys of the house.
    pub(crate) meta: Map<String, Value>,
    /// Of a resource, what was found in its URI.
    pub(crate) variables: Option<Variables>,
    pub(crate) said: Sender<String>,
}

impl Raw {
    /// M-TOOL-01: wrong values are for the model to see and mend.
    pub(crate) fn tool<A: DeserializeOwned>(self) -> Result<Call<A>, Failure> {
        let arguments = self
            .arguments()
            .map_err(|error| Failure::to_model(format!("The arguments are wrong: {error}.")))?;
        Ok(self.call(arguments))
    }

    /// M-PRM-01: wrong arguments are a fault of the request.
    pub(crate) fn prompt<A: DeserializeOwned>(self) -> Result<Call<A>, Failure> {
        let arguments = self
            .arguments()
            .map_err(|error| Failure::invalid(format!("the arguments are wrong: {error}")))?;
        Ok(self.call(arguments))
    }

    pub(crate) fn resource(mut self) -> Result<Call<Variables>, Failure> {
        let uri = self.invocation.target.name();
        let Some(variables) = self.variables.take() else {
            return Err(Failure::no_such_resource(uri));
        };
        Ok(self.call(variables))
    }

    fn arguments<A: DeserializeOwned>(&self) -> Result<A, serde_json::Error> {
        let raw = self.invocation.arguments.as_ref();
        let text = raw.map_or("{}", |raw| match raw.get() {
            "null" => "{}",
            text => text,
        });
        serde_json::from_str(text)
    }

    fn call<A>(mut self, arguments: A) -> Call<A> {
        let mut told = |key: &str| self.meta.remove(key);
        let text = |told: Option<Value>| match told {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let principal = told(meta::PRINCIPAL);
        Call {
            arguments,
            state: told(meta::STATE),
            handle: text(told(meta::HANDLE)),
            principal: principal.and_then(|told| serde_json::from_value(told).ok()),
            session: text(told(meta::SESSION)),
            is_task: told(meta::TASK).is_some(),
            upstream: told(meta::UPSTREAM).map(Lent::of_meta),
            invocation: self.invocation,
            progressed: None,
            said: self.said,
        }
    }
}

/// What a call says, in order.
pub(crate) enum Spoken {
    /// A notification, as text.
    Notification(String),
    /// How it ended.
    Ended(Ended),
}

/// How a call ended: the members of the result, or an error.
pub(crate) type Ended = Result<Map<String, Value>, ErrorData>;

impl Spoken {
    /// The message for the request of that id.
    pub(crate) fn into_text(self, id: &RequestId) -> String {
        match self {
            Self::Notification(text) => text,
            Self::Ended(ended) => text(id, ended),
        }
    }
}

/// The response to the request of that id.
pub(crate) fn text(id: &RequestId, ended: Ended) -> String {
    match ended {
        Ok(result) => reply::call_result(id, &result),
        Err(error) => reply::error(Some(id), &error),
    }
}

/// Everything that is said while the function runs, then the response.
pub(crate) fn spoken(
    is_tool: bool,
    heard: Receiver<String>,
    done: LocalBoxFuture<'static, Result<End, Failure>>,
) -> LocalBoxStream<'static, Spoken> {
    // Whoever asks next may be another task than the one that asked first. The
    // set passes a wake-up on to the latest; `worker::Delay` (0.8.7), for one,
    // only ever wakes the first.
    let response = done.map(move |end| Spoken::Ended(ended(is_tool, end)));
    let mut response: FuturesUnordered<_> = std::iter::once(response).collect();
    // Both are asked each time, notifications first. The function drops its
    // sender when it ends, so that what it said last comes before the end.
    let mut notifications = Some(heard.map(Spoken::Notification));
    let mut ended = None;
    stream::poll_fn(move |context| {
        loop {
            if let Some(waiting) = &mut notifications {
                match waiting.poll_next_unpin(context) {
                    Poll::Ready(Some(notification)) => return Poll::Ready(Some(notification)),
                    Poll::Ready(None) => notifications = None,
                    Poll::Pending => {}
                }
            }
            if ended.is_none() {
                match response.poll_next_unpin(context) {
                    Poll::Ready(end) => {
                        ended = Some(end);
                        continue; // what was said last comes first
                    }
                    Poll::Pending => return Poll::Pending,
                }
            }
            return match ended.as_mut() {
                Some(end) if notifications.is_none() => Poll::Ready(end.take()),
                _ => Poll::Pending,
            };
        }
    })
    .boxed_local()
}

/// A failure for the model is a result of a tool; elsewhere no model listens, and it is
/// an error.
fn ended(is_tool: bool, end: Result<End, Failure>) -> Ended {
    match end {
        Ok(end) => Ok(end.into_members()),
        Err(Failure::ToModel(words)) if is_tool => Ok(End::failed(words).into_members()),
        Err(Failure::ToModel(words)) => Err(reply::fault(ErrorCode::INTERNAL_ERROR, words)),
        Err(Failure::Protocol(error)) => Err(error),
    }
}
