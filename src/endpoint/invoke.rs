//! A stateless request about something of a tool Worker: a call of a tool, a
//! prompt, a resource, a completion.

use std::rc::Rc;

use futures_util::Stream;
use http::Response;
use mcp::era::{Refusal, RequestMeta};
use mcp::limits::REQUEST_STATE_CHARS_MAX;
use mcp::log_level::LogLevel;
use mcp::principal::Principal;
use mcp::reply::{self, fault};
use mcp::revision::Revision;
use mcp::tool::{
    Change, Invocation, Outcome, RequestState, Said, TaskContract, param_headers, presented,
    presented_error,
};
use mcp::{ErrorCode, ErrorData, RequestId, envelope, sse};
use oauth::grant::GrantId;
use oauth::seal::Seal;
use platform::account;
use platform::answer::Body;
use platform::quota::Admission;
use platform::random;
use platform::records::{Calling, Refused};
use platform::tools::{self, Caller, Messages, ToolAnswer};
use platform::{clock, incoming};
use serde_json::{Map, Value, json};
use worker::Env;

use super::at_once::is_bounded;
use super::stateless::{failed, whole};
use super::{Call, SERVER, admission, bridge, refused, task};
use crate::error::{Error, doing};

/// What answering needs of a request.
#[derive(Clone)]
struct Asked {
    id: RequestId,
    invocation: Rc<Invocation>,
    principal: Principal,
    repeatable: bool,
    seal: Seal,
    env: Env,
}

impl Call<'_> {
    pub(super) async fn invoke(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
        admission: &Admission,
    ) -> Result<Response<Body>, Error> {
        let id = request.id.clone();
        let refuse = |words: String| Ok(failed(&id, &fault(ErrorCode::INVALID_PARAMS, words)));
        let capabilities = meta.capabilities();
        let read = Invocation::read(&request.method, &request.params, capabilities, true);
        let mut invocation = match read {
            Ok(invocation) => invocation,
            Err(unreadable) => return refuse(unreadable.to_string()),
        };
        let env = &self.app.env;
        let account = &self.caller.principal.account;
        let seal = &self.app.config.keys.request_states;
        if let Err(words) = restore(seal, &mut invocation, account) {
            return refuse(words); // M-MRTR-03
        }
        let scopes = &self.caller.principal.scopes;
        let found = tools::find(env, &invocation.target, scopes).await;
        let Some(entry) = found.map_err(doing("asking for the tools"))? else {
            return Ok(failed(&id, &invocation.target.unknown()));
        };
        let headers = |name: &str| incoming::field(self.head, name);
        if let Err(words) = param_headers::check(&entry.param_headers, &invocation, headers) {
            let error = fault(ErrorCode::HEADER_MISMATCH, words); // M-PAR-01
            return Ok(refused(&Refusal::new(400, Some(id), error)));
        }
        invocation.via.clone_from(&self.caller.via);
        let (repeatable, worker) = (entry.is_repeatable(), entry.worker.clone());
        let knows_tasks = mcp::task::is_known_to(&invocation.capabilities);
        let begins_as_task = match entry.contract.task {
            Some(TaskContract::Required) => true,
            Some(TaskContract::Optional) => knows_tasks,
            Some(TaskContract::Later) => {
                invocation.task = !knows_tasks; // there is none to become
                false
            }
            None => false,
        };
        let asked = Asked {
            id,
            principal: self.caller.principal.clone(),
            repeatable,
            seal: seal.clone(),
            env: env.clone(),
            invocation: Rc::new(invocation),
        };
        if begins_as_task {
            return Ok(asked.whole(Outcome::BecomesTask).await);
        }
        let left = incoming::left(self.head);
        let caller = Caller {
            principal: &self.caller.principal,
            session: None,
            session_state: None,
            left: left.as_ref(),
        };
        let (invocation, principal) = (&asked.invocation, &asked.principal);
        let calling = Calling::begins(env, &entry, invocation, principal, None);
        let answered = if is_bounded(admission) {
            // In a box, since nearly no call needs its room.
            match Box::pin(self.one_of_few(&entry, &asked.invocation, admission)).await? {
                Ok(answered) => answered,
                Err(refused) => {
                    calling.never_began();
                    self.note_refusal(&request.method, Refused::Quota);
                    let refused = admission::refusal(&refused, Some(&asked.id));
                    return refused.ok_or(Error::bug("a refusal without an answer"));
                }
            }
        } else {
            tools::call(env, &entry, &asked.invocation, caller).await
        };
        match answered.map(ToolAnswer::ended) {
            Ok(Ok(outcome)) => {
                calling.ended(&outcome, 0);
                Ok(asked.whole(outcome).await)
            }
            Ok(Err(messages)) => {
                let granted = self.caller.grant.clone();
                let (env, ledger) = (env.clone(), asked.principal.ledger.clone());
                let goes_on = async move || match &granted {
                    Some(grant) => stands(&env, &ledger, grant).await,
                    None => true,
                };
                let events = bridge::kept_alive(asked.streamed(messages, calling), goes_on);
                Ok(bridge::response(events))
            }
            Err(error) => {
                worker::console_error!("{} at {worker}: {error}", asked.invocation.target.method());
                let outcome = Outcome::unreachable();
                calling.ended(&outcome, 0);
                Ok(asked.whole(outcome).await)
            }
        }
    }
}

/// Whether a grant stands. One that cannot be asked about does not.
async fn stands(env: &Env, ledger: &str, grant: &GrantId) -> bool {
    account::stands(env, ledger, grant)
        .await
        .unwrap_or_else(|error| {
            worker::console_error!("asking whether a grant stands: {error}");
            false
        })
}

/// Gives the request back what was remembered of its earlier rounds.
fn restore(seal: &Seal, invocation: &mut Invocation, account: &str) -> Result<(), String> {
    let Some(sealed) = invocation.request_state.take() else {
        return Ok(());
    };
    let state: RequestState = seal
        .open(&sealed)
        .ok_or("this requestState is not ours, or was altered")?;
    state
        .restore(invocation, account, clock::now())
        .map_err(|refused| refused.to_string())
}

impl Asked {
    /// The answer to something that had nothing to say first. What the client
    /// cannot do is told with its own status (M-CAP-01), which is still
    /// possible here.
    async fn whole(&self, outcome: Outcome) -> Response<Body> {
        match self.response(outcome).await {
            Ok(result) => whole(reply::call_result(&self.id, &result)),
            Err(error) if error.code == ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY => {
                refused(&Refusal::new(400, Some(self.id.clone()), error))
            }
            Err(error) => failed(&self.id, &error),
        }
    }

    /// Progress and logs of the call, then its response. When the client leaves,
    /// this is dropped, and with it the request to the tool (M-CANC-01).
    fn streamed(self, mut messages: Messages, calling: Calling) -> impl Stream<Item = String> {
        async_stream::stream! {
            let mut outcome = Outcome::unreachable();
            while let Some(message) = messages.next().await {
                match Said::read(&message) {
                    Said::Notification { method, params } => {
                        let passes = match method.as_str() {
                            "notifications/progress" => self.invocation.progress.is_some(),
                            // M-LOG-01
                            "notifications/message" => {
                                let level = LogLevel::of_message(params.as_deref());
                                self.invocation.log_level.is_some() && level >= self.invocation.log_level
                            }
                            _ => false,
                        };
                        if passes {
                            yield sse::event(None, &reply::notification(&method, params.as_deref()));
                        }
                    }
                    Said::Finished(last) => {
                        outcome = last;
                        break;
                    }
                }
            }
            calling.ended(&outcome, 0);
            let text = match self.response(outcome).await {
                Ok(result) => reply::call_result(&self.id, &result),
                Err(error) => reply::error(Some(&self.id), &error),
            };
            yield sse::event(None, &text);
        }
    }

    /// The members of the result, or the error.
    async fn response(&self, outcome: Outcome) -> Result<Map<String, Value>, ErrorData> {
        let target = &self.invocation.target;
        let mut result = match outcome {
            Outcome::Complete {
                result, changes, ..
            } => {
                self.publish(&changes).await;
                presented(result, target, Revision::MODERN)
            }
            Outcome::Failed(error) => {
                return Err(presented_error(error, target, Revision::MODERN));
            }
            Outcome::BecomesTask => {
                let begun = task::begin(
                    &self.env,
                    &self.principal,
                    &self.invocation,
                    self.repeatable,
                );
                begun.await?
            }
            Outcome::Asks {
                questions,
                request_state,
            } => {
                if !target.may_ask() {
                    return Err(fault(ErrorCode::INTERNAL_ERROR, "this cannot ask anything"));
                }
                let declared = &self.invocation.capabilities;
                if let Some(ask) = questions.values().find(|ask| !ask.fits(declared)) {
                    return Err(ErrorData::new(
                        ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
                        "this has to ask something that the client cannot be asked",
                        Some(json!({ "requiredCapabilities": ask.required_capabilities() })),
                    ));
                }
                let mut result = Map::new();
                result.insert("resultType".into(), "input_required".into());
                if !questions.is_empty() {
                    result.insert("inputRequests".into(), json!(questions));
                }
                if let Some(state) = self.remember(request_state)? {
                    result.insert("requestState".into(), state.into());
                }
                result
            }
        };
        if !self.invocation.answers.is_empty() && result.contains_key("ttlMs") {
            // M-CACHE-02: what comes of answers is of this one request.
            result.insert("ttlMs".into(), 0.into());
            result.insert("cacheScope".into(), "private".into());
        }
        SERVER.sign(&mut result);
        Ok(result)
    }

    /// What the client carries to the next round (M-MRTR-04).
    fn remember(&self, tool: Option<String>) -> Result<Option<String>, ErrorData> {
        let Some(state) = RequestState::of(
            &self.invocation,
            &self.principal.account,
            tool,
            clock::now(),
        ) else {
            return Ok(None);
        };
        let nonce = random::bytes()
            .map_err(|_| fault(ErrorCode::INTERNAL_ERROR, "the question cannot be sealed"))?;
        let sealed = self.seal.seal(&state, nonce);
        if sealed.len() > REQUEST_STATE_CHARS_MAX {
            let words = "the answers so far are more than a client can be given to carry";
            return Err(fault(ErrorCode::INTERNAL_ERROR, words));
        }
        Ok(Some(sealed))
    }

    async fn publish(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        if changes.iter().any(Change::is_list) {
            tools::forget_catalog();
        }
        if let Err(error) =
            platform::hub::publish(&self.env, &self.principal.account, changes).await
        {
            worker::console_error!("telling of a change: {error}");
        }
    }
}
