//! The tasks of a session (2025-11-25): each is an object of its own, and
//! outlives the session that made it.

use futures_util::StreamExt;
use futures_util::future::join_all;
use mcp::principal::Principal;
use mcp::reply::{self, fault};
use mcp::task::{Flow, Record, TaskId};
use mcp::tool::{Invocation, Outcome, Target};
use mcp::{ErrorCode, ErrorData, RequestId};
use platform::{clock, random, task, tools};
use serde_json::json;
use worker::{Result, WebSocket, WebsocketEvent};

use super::Inner;

impl Inner {
    /// Makes a task of a call (L-TASK-01), durable before the client hears of it.
    pub(super) async fn begin_task(&self, id: &RequestId, call: Invocation) -> Result<String> {
        let refuse = |error: &ErrorData| Ok(reply::error(Some(id), error));
        let Some(entry) = tools::find(&self.env, &call.target, &call.scopes).await? else {
            return refuse(&call.target.unknown());
        };
        if entry.contract.task.is_none() || !matches!(call.target, Target::Tool(_)) {
            return refuse(&no_task()); // L-TASK-02
        }
        let mut principal = self.with(|session| Principal::clone(&session.record().principal))?;
        principal.scopes.clone_from(&call.scopes);
        let name = random::bytes()?;
        let task_id = TaskId::mint(Flow::Session, &self.key()?, &principal.account, name);
        let repeatable = entry.is_repeatable();
        let text = task_id.as_str().to_owned();
        let record = Record::new(text, principal, call, repeatable, clock::now());
        if !record.fits_row() {
            let words = "the call is larger than a task can be";
            return refuse(&fault(ErrorCode::INVALID_PARAMS, words));
        }
        task::create(&self.env, &task_id, &record).await?;
        self.with(|_| ())?; // the session may have ended meanwhile
        self.rows.add_task(task_id.as_str())?;
        Ok(reply::result(id, &json!({ "task": record.in_session() })))
    }

    /// `tasks/get` and `tasks/cancel`.
    pub(super) async fn show_task(
        &self,
        id: &RequestId,
        named: &str,
        cancel: bool,
    ) -> Result<String> {
        let refuse = |words: &str| {
            let error = fault(ErrorCode::INVALID_PARAMS, words.to_owned()); // L-TASK-06
            Ok(reply::error(Some(id), &error))
        };
        let Some(task_id) = self.task_id(named)? else {
            return refuse("unknown task");
        };
        let Some(mut record) = task::get(&self.env, &task_id).await? else {
            return refuse("unknown task");
        };
        if cancel {
            if record.status.is_final() {
                return refuse("this task has ended already");
            }
            task::cancel(&self.env, &task_id).await?;
            match task::get(&self.env, &task_id).await? {
                Some(cancelled) => record = cancelled,
                None => return refuse("unknown task"),
            }
        }
        Ok(reply::result(id, &record.in_session()))
    }

    /// `tasks/list`: those that this session made and that are not forgotten.
    pub(super) async fn list_tasks(&self, id: &RequestId) -> Result<String> {
        let ids: Vec<TaskId> = self
            .rows
            .tasks()?
            .iter()
            .map(|text| self.task_id(text))
            .filter_map(Result::transpose)
            .collect::<Result<_>>()?;
        let records = join_all(ids.iter().map(|id| task::get(&self.env, id))).await;
        let mut shown = Vec::new();
        for record in records {
            shown.extend(record?.map(|record| record.in_session()));
        }
        Ok(reply::result(id, &json!({ "tasks": shown })))
    }

    /// `tasks/result`: waits until there is a result or a question. What the
    /// client has answered meanwhile is passed on first (L-TASK-04).
    pub(super) async fn await_task(&self, named: &str, call: &Invocation) -> Result<Outcome> {
        let unknown = || Outcome::Failed(call.target.unknown());
        let Some(task_id) = self.task_id(named)? else {
            return Ok(unknown());
        };
        // It may be one of another session of the user, which was allowed more.
        let Some(record) = task::get(&self.env, &task_id).await? else {
            return Ok(unknown());
        };
        let known = tools::known(&self.env, &record.invocation.target).await?;
        if !known.is_none_or(|entry| entry.is_open_to(&call.scopes)) {
            return Ok(unknown());
        }
        if !call.answers.is_empty() {
            task::update(&self.env, &task_id, &call.answers).await?;
        }
        // Listening comes before looking, so that no change falls between.
        let Some(socket) = task::listen(&self.env, &task_id).await? else {
            return Ok(unknown());
        };
        let listening = Listening(socket);
        let mut changes = listening.0.events()?;
        listening.0.accept()?;
        let mut listens = true;
        loop {
            let Some(record) = task::get(&self.env, &task_id).await? else {
                return Ok(unknown());
            };
            if let Some(outcome) = record.outcome() {
                return Ok(outcome);
            }
            if !listens {
                return Ok(Outcome::unreachable());
            }
            // A socket also ends with its task: that is looked for once more.
            listens = matches!(changes.next().await, Some(Ok(WebsocketEvent::Message(_))));
        }
    }

    fn task_id(&self, text: &str) -> Result<Option<TaskId>> {
        let key = self.key()?;
        self.with(|session| {
            let account = &session.record().principal.account;
            TaskId::verify(Flow::Session, &key, account, text)
        })
    }
}

/// A socket of a task. It is closed when nobody waits any more, also because the
/// call was cancelled: an open one would keep the session's object awake.
struct Listening(WebSocket);

impl Drop for Listening {
    fn drop(&mut self) {
        // The task may have closed it.
        let _ = self.0.close(Some(1000), Some("seen"));
    }
}

/// The tool is never a task (L-TASK-02).
fn no_task() -> ErrorData {
    let words = "this tool does not run as a task: call it without `task`";
    fault(ErrorCode::METHOD_NOT_FOUND, words)
}

/// The tool is a task or nothing (L-TASK-02).
pub(super) fn task_only() -> ErrorData {
    let words = "this tool runs as a task only: call it with `task`";
    fault(ErrorCode::METHOD_NOT_FOUND, words)
}
