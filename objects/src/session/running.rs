//! A call of a tool, from its start to its end.

use std::pin::pin;
use std::rc::Rc;

use ::quota::Mark;
use futures_util::FutureExt;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::lock::{Mutex, MutexGuard};
use mcp::session::{CallId, Input};
use mcp::tool::catalog::Entry;
use mcp::tool::{Invocation, Outcome, Said, Target, TaskContract, interrupted};
use platform::clock;
use platform::panics::caught;
use platform::quota::{self, Spender};
use platform::records::{self, Calling, Refused};
use platform::tools::{self, Caller, ToolAnswer};
use worker::{Result, console_error};

use super::Inner;
use super::perform::Cause;
use super::task::task_only;

/// Whether the tool was called before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// It was not, or with fewer answers.
    First,
    /// It was, when the object died.
    Again,
}

impl Inner {
    /// Runs a call until it ends or is aborted.
    pub(super) async fn run(self: Rc<Self>, call: CallId, invocation: Rc<Invocation>, run: Run) {
        let (handle, registration) = AbortHandle::new_pair();
        self.aborts.borrow_mut().insert(call, handle);
        let method = invocation.target.method();
        let ran = self.call(call, invocation, run);
        let ran = Abortable::new(caught(ran), registration).await;
        // Who aborted the call has forgotten it; its number may be another's.
        let Ok(ran) = ran else { return };
        let Ok(ran) = ran else {
            // Who waits for it is told, as is who waits for others of the session.
            self.drop_session();
            return self.read_anew().boxed_local().await;
        };
        self.aborts.borrow_mut().remove(&call);
        if let Err(error) = ran {
            console_error!("{method}: {error}");
            let failed = Input::ToolFinished {
                call,
                outcome: Outcome::unreachable(),
            };
            if let Err(error) = self.report(failed, call, None).await {
                console_error!("reporting the failed call: {error}");
                self.read_anew().boxed_local().await;
            }
        }
        self.waiting.borrow_mut().remove(&call);
    }

    pub(super) fn abort(&self, call: CallId) {
        self.waiting.borrow_mut().remove(&call);
        if let Some(handle) = self.aborts.borrow_mut().remove(&call) {
            handle.abort();
        }
    }

    async fn call(
        self: &Rc<Self>,
        call: CallId,
        mut invocation: Rc<Invocation>,
        run: Run,
    ) -> Result<()> {
        #[cfg(feature = "faults")]
        if let Target::Tool(name) = &invocation.target {
            platform::panics::panic_if_asked("call", name.as_bytes());
        }
        if let Target::TaskResult(id) = &invocation.target {
            let outcome = self.await_task(id, &invocation).boxed_local().await?;
            return self
                .report(Input::ToolFinished { call, outcome }, call, None)
                .await;
        }
        let Some(entry) = tools::find(&self.env, &invocation.target, &invocation.scopes).await?
        else {
            let outcome = Outcome::Failed(invocation.target.unknown());
            return self
                .report(Input::ToolFinished { call, outcome }, call, None)
                .await;
        };
        if run == Run::Again && !entry.is_repeatable() {
            let outcome = Outcome::Failed(interrupted());
            return self
                .report(Input::ToolFinished { call, outcome }, call, None)
                .await;
        }
        if entry.contract.task == Some(TaskContract::Required) {
            let outcome = Outcome::Failed(task_only()); // L-TASK-02
            return self
                .report(Input::ToolFinished { call, outcome }, call, None)
                .await;
        }
        // The session asked for no task: there is none to become.
        if entry.contract.task == Some(TaskContract::Later) {
            Rc::make_mut(&mut invocation).task = true;
        }
        let invocation = &invocation;
        let family = own_state(&entry, invocation);
        let turn = family.map(|family| self.turn(family));
        let _turn: Option<MutexGuard<'_, ()>> = match &turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        let (principal, name) = self.with(|session| {
            let record = session.record();
            (Rc::clone(&record.principal), record.name.clone())
        })?;
        let env = &self.env;
        let spender = Spender {
            account: &principal.ledger,
            grant: None, // whoever starts it was asked already
            session: Some(&name),
            mark: Mark::default(),
        };
        let cost = quota::cost_of(&entry)?;
        // In a box, since nearly no call needs its room.
        let permit = Box::pin(self.permits.start(env, spender, &cost.family));
        let (outcome, beyond) = match permit.await? {
            Ok(running) => {
                let written = self.rows.written();
                let calling = Calling::begins(env, &entry, invocation, &principal, Some(&name));
                let ran = self.run_once(call, &entry, invocation, family);
                let ran = quota::while_permitted(running.as_ref(), pin!(ran)).await;
                let outcome = ran.unwrap_or_else(|| Ok(Outcome::unreachable()))?;
                let written = self.rows.written().saturating_sub(written);
                calling.ended(&outcome, u32::try_from(written).unwrap_or(u32::MAX));
                (outcome, None)
            }
            Err(refused) => {
                let method = invocation.target.method();
                records::refused(env, &principal, &invocation.via, method, Refused::Quota);
                let error = quota::too_many_calls(&refused);
                (Outcome::Failed(error), Some(refused))
            }
        };
        let cause = Cause {
            call,
            family,
            beyond: beyond.as_ref(),
        };
        self.report_of(Input::ToolFinished { call, outcome }, cause)
            .await
    }

    /// Calls the tool and reports what it says until it ends.
    async fn run_once(
        self: &Rc<Self>,
        call: CallId,
        entry: &Entry,
        invocation: &Rc<Invocation>,
        family: Option<&str>,
    ) -> Result<Outcome> {
        let mut messages = match self.answer(entry, invocation, family).await?.ended() {
            Ok(outcome) => return Ok(outcome),
            Err(messages) => messages,
        };
        self.report(Input::ToolStreams(call), call, family).await?;
        while let Some(message) = messages.next().await {
            match Said::read(&message) {
                Said::Notification { method, params } => {
                    let told = Input::ToolNotified {
                        call,
                        method,
                        params,
                    };
                    self.report(told, call, family).await?;
                }
                Said::Finished(outcome) => return Ok(outcome),
            }
        }
        Ok(Outcome::unreachable())
    }

    async fn answer(
        &self,
        entry: &Entry,
        invocation: &Rc<Invocation>,
        family: Option<&str>,
    ) -> Result<ToolAnswer> {
        let (mut principal, id) = self.with(|session| {
            let record = session.record();
            (Rc::clone(&record.principal), record.id.clone())
        })?;
        // What counts is the token of the call's own request.
        if principal.scopes != invocation.scopes {
            Rc::make_mut(&mut principal)
                .scopes
                .clone_from(&invocation.scopes);
        }
        let state = family
            .map(|family| self.rows.tool_state(family))
            .transpose()?;
        let caller = Caller {
            principal: &principal,
            session: Some(&id),
            session_state: state.as_ref(),
            left: None,
        };
        tools::call(&self.env, entry, invocation, caller).await
    }

    async fn report(
        self: &Rc<Self>,
        input: Input<'_>,
        call: CallId,
        family: Option<&str>,
    ) -> Result<()> {
        let beyond = None;
        let cause = Cause {
            call,
            family,
            beyond,
        };
        self.report_of(input, cause).await
    }

    async fn report_of(self: &Rc<Self>, input: Input<'_>, cause: Cause<'_>) -> Result<()> {
        let stepped = self.with_mut(|session| session.step(clock::now(), input))?;
        if let Ok(effects) = stepped {
            self.perform(effects, Some(cause)).await?;
        }
        Ok(())
    }

    fn turn(&self, family: &str) -> Rc<Mutex<()>> {
        Rc::clone(
            self.turns
                .borrow_mut()
                .entry(family.to_owned())
                .or_default(),
        )
    }
}

/// The family of the session's own state that the call works on, if it does:
/// a call that names or mints a handle works on the handle's.
fn own_state<'a>(entry: &'a Entry, invocation: &Invocation) -> Option<&'a str> {
    let state = entry.contract.state.as_ref().filter(|state| !state.mints)?;
    let named = state
        .argument
        .as_deref()
        .and_then(|name| invocation.text_argument(name));
    named.is_none().then_some(state.family.as_str())
}
