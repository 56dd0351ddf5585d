//! Tool Workers: the contract between them and the house.
//!
//! A tool Worker is an ordinary stateless MCP server (2026-07-28) behind a
//! service binding. What it needs beyond the protocol, state and the caller's
//! name, travels under reserved `_meta` keys ([`crate::meta`]).

mod ask;
pub mod catalog;
mod change;
mod contract;
mod cost;
mod invocation;
mod outcome;
pub mod param_headers;
mod presented;
mod request_state;
mod target;

pub use ask::Ask;
pub use catalog::Catalog;
pub use change::Change;
pub use contract::{Contract, StateContract, TaskContract};
pub use cost::{BadCost, Cost, FAMILY_BYTES_MAX, WEIGHT_MAX};
pub use invocation::{Aid, Invocation, Unreadable, WantsTask, is_invocation};
pub use outcome::{Outcome, Said, interrupted};
pub use presented::{presented, presented_error, presented_progress};
pub use request_state::{Refused, RequestState};
pub use target::Target;
