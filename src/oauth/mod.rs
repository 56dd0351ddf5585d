//! The OAuth endpoints.

pub(crate) mod metadata;
