//! The server around a tool Worker's tools: a small stateless MCP server.

use std::future::Future;
use std::rc::Rc;

use futures_channel::mpsc::{self, Receiver, Sender};
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, LocalBoxStream};
use futures_util::{FutureExt, StreamExt, select_biased};
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
        let (said, mut heard) = mpsc::channel(NOTIFICATIONS_WAITING_MAX);
        let mut done = run(Raw {
            invocation,
            meta: house_meta(&request),
            said,
        })
        .fuse();
        select_biased! {
            first = heard.next() => Served::Events(events(id, first, heard, done)),
            end = done => ok(response(&id, end)),
        }
    }
}

/// What is said while the tool runs, then the response.
fn events(
    id: RequestId,
    first: Option<String>,
    heard: Receiver<String>,
    done: futures_util::future::Fuse<LocalBoxFuture<'static, Result<Reply, Failure>>>,
) -> LocalBoxStream<'static, String> {
    let rest = stream::unfold(Some((id, heard, done)), |state| async move {
        let (id, mut heard, mut done) = state?;
        select_biased! {
            said = heard.next() => match said {
                Some(said) => Some((said, Some((id, heard, done)))),
                // The function dropped its call, so it is about to end.
                None => {
                    let end = done.await;
                    Some((response(&id, end), None))
                }
            },
            end = done => Some((response(&id, end), None)),
        }
    });
    stream::iter(first)
        .chain(rest)
        .map(|message| sse::event(None, &message))
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
            capabilities: self.invocation.capabilities,
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
