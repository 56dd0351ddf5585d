//! The server around a tool Worker's tools: a small stateless MCP server.

use std::future::Future;
use std::rc::Rc;
use std::task::Poll;

use futures_channel::mpsc::{self, Receiver, Sender};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, FuturesUnordered, LocalBoxStream};
use futures_util::{FutureExt, StreamExt};
use rmcp::model::{ErrorCode, RequestId};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::definition::Definition;
use super::reply::{Failure, Reply};
use crate::envelope::{self, Body, Message, Request};
use crate::era::{self, Headers, Refusal, RequestMeta, Verdict};
use crate::meta;
use crate::reply::{self, fault, method_not_found};
use crate::server::ServerInfo;
use crate::sse;
use crate::tool::Invocation;

/// Notifications that may wait for a slow reader before the tool waits too.
const NOTIFICATIONS_WAITING_MAX: usize = 16;

type Run = Rc<dyn Fn(Raw) -> LocalBoxFuture<'static, Result<Reply, Failure>>>;

/// A call before its arguments are read.
struct Raw {
    invocation: Invocation,
    meta: Map<String, Value>,
    said: Sender<String>,
}

/// Serves a set of tools.
pub struct ToolServer {
    info: ServerInfo,
    tools: Vec<(Definition, Run)>,
}

impl std::fmt::Debug for ToolServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.tools.iter().map(|(tool, _)| tool.name()))
            .finish()
    }
}

/// An answer to an HTTP request.
pub enum Served {
    /// JSON, with its HTTP status.
    Json {
        /// The status.
        status: u16,
        /// The body; empty for a status without one.
        text: String,
    },
    /// An SSE body.
    Events(LocalBoxStream<'static, String>),
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json { status, text } => write!(f, "{status} {text}"),
            Self::Events(_) => f.write_str("events"),
        }
    }
}

impl ToolServer {
    /// A server without tools.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self {
            info: ServerInfo {
                name,
                version,
                instructions: None,
            },
            tools: Vec::new(),
        }
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool<A, F, R>(mut self, definition: Definition, function: F) -> Self
    where
        A: DeserializeOwned + 'static,
        F: Fn(Call<A>) -> R + 'static,
        R: Future<Output = Result<Reply, Failure>> + 'static,
    {
        let function = Rc::new(function);
        let run: Run = Rc::new(move |raw| {
            let function = Rc::clone(&function);
            async move { function(raw.read()?).await }.boxed_local()
        });
        self.tools.push((definition, run));
        self
    }

    /// Answers one POST.
    pub async fn serve(&self, headers: Headers<'_>, body: &[u8]) -> Served {
        let request = match envelope::read(body) {
            Err(malformed) => return refused(&Refusal::malformed(malformed)),
            Ok(Body::One(Message::Request(request))) => request,
            Ok(Body::One(Message::Notification(_))) => {
                return Served::Json {
                    status: 202,
                    text: String::new(),
                };
            }
            Ok(Body::One(Message::Response(_)) | Body::Array) => {
                return refused(&era::batch_refused());
            }
        };
        match era::request(headers, &request) {
            Verdict::Stateless(meta) => self.stateless(request, &meta).await,
            Verdict::Refuse(refusal) => refused(&refusal),
            Verdict::Open | Verdict::Session | Verdict::Ignore => {
                let words = "this server is stateless: use 2026-07-28";
                let error = fault(ErrorCode::INVALID_REQUEST, words);
                refused(&Refusal::new(400, Some(request.id), error))
            }
        }
    }

    async fn stateless(&self, request: Request<'_>, meta: &RequestMeta) -> Served {
        let id = &request.id;
        match request.method.as_ref() {
            "server/discover" => ok(reply::result(id, &self.info.discover_result())),
            "tools/list" => ok(reply::result(id, &self.list())),
            "tools/call" => self.call(request, meta).await,
            method => refused(&Refusal::new(
                404,
                Some(id.clone()),
                method_not_found(method),
            )),
        }
    }

    fn list(&self) -> Value {
        let tools: Vec<_> = self.tools.iter().map(|(tool, _)| tool.listed()).collect();
        json!({ "resultType": "complete", "ttlMs": 0, "cacheScope": "private", "tools": tools })
    }

    async fn call(&self, request: Request<'_>, meta: &RequestMeta) -> Served {
        let id = request.id.clone();
        let refuse = |words: String| {
            ok(reply::error(
                Some(&request.id),
                &fault(ErrorCode::INVALID_PARAMS, words),
            ))
        };
        let invocation = match Invocation::read(request.params, meta.capabilities(), true) {
            Ok(invocation) => invocation,
            Err(unreadable) => return refuse(unreadable.to_string()),
        };
        let Some((_, run)) = self
            .tools
            .iter()
            .find(|(tool, _)| tool.name() == invocation.name)
        else {
            return refuse(format!("unknown tool: {}", invocation.name)); // M-TOOL-01
        };
        let (said, heard) = mpsc::channel(NOTIFICATIONS_WAITING_MAX);
        let done = run(Raw {
            invocation,
            meta: house_meta(&request),
            said,
        });
        let mut spoken = spoken(id, heard, done);
        match spoken.next().await {
            None => refuse("the tool said nothing".to_owned()),
            Some(Spoken::Response(text)) => ok(text),
            Some(Spoken::Notification(text)) => {
                let first = stream::iter([Spoken::Notification(text)]);
                let events = first
                    .chain(spoken)
                    .map(|spoken| sse::event(None, spoken.text()));
                Served::Events(events.boxed_local())
            }
        }
    }
}

/// What a tool says, in order.
enum Spoken {
    Notification(String),
    Response(String),
}

impl Spoken {
    fn text(&self) -> &str {
        match self {
            Self::Notification(text) | Self::Response(text) => text,
        }
    }
}

/// Everything that is said while the tool runs, then the response.
fn spoken(
    id: RequestId,
    heard: Receiver<String>,
    done: LocalBoxFuture<'static, Result<Reply, Failure>>,
) -> LocalBoxStream<'static, Spoken> {
    // Whoever asks next may be another task than the one that asked first. The
    // set passes a wake-up on to the latest; `worker::Delay` (0.8.7), for one,
    // only ever wakes the first.
    let response = done.map(move |end| Spoken::Response(response(&id, end)));
    let mut response: FuturesUnordered<_> = std::iter::once(response).collect();
    // Both are asked each time, notifications first. The tool's function drops
    // its sender when it ends, so that what it said last comes before the end.
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

impl Raw {
    fn read<A: DeserializeOwned>(self) -> Result<Call<A>, Failure> {
        let text = self
            .invocation
            .arguments
            .as_ref()
            .map_or("{}", |raw| match raw.get() {
                "null" => "{}",
                text => text,
            });
        // M-TOOL-01: wrong values are for the model to see and mend.
        let arguments = serde_json::from_str(text)
            .map_err(|error| Failure::ToModel(format!("The arguments are wrong: {error}.")))?;
        let text = |key: &str| {
            self.meta
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Ok(Call {
            arguments,
            state: self.meta.get(meta::STATE).cloned(),
            handle: text(meta::HANDLE),
            principal: self
                .meta
                .get(meta::PRINCIPAL)
                .and_then(|principal| serde_json::from_value(principal.clone()).ok()),
            session: text(meta::SESSION),
            answers: self.invocation.answers,
            progress: self.invocation.progress,
            said: self.said,
        })
    }
}

/// The reserved keys of a request that comes from the house.
fn house_meta(request: &Request<'_>) -> Map<String, Value> {
    #[derive(serde::Deserialize)]
    struct Params {
        #[serde(rename = "_meta", default)]
        meta: Map<String, Value>,
    }
    request
        .params
        .and_then(|params| serde_json::from_str::<Params>(params.get()).ok())
        .map(|params| params.meta)
        .unwrap_or_default()
}

fn response(id: &RequestId, end: Result<Reply, Failure>) -> String {
    match end {
        Ok(answer) => reply::result(id, &answer.into_result()),
        Err(Failure::ToModel(words)) => reply::result(id, &Failure::into_result(words)),
        Err(Failure::Protocol(error)) => reply::error(Some(id), &error),
    }
}

fn ok(text: String) -> Served {
    Served::Json { status: 200, text }
}

fn refused(refusal: &Refusal) -> Served {
    let text = reply::error(refusal.id.as_ref(), &refusal.error);
    Served::Json {
        status: refusal.status,
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::era::SessionClaim;
    use crate::tool::author::NoArguments;

    async fn steps(mut call: Call<NoArguments>) -> Result<Reply, Failure> {
        for step in 1..=3 {
            call.progress(step, 3, "going on").await;
        }
        Ok(Reply::text("done"))
    }

    fn server() -> ToolServer {
        ToolServer::new("test", "1").tool(Definition::new::<NoArguments>("steps", "Steps."), steps)
    }

    fn serve(meta: &str) -> Served {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"steps","_meta":{{
                "io.modelcontextprotocol/protocolVersion":"2026-07-28",
                "io.modelcontextprotocol/clientCapabilities":{{}}{meta}}}}}}}"#
        );
        let headers = Headers {
            version: Some("2026-07-28"),
            method: Some("tools/call"),
            name: Some("steps"),
            session: SessionClaim::Absent,
        };
        server()
            .serve(headers, body.as_bytes())
            .now_or_never()
            .unwrap()
    }

    /// Checklist M-PROG-01.
    #[test]
    fn progress_is_streamed_in_order_and_the_response_comes_last() {
        let Served::Events(events) = serve(r#","progressToken":"p""#) else {
            panic!("no stream")
        };
        let events: Vec<String> = events.collect().now_or_never().unwrap();
        assert_eq!(events.len(), 4, "{events:?}");
        assert!(
            events[..3]
                .iter()
                .all(|event| event.contains("notifications/progress"))
        );
        assert!(
            events[3].contains("\"id\":7") && events[3].contains("done"),
            "{}",
            events[3]
        );
    }

    /// Checklist M-PROG-01.
    #[test]
    fn nobody_is_told_of_progress_who_did_not_ask() {
        let Served::Json { status: 200, text } = serve("") else {
            panic!("a stream")
        };
        assert!(text.contains("done"), "{text}");
    }
}
