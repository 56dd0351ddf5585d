//! What a tool, prompt or resource asks of the house: told in its list under
//! [`crate::meta::CONTRACT`], and taken out before a client sees it.

use super::cost::Cost;
use crate::permission::Permission;
use serde::{Deserialize, Serialize};

/// What the house does for a tool when it is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Contract {
    /// The state it reads or changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<StateContract>,
    /// Whether it wants to know who calls.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub principal: bool,
    /// What the user must have allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    /// Whether its calls can be tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskContract>,
    /// What a call takes of the user's quota; none for one unit of the default family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// The names of the arguments that records of its calls may show.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<String>,
}

/// A state that survives the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateContract {
    /// Tools of one family share their state.
    pub family: String,
    /// The argument that may hold a handle; without one, the session's own
    /// state is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// Whether the tool mints a new handle instead of taking one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mints: bool,
}

/// How a call becomes a task, for clients that know tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TaskContract {
    /// At once; for other clients it is an ordinary call.
    Optional,
    /// At once; other clients cannot call the tool.
    Required,
    /// When the tool says so during the call, for example after a question.
    Later,
}
