//! The machine behind one task: a call of a tool that outlives its request.
//!
//! As with sessions, [`Task::step`] is the only way a task changes: it takes
//! what happened and says what to do, in order. The call runs under the
//! object's alarm, which the platform repeats after a crash; so a task goes on,
//! or ends with an error that says what is unknown, whatever dies.

mod id;
mod record;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rmcp::model::{ErrorCode, ErrorData};
use serde_json::{Map, Value, json};

pub use id::{Flow, TaskId};
pub use record::{Open, Record, Status};

use crate::limits::{CALL_TRIES_MAX, QUESTION_ROUNDS_MAX};
use crate::meta;
use crate::reply::fault;
use crate::tool::{Ask, Change, Invocation, Outcome, interrupted, presented};

/// Whether a client with these capabilities knows tasks (T-01).
pub fn is_known_to(capabilities: &Map<String, Value>) -> bool {
    let extensions = capabilities.get("extensions");
    extensions.is_some_and(|extensions| extensions.get(meta::TASKS_EXTENSION).is_some())
}

/// The error for a client that does not know tasks and would have to (T-01, T-07).
pub fn not_known() -> ErrorData {
    ErrorData::new(
        ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
        "this needs a client that declares the tasks extension",
        Some(json!({ "requiredCapabilities": { "extensions": { meta::TASKS_EXTENSION: {} } } })),
    )
}

/// One task, as it stands.
#[derive(Debug, Clone)]
pub struct Task {
    record: Record,
}

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The time came that was asked for with [`Effect::WakeAt`].
    Alarm,
    /// The tool is done, or has to ask.
    ToolFinished(Outcome),
    /// The client answers questions, by the keys it was given.
    Update(BTreeMap<String, Value>),
    /// The client wants no more of it.
    Cancel,
}

/// What to do. The object performs them in order.
#[derive(Debug)]
pub enum Effect {
    /// Store the row.
    Save(Box<Record>),
    /// Report with [`Input::Alarm`] at that time.
    WakeAt(Timestamp),
    /// Call the tool, and report with [`Input::ToolFinished`].
    Invoke(Box<Invocation>),
    /// Stop the call that runs.
    Abort,
    /// Tell who listens how the task stands.
    Tell,
    /// Tell everyone who listens what the call changed.
    Publish(Vec<Change>),
    /// Nothing will change any more: of all tasks of the user, those that are
    /// over are the first that may be forgotten.
    Over,
    /// Forget the task.
    Erase,
}

impl Task {
    /// A task that begins now, and the effects that make it last.
    pub fn open(record: Record) -> (Self, Vec<Effect>) {
        let effects = vec![
            Effect::Save(Box::new(record.clone())),
            Effect::WakeAt(record.created),
        ];
        (Self { record }, effects)
    }

    /// The task as its row tells it.
    pub fn restore(record: Record) -> Self {
        Self { record }
    }

    /// How it stands.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Changes the task by one thing that happened.
    pub fn step(&mut self, now: Timestamp, input: Input) -> Vec<Effect> {
        if now >= self.record.expiry() {
            return vec![Effect::Abort, Effect::Erase];
        }
        match input {
            Input::Alarm => self.alarm(now),
            Input::ToolFinished(outcome) => self.tool_finished(now, outcome),
            Input::Update(answers) => self.update(now, answers),
            Input::Cancel if self.record.status.is_final() => Vec::new(),
            Input::Cancel => {
                let mut effects = vec![Effect::Abort];
                effects.extend(self.become_final(now, Status::Cancelled));
                effects
            }
        }
    }

    /// A call that had begun before the object died is made again only if that
    /// cannot do harm.
    fn alarm(&mut self, now: Timestamp) -> Vec<Effect> {
        let again = self.record.repeatable && self.record.tries < CALL_TRIES_MAX;
        match self.record.status {
            Status::Working if self.record.started && !again => {
                let error = interrupted();
                self.become_final(now, Status::Failed { error })
            }
            Status::Working => {
                self.record.started = true;
                self.record.tries += 1;
                vec![
                    self.save(),
                    Effect::Invoke(Box::new(self.record.invocation.clone())),
                ]
            }
            Status::InputRequired { .. }
            | Status::Completed { .. }
            | Status::Failed { .. }
            | Status::Cancelled => vec![Effect::WakeAt(self.record.expiry())],
        }
    }

    fn tool_finished(&mut self, now: Timestamp, outcome: Outcome) -> Vec<Effect> {
        if self.record.status != Status::Working {
            return Vec::new(); // it was cancelled meanwhile
        }
        match outcome {
            Outcome::Complete {
                result, changes, ..
            } => {
                let target = &self.record.invocation.target;
                let result = presented(result, target, self.record.revision);
                let mut effects = self.become_final(now, Status::Completed { result });
                if !changes.is_empty() {
                    effects.push(Effect::Publish(changes));
                }
                effects
            }
            Outcome::Failed(error) => self.become_final(now, Status::Failed { error }),
            Outcome::BecomesTask => {
                let words = "the tool wants to become a task, which it is";
                let error = fault(ErrorCode::INTERNAL_ERROR, words);
                self.become_final(now, Status::Failed { error })
            }
            Outcome::Asks {
                questions,
                request_state,
            } => self.ask(now, questions, request_state),
        }
    }

    fn ask(
        &mut self,
        now: Timestamp,
        questions: BTreeMap<String, Ask>,
        request_state: Option<String>,
    ) -> Vec<Effect> {
        self.record.round += 1;
        self.record.invocation.request_state = request_state;
        let declared = &self.record.invocation.capabilities;
        let refused = if self.record.round > QUESTION_ROUNDS_MAX {
            Some(fault(
                ErrorCode::INTERNAL_ERROR,
                "the tool asked more often than this server allows",
            ))
        } else {
            let unfit = questions.values().find(|ask| !ask.fits(declared));
            unfit.map(|ask| {
                let mut error = fault(
                    ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
                    "this has to ask something that the client cannot be asked",
                );
                let required = ask.required_capabilities();
                error.data = Some(json!({ "requiredCapabilities": required }));
                error
            })
        };
        if let Some(error) = refused {
            return self.become_final(now, Status::Failed { error });
        }
        if questions.is_empty() {
            return self.go_on(now);
        }
        let open = questions
            .into_iter()
            .map(|(key, ask)| (self.fresh_key(&key), Open { key, ask }))
            .collect();
        self.record.status = Status::InputRequired { open };
        if !self.record.fits_row() {
            let words = "the call is larger than this server keeps while it asks";
            let error = fault(ErrorCode::INTERNAL_ERROR, words);
            return self.become_final(now, Status::Failed { error });
        }
        self.changed(now, self.record.expiry())
    }

    /// The tool's key, or one made of it if that was used before (T-06).
    fn fresh_key(&mut self, key: &str) -> String {
        let round = self.record.round;
        let fresh = if self.record.keys.contains(key) {
            format!("{key}-{round}")
        } else {
            key.to_owned()
        };
        self.record.keys.insert(fresh.clone());
        fresh
    }

    /// T-06: unknown and answered keys are ignored, and so is an answer that has
    /// not the shape of one; what is not answered stays open.
    fn update(&mut self, now: Timestamp, answers: BTreeMap<String, Value>) -> Vec<Effect> {
        let before = self.record.clone();
        let Status::InputRequired { open } = &mut self.record.status else {
            return Vec::new();
        };
        let mut taken = 0_usize;
        for (key, answer) in answers {
            if let Some(asked) = open.get(&key)
                && asked.ask.is_answered_by(&answer)
                && let Some(asked) = open.remove(&key)
            {
                self.record.invocation.answers.insert(asked.key, answer);
                taken += 1;
            }
        }
        let all = open.is_empty();
        if !self.record.fits_row() {
            self.record = before;
            let words = "the answers are larger than this server keeps";
            let error = fault(ErrorCode::INTERNAL_ERROR, words);
            return self.become_final(now, Status::Failed { error });
        }
        match (taken, all) {
            (0, _) => Vec::new(),
            (_, true) => self.go_on(now),
            (_, false) => self.changed(now, self.record.expiry()),
        }
    }

    /// Every question is answered: the tool is called again.
    fn go_on(&mut self, now: Timestamp) -> Vec<Effect> {
        self.record.status = Status::Working;
        self.record.started = false;
        self.record.tries = 0;
        self.changed(now, now)
    }

    fn become_final(&mut self, now: Timestamp, status: Status) -> Vec<Effect> {
        self.record.status = status;
        // Nobody will make the call again.
        self.record.invocation.arguments = None;
        self.record.invocation.answers.clear();
        self.record.invocation.request_state = None;
        if !self.record.fits_row() {
            let words = "the tool's result is larger than this server keeps";
            let error = fault(ErrorCode::INTERNAL_ERROR, words);
            self.record.status = Status::Failed { error };
        }
        let mut effects = self.changed(now, self.record.expiry());
        effects.push(Effect::Over);
        effects
    }

    fn changed(&mut self, now: Timestamp, wake: Timestamp) -> Vec<Effect> {
        self.record.updated = self.record.updated.max(now);
        vec![self.save(), Effect::WakeAt(wake), Effect::Tell]
    }

    fn save(&self) -> Effect {
        Effect::Save(Box::new(self.record.clone()))
    }
}

#[cfg(test)]
mod tests;
