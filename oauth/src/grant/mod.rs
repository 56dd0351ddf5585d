//! Grants: what a user allowed a client, and the codes and refresh tokens that
//! stand for it.

mod id;

pub use id::GrantId;
