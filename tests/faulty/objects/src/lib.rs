//! The Worker of the objects with the feature `faults`: they panic where a request
//! asks for it (`tests/torture/unwind.mjs`).
//!
//! This is a crate so that the feature is on in this bundle and in no other.

pub use objects::{AccountObject, HandleObject, HubObject, LoginObject, SessionObject, TaskObject};
