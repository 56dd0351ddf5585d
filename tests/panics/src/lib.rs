//! The front Worker and its objects with the feature `faults`, for
//! `tests/torture/panic.mjs`: they panic where a request asks for it.
//!
//! This is a crate so that the feature is on in this bundle and in no other.

pub use sessile::{AccountObject, HandleObject, HubObject, LoginObject, SessionObject, TaskObject};
