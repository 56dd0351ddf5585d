//! Stateless clients (2026-07-28): served here, without an object unless the
//! call is about a handle.

use durable::quota::{Admission, admit, too_many_calls};
use durable::tools::{self, Caller, Messages, ToolAnswer};
use futures_util::Stream;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use mcp::era::{Refusal, RequestMeta};
use mcp::reply::{self, fault, method_not_found};
use mcp::revision::Revision;
use mcp::tool::{Ask, Invocation, Outcome, Said, cursor, presented};
use mcp::{ErrorCode, ErrorData, RequestId, envelope, sse};
use serde_json::{Map, Value, json};

use super::{Call, SERVER, bridge, lease, refused};
use crate::answer::{self, Body};
use crate::error::{Error, doing};

impl Call<'_> {
    /// One request that names everything it needs.
    pub(super) async fn stateless(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
    ) -> Result<Response<Body>, Error> {
        let id = &request.id;
        if request.method == "server/discover" {
            return Ok(whole(reply::result(id, &SERVER.discover_result())));
        }
        let holder = lease::holder(&self.principal.account);
        let admission = admit(&self.app.env, &self.principal.account, &holder)
            .await
            .map_err(doing("asking for the quota"))?;
        let mut response = match &admission {
            Admission::Admitted(_) => self.admitted(request, meta).await?,
            Admission::Refused { retry_after_s, .. } => refused(&Refusal::new(
                429,
                Some(id.clone()),
                too_many_calls(*retry_after_s),
            )),
        };
        write(&admission, &mut response);
        Ok(response)
    }

    async fn admitted(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
    ) -> Result<Response<Body>, Error> {
        let id = &request.id;
        match request.method.as_ref() {
            "tools/list" => {
                if let Err(error) = cursor(request.params) {
                    return Ok(whole(reply::error(Some(id), &error)));
                }
                let asked = tools::catalog(&self.app.env).await;
                let catalog = asked.map_err(doing("asking for the tools"))?;
                let mut list = catalog.list(Revision::MODERN);
                SERVER.sign(&mut list);
                Ok(whole(reply::result(id, &list)))
            }
            "tools/call" => self.call_tool(request, meta).await,
            method => Ok(refused(&Refusal::new(
                404,
                Some(id.clone()),
                method_not_found(method),
            ))),
        }
    }

    async fn call_tool(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
    ) -> Result<Response<Body>, Error> {
        let id = request.id.clone();
        let refuse = |words| {
            Ok(whole(reply::error(
                Some(&id),
                &fault(ErrorCode::INVALID_PARAMS, words),
            )))
        };
        let invocation = match Invocation::read(request.params, meta.capabilities(), true) {
            Ok(invocation) => invocation,
            Err(unreadable) => return refuse(unreadable.to_string()),
        };
        let env = &self.app.env;
        let found = tools::find(env, &invocation.name).await;
        let Some(entry) = found.map_err(doing("asking for the tools"))? else {
            return refuse(format!("unknown tool: {}", invocation.name)); // M-TOOL-01
        };
        let caller = Caller {
            principal: &self.principal,
            session: None,
            session_state: None,
        };
        match tools::call(env, &entry, &invocation, caller).await {
            Ok(ToolAnswer::Whole(text)) => Ok(match Said::read(&text) {
                Said::Finished(outcome) => finished(&id, outcome, &invocation),
                Said::Notification { .. } => finished(&id, Outcome::garbage(), &invocation),
            }),
            Ok(ToolAnswer::Streams(messages)) => {
                Ok(bridge::response(streamed(id, messages, invocation)))
            }
            Err(error) => {
                worker::console_error!("calling {}: {error}", invocation.name);
                Ok(finished(&id, Outcome::unreachable(), &invocation))
            }
        }
    }
}

/// The answer of a tool that had nothing to say first. What the client cannot
/// do is told with its own status (M-CAP-01), which is still possible here.
fn finished(id: &RequestId, outcome: Outcome, invocation: &Invocation) -> Response<Body> {
    match response(outcome, invocation) {
        Ok(result) => whole(reply::result(id, &result)),
        Err(error) if error.code == ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY => {
            refused(&Refusal::new(400, Some(id.clone()), error))
        }
        Err(error) => whole(reply::error(Some(id), &error)),
    }
}

/// Progress and logs of the call, then its response. When the client leaves,
/// this is dropped, and with it the request to the tool (M-CANC-01).
fn streamed(
    id: RequestId,
    mut messages: Messages,
    invocation: Invocation,
) -> impl Stream<Item = String> {
    async_stream::stream! {
        let mut outcome = Outcome::unreachable();
        while let Some(message) = messages.next().await {
            match Said::read(&message) {
                Said::Notification { method, params } => {
                    if method == "notifications/progress" {
                        yield sse::event(None, &reply::notification(&method, params.as_deref()));
                    }
                }
                Said::Finished(last) => {
                    outcome = last;
                    break;
                }
            }
        }
        let text = match response(outcome, &invocation) {
            Ok(result) => reply::result(&id, &result),
            Err(error) => reply::error(Some(&id), &error),
        };
        yield sse::event(None, &text);
    }
}

/// The members of the result, or the error.
fn response(outcome: Outcome, invocation: &Invocation) -> Result<Map<String, Value>, ErrorData> {
    let mut result = members(outcome, invocation)?;
    SERVER.sign(&mut result);
    Ok(result)
}

fn members(outcome: Outcome, invocation: &Invocation) -> Result<Map<String, Value>, ErrorData> {
    match outcome {
        Outcome::Complete { result, .. } => Ok(presented(result, Revision::MODERN)),
        Outcome::Failed(error) => Err(error),
        Outcome::Asks {
            questions,
            request_state,
        } => {
            if let Some(capability) = undeclared(questions.values(), invocation) {
                return Err(ErrorData::new(
                    ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
                    "the tool has to ask something that this client cannot be asked",
                    Some(json!({ "requiredCapabilities": { capability: {} } })),
                ));
            }
            let mut result = Map::new();
            result.insert("resultType".into(), "input_required".into());
            if !questions.is_empty() {
                result.insert("inputRequests".into(), json!(questions));
            }
            if let Some(state) = request_state {
                result.insert("requestState".into(), state.into());
            }
            Ok(result)
        }
    }
}

/// The first capability that a question needs and the request does not declare
/// (M-MRTR-02).
fn undeclared<'a>(
    questions: impl Iterator<Item = &'a Ask>,
    invocation: &Invocation,
) -> Option<&'static str> {
    questions
        .filter_map(Ask::capability)
        .find(|capability| !invocation.capabilities.contains_key(*capability))
}

fn whole(text: String) -> Response<Body> {
    answer::json_text(StatusCode::OK, text)
}

/// What is left of the quota, on the answer.
fn write(admission: &Admission, response: &mut Response<Body>) {
    for (name, value) in admission.fields() {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
}
