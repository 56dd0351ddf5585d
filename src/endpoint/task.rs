//! Tasks of stateless clients (the extension `io.modelcontextprotocol/tasks`).

use std::collections::BTreeMap;

use http::Response;
use mcp::era::{Refusal, RequestMeta};
use mcp::principal::Principal;
use mcp::reply::{self, fault};
use mcp::task::{Flow, Record, TaskId};
use mcp::tool::Invocation;
use mcp::{ErrorCode, ErrorData, envelope};
use platform::answer::Body;
use platform::clock;
use platform::random;
use platform::task;
use serde::Deserialize;
use serde_json::{Map, Value};
use worker::Env;

use super::stateless::{failed, whole};
use super::{Call, SERVER, refused};
use crate::error::{Error, doing};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params {
    task_id: String,
    #[serde(default)]
    input_responses: BTreeMap<String, Value>,
}

/// Makes a task of a call, durable before the client hears of it (T-03).
pub(super) async fn begin(
    env: &Env,
    principal: &Principal,
    invocation: &Invocation,
    repeatable: bool,
) -> Result<Map<String, Value>, ErrorData> {
    if !mcp::task::is_known_to(&invocation.capabilities) {
        return Err(mcp::task::not_known());
    }
    let made = async {
        let key = platform::keys::names(env).map_err(doing("reading the key of names"))?;
        let id = TaskId::mint(Flow::Stateless, &key, &principal.account, random::bytes()?);
        let record = Record::new(
            id.as_str().to_owned(),
            principal.clone(),
            invocation.clone(),
            repeatable,
            clock::now(),
        );
        if !record.fits_row() {
            return Ok(None);
        }
        task::create(env, &id, &record)
            .await
            .map_err(doing("making a task"))?;
        Ok::<_, Error>(Some(record.created_result()))
    };
    match made.await {
        Ok(Some(result)) => Ok(result),
        Ok(None) => {
            let words = "the call is larger than a task can be";
            Err(fault(ErrorCode::INVALID_PARAMS, words))
        }
        Err(error) => {
            worker::console_error!("{error}");
            let words = "the task could not be made";
            Err(fault(ErrorCode::INTERNAL_ERROR, words))
        }
    }
}

impl Call<'_> {
    /// `tasks/get`, `tasks/update` and `tasks/cancel`.
    pub(super) async fn task(
        self,
        request: &envelope::Request<'_>,
        meta: &RequestMeta,
    ) -> Result<Response<Body>, Error> {
        let id = request.id.clone();
        if !mcp::task::is_known_to(&meta.capabilities()) {
            return Ok(refused(&Refusal::new(
                400,
                Some(id),
                mcp::task::not_known(),
            ))); // T-07
        }
        let text = request.params.text().map_or("{}", |params| params.get());
        let params: Params = match serde_json::from_str(text) {
            Ok(params) => params,
            Err(error) => {
                let words = format!("the params of {} cannot be read: {error}", request.method);
                return Ok(failed(&id, &fault(ErrorCode::INVALID_PARAMS, words)));
            }
        };
        let env = &self.app.env;
        let key = platform::keys::names(env).map_err(doing("reading the key of names"))?;
        let account = &self.caller.principal.account;
        let unknown = || fault(ErrorCode::INVALID_PARAMS, "unknown task"); // T-05, T-09
        let Some(task_id) = TaskId::verify(Flow::Stateless, &key, account, &params.task_id) else {
            return Ok(failed(&id, &unknown()));
        };
        let asking = || doing("asking a task");
        let result = if request.method == "tasks/cancel" {
            let cancelled = task::cancel(env, &task_id).await;
            cancelled.map_err(asking())?.then(acknowledged)
        } else {
            // The token may be another one than that of the call.
            let record = task::get(env, &task_id).await.map_err(asking())?;
            match record {
                Some(record) if self.opens(&record.invocation.target).await? => {
                    if request.method == "tasks/get" {
                        Some(record.detailed())
                    } else {
                        let answered = task::update(env, &task_id, &params.input_responses).await;
                        answered.map_err(asking())?.then(acknowledged)
                    }
                }
                _ => None,
            }
        };
        let Some(mut result) = result else {
            return Ok(failed(&id, &unknown()));
        };
        SERVER.sign(&mut result);
        Ok(whole(reply::result(&id, &result)))
    }
}

/// The empty result of a method that only tells something (T-05).
fn acknowledged() -> Map<String, Value> {
    let mut result = Map::new();
    result.insert("resultType".into(), "complete".into());
    result
}
