//! What is kept of a task: its one row.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rmcp::model::ErrorData;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::limits::{TASK_LIFE, TASK_POLL_INTERVAL};
use crate::principal::Principal;
use crate::tool::{Ask, Invocation};

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The id as clients know it.
    pub id: String,
    /// Who made it.
    pub principal: Principal,
    /// The call, with the answers given so far.
    pub invocation: Invocation,
    /// Whether the call may be made again after a crash: it changes nothing, or
    /// nothing more.
    pub repeatable: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// How far it is.
    pub status: Status,
    /// Whether the call has begun since the status became `Working`.
    pub started: bool,
    /// Rounds of questions so far.
    pub round: u32,
    /// Every key that a question has had: none is used twice (T-06).
    pub keys: BTreeSet<String>,
}

/// A question that is out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// The tool's name for it.
    pub key: String,
    /// The question.
    pub ask: Ask,
}

/// How far a task is (SEP-2663; 2025-11-25, tasks).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Status {
    /// The tool works on it.
    Working,
    /// The client has to answer.
    InputRequired {
        /// The open questions, by the key clients know.
        open: BTreeMap<String, Open>,
    },
    /// It has a result.
    Completed {
        /// The members of the tool's result, without reserved keys.
        result: Map<String, Value>,
    },
    /// It broke in the protocol.
    Failed {
        /// How.
        error: ErrorData,
    },
    /// The client cancelled it.
    Cancelled,
}

impl Status {
    /// Whether nothing will change any more.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Working | Self::InputRequired { .. } => false,
            Self::Completed { .. } | Self::Failed { .. } | Self::Cancelled => true,
        }
    }

    /// Its name on the wire.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Working => "working",
            Self::InputRequired { .. } => "input_required",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Record {
    /// A task that begins now.
    pub fn new(
        id: String,
        principal: Principal,
        invocation: Invocation,
        repeatable: bool,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            principal,
            invocation,
            repeatable,
            created: now,
            updated: now,
            status: Status::Working,
            started: false,
            round: 0,
            keys: BTreeSet::new(),
        }
    }

    /// When it is forgotten, whatever its status (never before `ttlMs`).
    pub fn expiry(&self) -> Timestamp {
        let life = SignedDuration::try_from(TASK_LIFE).unwrap_or_default();
        self.created.saturating_add(life).unwrap_or(Timestamp::MAX)
    }

    /// The members that every message about the task has (T-02).
    fn members(&self) -> Map<String, Value> {
        let members = json!({
            "taskId": self.id,
            "status": self.status.as_str(),
            "createdAt": self.created.to_string(),
            "lastUpdatedAt": self.updated.to_string(),
            "ttlMs": millis(TASK_LIFE),
            "pollIntervalMs": millis(TASK_POLL_INTERVAL),
        });
        serde_json::from_value(members).unwrap_or_default()
    }

    /// The result that a call is answered with when it becomes a task (T-02).
    pub fn created_result(&self) -> Map<String, Value> {
        let mut result = self.members();
        result.insert("resultType".into(), "task".into());
        result
    }

    /// The whole task, as `tasks/get` and `notifications/tasks` give it (T-04).
    pub fn detailed(&self) -> Map<String, Value> {
        let mut result = self.members();
        result.insert("resultType".into(), "complete".into());
        match &self.status {
            Status::Working | Status::Cancelled => {}
            Status::InputRequired { open } => {
                let requests: Map<String, Value> = open
                    .iter()
                    .map(|(key, open)| (key.clone(), json!(open.ask)))
                    .collect();
                result.insert("inputRequests".into(), Value::Object(requests));
            }
            Status::Completed { result: inlined } => {
                result.insert("result".into(), Value::Object(inlined.clone()));
            }
            Status::Failed { error } => {
                result.insert("error".into(), json!(error));
            }
        }
        result
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
