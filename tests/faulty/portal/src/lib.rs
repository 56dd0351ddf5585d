//! The portal with the feature `faults`: KV is a minute late where a variable says so
//! (`tests/workerd/slow_kv.test.mjs`).
//!
//! This is a crate so that the feature is on in this bundle and in no other.

extern crate portal;
