//! Roles: how far a user may let clients go.
//!
//! A role allows permissions by pattern. What a user's roles allow together is
//! the [`Bound`]: nothing beyond it is offered, granted, listed or done for them.
//! It is read when something is granted, and travels in the access token, so that
//! no call has to ask for it.

mod admins;
mod bound;
mod pattern;

pub use admins::{ADMINS_MAX, Admins, BadAdmins};
pub use bound::{ADMIN, Assigned, BOUND_CHARS_MAX, Bound, ROLES_PER_USER_MAX, USER};
