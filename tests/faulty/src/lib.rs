//! The front Worker and its objects with the feature `faults`: they panic where
//! a request asks for it (`tests/torture/unwind.mjs`), and KV is a minute late
//! where a variable says so (`tests/workerd/slow_kv.test.mjs`).
//!
//! This is a crate so that the feature is on in this bundle and in no other.

pub use sessile::{AccountObject, HandleObject, HubObject, LoginObject, SessionObject, TaskObject};
