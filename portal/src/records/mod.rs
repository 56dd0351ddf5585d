//! The audit and the usage in D1: what the queue brings is appended, and what is old
//! is forgotten. The rules and the SQL are `audit`'s.

mod consumer;
mod happening;
mod retention;

pub(crate) use consumer::consume;
pub(crate) use happening::Happening;
pub(crate) use retention::forget;
