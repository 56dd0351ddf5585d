//! How others ask the object of a task.

mod client;
pub mod wire;

pub use client::{cancel, create, get, give_way, listen, update};
