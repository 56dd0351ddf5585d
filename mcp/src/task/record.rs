//! What is kept of a task: its one row.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rmcp::model::{ErrorCode, ErrorData};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::limits::{EVENT_BYTES_MAX, TASK_LIFE, TASK_POLL_INTERVAL};
use crate::mac::OwnedName;
use crate::meta;
use crate::principal::Principal;
use crate::reply::fault;
use crate::revision::Revision;
use crate::tool::{Ask, Invocation, Outcome};

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The id as clients know it.
    pub id: String,
    /// Who made it.
    pub principal: Principal,
    /// The call, with the answers given so far.
    pub invocation: Invocation,
    /// The revision of the client that made it, whose words its results have.
    pub revision: Revision,
    /// How long it is kept, in milliseconds.
    pub life_ms: u64,
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
    /// How often the call was begun since then.
    #[serde(default)]
    pub tries: u32,
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
        mut invocation: Invocation,
        repeatable: bool,
        now: Timestamp,
    ) -> Self {
        invocation.task = true;
        let wanted = invocation.wants_task.take();
        let life_ms = millis(TASK_LIFE);
        Self {
            revision: wanted.map_or(Revision::MODERN, |_| Revision::V20251125),
            life_ms: wanted
                .and_then(|wanted| wanted.ttl)
                .map_or(life_ms, |ttl| ttl.min(life_ms)),
            id,
            principal,
            invocation,
            repeatable,
            created: now,
            updated: now,
            status: Status::Working,
            started: false,
            tries: 0,
            round: 0,
            keys: BTreeSet::new(),
        }
    }

    /// The name of its object.
    pub fn name(&self) -> &str {
        OwnedName::name_in(&self.id)
    }

    /// Whether its row is one that SQLite takes.
    pub fn fits_row(&self) -> bool {
        serde_json::to_string(self).is_ok_and(|row| row.len() <= EVENT_BYTES_MAX)
    }

    /// When it is forgotten, whatever its status (never before `ttlMs`).
    pub fn expiry(&self) -> Timestamp {
        let life = i64::try_from(self.life_ms).unwrap_or(i64::MAX);
        let life = SignedDuration::from_millis(life);
        self.created.saturating_add(life).unwrap_or(Timestamp::MAX)
    }

    /// The members that every message about the task has (T-02).
    fn members(&self) -> Map<String, Value> {
        let members = json!({
            "taskId": self.id,
            "status": self.status.as_str(),
            "createdAt": self.created.to_string(),
            "lastUpdatedAt": self.updated.to_string(),
            "ttlMs": self.life_ms,
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

impl Record {
    /// The task as a session's client sees it (L-TASK-01). There, a result that
    /// tells the model of an error is a failure (L-TASK-03).
    pub fn in_session(&self) -> Map<String, Value> {
        let mut members = self.members();
        for (name, session_name) in [("ttlMs", "ttl"), ("pollIntervalMs", "pollInterval")] {
            if let Some(value) = members.remove(name) {
                members.insert(session_name.into(), value);
            }
        }
        if let Status::Completed { result } = &self.status
            && result.get("isError") == Some(&Value::Bool(true))
        {
            members.insert("status".into(), "failed".into());
        }
        members
    }

    /// What `tasks/result` is answered with, once there is something: the
    /// result, or questions, each naming the task (L-TASK-04, L-TASK-05).
    pub fn outcome(&self) -> Option<Outcome> {
        let related = json!({ "taskId": self.id });
        match &self.status {
            Status::Working => None,
            Status::InputRequired { open } => {
                let questions = open
                    .iter()
                    .map(|(key, open)| {
                        let mut ask = open.ask.clone();
                        let params = ask.params.get_or_insert_with(|| json!({}));
                        relate(params.as_object_mut(), &related);
                        (key.clone(), ask)
                    })
                    .collect();
                Some(Outcome::Asks {
                    questions,
                    request_state: None,
                })
            }
            Status::Completed { result } => {
                let mut result = result.clone();
                relate(Some(&mut result), &related);
                Some(Outcome::Complete {
                    result,
                    state: None,
                    changes: Vec::new(),
                })
            }
            Status::Failed { error } => Some(Outcome::Failed(error.clone())),
            Status::Cancelled => {
                let words = "the task was cancelled";
                Some(Outcome::Failed(fault(ErrorCode::INVALID_REQUEST, words)))
            }
        }
    }
}

/// Says in `_meta` which task a message belongs to.
fn relate(owner: Option<&mut Map<String, Value>>, related: &Value) {
    let meta = owner.map(|owner| owner.entry("_meta").or_insert_with(|| json!({})));
    if let Some(Value::Object(meta)) = meta {
        meta.insert(meta::RELATED_TASK.into(), related.clone());
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
