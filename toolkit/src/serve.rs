//! One request to a server, from its body to its answer.

use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use mcp::envelope::{self, Body, Message, Request};
use mcp::era::{self, Headers, Refusal, RequestMeta, Verdict};
use mcp::reply::{self, fault, method_not_found};
use mcp::tool::catalog::Kind;
use mcp::tool::{Invocation, Outcome, Target, is_invocation};
use mcp::{ErrorCode, ErrorData, RequestId, meta, sse};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::completion::Completions;
use crate::resource::Variables;
use crate::server::{Run, Server};
use crate::spoken::{Ended, Raw, Spoken, spoken, text};

/// Notifications that may wait for a slow reader before the function waits too.
const NOTIFICATIONS_WAITING_MAX: usize = 16;

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

/// What comes of a call that is handed over as it is.
pub enum Called {
    /// It is over.
    Ended(Outcome),
    /// It has something to say first: notifications, then its response.
    Speaks(LocalBoxStream<'static, String>),
}

impl std::fmt::Debug for Called {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ended(outcome) => write!(f, "{outcome:?}"),
            Self::Speaks(_) => f.write_str("messages"),
        }
    }
}

/// The same, of any request.
enum Ran {
    Ended(Ended),
    Speaks(LocalBoxStream<'static, Spoken>),
}

impl Server {
    /// Answers one POST. The Worker's entry, [`crate::fetch`], does this.
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
            "server/discover" => ok(reply::result(id, &self.discover())),
            method if is_invocation(method) => self.invoke(request, meta).await,
            method => match Kind::of_method(method) {
                Some(kind) => ok(reply::result(id, &self.list(kind))),
                None => refused(&Refusal::new(
                    404,
                    Some(id.clone()),
                    method_not_found(method),
                )),
            },
        }
    }

    fn discover(&self) -> Value {
        let mut result = json!(self.info.discover_result(self.features()));
        if let Some(told) = result.get_mut("_meta").and_then(Value::as_object_mut) {
            if self.public {
                told.insert(meta::PUBLIC.into(), true.into());
            }
            if !self.permissions.is_empty() {
                let words = self.permissions.iter();
                let words: Map<_, _> = words
                    .map(|(it, words)| ((*it).into(), json!(words)))
                    .collect();
                told.insert(meta::PERMISSIONS.into(), words.into());
            }
        }
        result
    }

    fn list(&self, kind: Kind) -> Value {
        let member = match kind {
            Kind::Tools => "tools",
            Kind::Prompts => "prompts",
            Kind::Resources => "resources",
            Kind::Templates => "resourceTemplates",
        };
        json!({
            "resultType": "complete", "ttlMs": 0, "cacheScope": "private",
            member: self.entries(kind),
        })
    }

    async fn invoke(&self, request: Request<'_>, meta: &RequestMeta) -> Served {
        let id = request.id.clone();
        let capabilities = meta.capabilities();
        let read = Invocation::read(&request.method, &request.params, capabilities, true);
        let ran = match read {
            Ok(invocation) => self.run(Rc::new(invocation), house_meta(&request)).await,
            Err(unreadable) => Ran::Ended(Err(invalid(unreadable.to_string()))),
        };
        match ran {
            Ran::Ended(ended) => ok(text(&id, ended)),
            Ran::Speaks(spoken) => {
                let events = spoken.map(move |it| sse::event(None, &it.into_text(&id)));
                Served::Events(events.boxed_local())
            }
        }
    }

    /// Serves a call in the Worker that makes it: what that tells, what comes of it, and
    /// nothing in between is a text. `told` is what [`Invocation::told`] gives.
    pub async fn call(&self, invocation: Rc<Invocation>, told: Map<String, Value>) -> Called {
        match self.run(invocation, told).await {
            Ran::Ended(Ok(result)) => Called::Ended(Outcome::of(result)),
            Ran::Ended(Err(error)) => Called::Ended(Outcome::Failed(error)),
            Ran::Speaks(spoken) => {
                // The house numbers every request 0.
                let text = |spoken: Spoken| spoken.into_text(&RequestId::Number(0));
                Called::Speaks(spoken.map(text).boxed_local())
            }
        }
    }

    async fn run(&self, invocation: Rc<Invocation>, meta: Map<String, Value>) -> Ran {
        let (run, variables) = match self.find(&invocation.target) {
            Found::Function(run, variables) => (run, variables),
            Found::Completions(completions) => {
                let argument = invocation.arguments.as_deref().map(RawValue::get);
                let context = invocation.context.as_deref().map(RawValue::get);
                let completed = completions.complete(argument, context).await;
                let member = |completion| Map::from_iter([("completion".to_owned(), completion)]);
                let completed = completed.map(|completion| member(json!(completion)));
                return Ran::Ended(completed.map_err(invalid));
            }
            Found::Nothing => return Ran::Ended(Err(invocation.target.unknown())),
        };
        let is_tool = matches!(invocation.target, Target::Tool(_));
        let (said, heard) = mpsc::channel(NOTIFICATIONS_WAITING_MAX);
        let done = run(Raw {
            invocation,
            meta,
            variables,
            said,
        });
        let mut spoken = spoken(is_tool, heard, done);
        match spoken.next().await {
            None => Ran::Ended(Err(invalid("the function said nothing".to_owned()))),
            Some(Spoken::Ended(ended)) => Ran::Ended(ended),
            Some(first @ Spoken::Notification(_)) => {
                let first = stream::iter([first]);
                Ran::Speaks(first.chain(spoken).boxed_local())
            }
        }
    }

    fn find(&self, target: &Target) -> Found<'_> {
        let function = |run: Option<&'_ Run>| run.cloned();
        match target {
            Target::Tool(name) => {
                let found = self.tools.iter().find(|(it, _)| it.name() == name);
                function(found.map(|(_, run)| run))
                    .map_or(Found::Nothing, |run| Found::Function(run, None))
            }
            Target::Prompt(name) => {
                let found = self.prompts.iter().find(|(it, _)| it.name() == name);
                function(found.map(|(_, run)| run))
                    .map_or(Found::Nothing, |run| Found::Function(run, None))
            }
            Target::Resource(uri) => self.reader(uri).map_or(Found::Nothing, |(run, variables)| {
                Found::Function(run.clone(), Some(variables))
            }),
            Target::TaskResult(_) => Found::Nothing,
            Target::PromptArgument(name) => {
                let found = self.prompts.iter().find(|(it, _)| it.name() == name);
                found.map_or(Found::Nothing, |(it, _)| {
                    Found::Completions(&it.completions)
                })
            }
            Target::TemplateVariable(uri) => {
                let found = self.templates.iter().find(|(it, _)| it.uri() == uri);
                found.map_or(Found::Nothing, |(it, _)| {
                    Found::Completions(&it.completions)
                })
            }
        }
    }
}

/// What a request is about, if this server has it.
enum Found<'a> {
    Function(Run, Option<Variables>),
    Completions(&'a Completions),
    Nothing,
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
        .text()
        .and_then(|params| serde_json::from_str::<Params>(params.get()).ok())
        .map(|params| params.meta)
        .unwrap_or_default()
}

fn invalid(words: String) -> ErrorData {
    fault(ErrorCode::INVALID_PARAMS, words)
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
mod tests;
