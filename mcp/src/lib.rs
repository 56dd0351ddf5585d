//! The server side of MCP as plain values: nothing here does I/O or reads a clock.
//!
//! A request passes through these modules in this order:
//!
//! 1. [`envelope`] reads the JSON-RPC envelope and leaves the params unread.
//! 2. [`era`] decides once which era and revision the request belongs to.
//! 3. [`session`] is the machine behind one session: every change to a session
//!    is a [`session::Session::step`].
//! 4. [`tool`] is the contract between the house and its tool Workers; what a
//!    Worker's author writes is the `toolkit` crate.
//! 5. [`sse`] and [`bridge`] frame what is streamed.
//!
//! [`session_id`], [`event_id`] and [`handle`] are the names that clients carry;
//! each has a MAC, so that a made-up one costs no object.

pub mod backlog;
pub mod bridge;
pub mod cursor;
pub mod envelope;
pub mod era;
pub mod event_id;
pub mod handle;
pub mod limits;
pub mod log_level;
mod long_texts;
mod mac;
pub mod meta;
pub mod params;
pub mod permission;
pub mod principal;
pub mod reply;
pub mod revision;
pub mod server;
pub mod session;
pub mod session_id;
pub mod sse;
pub mod subscription;
pub mod task;
pub mod tool;
pub mod upstream;
pub mod uri_template;
pub mod via;

pub use mac::NameKey;
pub use rmcp::model::{ErrorCode, ErrorData, RequestId};
