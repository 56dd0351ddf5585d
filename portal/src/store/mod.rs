//! Where things are kept: one file for each, one function for each need.

pub(crate) mod accounts;
pub(crate) mod api_keys;
mod d1;
#[cfg(feature = "faults")]
mod late;
pub(crate) mod logins;
pub(crate) mod policies;
pub(crate) mod records;
pub(crate) mod roles;
pub(crate) mod sessions;
pub(crate) mod signed_in;
pub(crate) mod users;
pub(crate) mod vault;
