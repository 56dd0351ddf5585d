//! The front Worker with the feature `faults`: it panics where a request asks for it
//! (`tests/torture/unwind.mjs`).
//!
//! This is a crate so that the feature is on in this bundle and in no other.

extern crate sessile;
