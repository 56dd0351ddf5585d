//! The tool Workers: which tools there are, and how one is called.
//!
//! Both the session's object and the front Worker call tools through here, so
//! that state, handles and reserved keys are treated alike in both eras.

mod answer;
mod call;
mod catalog;

pub use answer::{Messages, ToolAnswer};
pub(crate) use call::send;
pub use call::{Caller, call};
pub use catalog::{catalog, find};
