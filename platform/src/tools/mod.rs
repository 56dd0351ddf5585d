//! The tools, in Workers of their own or linked into this one: what they offer, and how it
//! is asked for.
//!
//! Both the session's object and the front Worker call tools through here, so
//! that state, handles and reserved keys are treated alike in both eras.

mod answer;
mod asking;
mod call;
mod catalog;
mod linked;

pub use answer::whole;
pub use answer::{Messages, ToolAnswer};
pub use call::{Caller, call};
pub use call::{Sent, send};
pub use catalog::{catalog, catalog_soon, find, forget_catalog, known};
