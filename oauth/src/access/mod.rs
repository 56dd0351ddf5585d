//! Access tokens: signed JWTs in the profile of RFC 9068, checked without I/O.

mod cache;
mod claims;
mod keys;
mod verify;

pub use cache::{CACHED_TOKENS_MAX, ENDED_GRANTS_MAX, TokenCache};
pub use claims::Claims;
pub use keys::KeySet;
pub use verify::{Expected, TokenRefusal};
