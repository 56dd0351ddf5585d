//! The API under `/api/v1`: what it has, without doing any of it.
//!
//! 1. [`operations`] is the one table: [`route::find`] leads a request to a row of it,
//!    and [`openapi::document`] describes the same rows.
//! 2. [`shape`] has what is sent and answered, each with its schema and an example.
//! 3. [`Problem`] is what every refusal looks like.

pub mod etag;
mod limit;
pub mod openapi;
mod operation;
mod problem;
pub mod route;
pub mod shape;
mod table;

pub use limit::{EXPORT_MAX, LIMIT_DEFAULT, LIMIT_MAX, limit};
pub use operation::{
    ACCOUNT_READ, ACCOUNT_WRITE, ADMIN_AUDIT, ADMIN_POLICIES, ADMIN_USAGE, ADMIN_USERS, Call,
    Needs, Operation, Query, Tag, Verb,
};
pub use problem::{Code, Problem};
pub use table::operations;

/// Where all of it is.
pub const BASE: &str = "/api/v1";
/// The field by which a page of ours shows that it sends a request, and no other
/// site's.
pub const CSRF_FIELD: &str = "x-csrf-token";
/// The field that names what a request is sent for: sent again, it is not done again.
pub const IDEMPOTENCY_FIELD: &str = "idempotency-key";
/// Most characters of what names a request.
pub const IDEMPOTENCY_CHARS_MAX: usize = 64;
/// Most bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 16 * 1024;
