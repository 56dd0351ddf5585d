//! Tools: the contract between the house and its tool Workers, and what a
//! tool's author writes.
//!
//! A tool Worker is an ordinary stateless MCP server (2026-07-28) behind a
//! service binding. What it needs beyond the protocol, state and the caller's
//! name, travels under reserved `_meta` keys ([`crate::meta`]).

pub mod author;
mod catalog;
mod contract;
mod invocation;
mod outcome;

pub use catalog::{Catalog, Entry};
pub use contract::{Contract, StateContract};
pub use invocation::{Aid, Invocation, Unreadable};
pub use outcome::{Ask, Outcome, Said, presented};

use rmcp::model::{ErrorCode, ErrorData};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Paged {
    #[serde(default)]
    cursor: Option<String>,
}

/// Checks the cursor of a `tools/list`: the list has one page, so that no
/// cursor is ours (M-LIST-02).
pub fn cursor(params: Option<&RawValue>) -> Result<(), ErrorData> {
    let refuse = |words| Err(crate::reply::fault(ErrorCode::INVALID_PARAMS, words));
    match params.map(|params| serde_json::from_str::<Paged>(params.get())) {
        None | Some(Ok(Paged { cursor: None })) => Ok(()),
        Some(Ok(Paged { cursor: Some(_) })) => refuse("unknown cursor"),
        Some(Err(_)) => refuse("the params of tools/list cannot be read"),
    }
}
