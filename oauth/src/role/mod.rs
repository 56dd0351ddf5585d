//! Roles: how far a user may let clients go.
//!
//! A role allows permissions by pattern. What a user's roles allow together is
//! the [`Bound`]: nothing beyond it is offered, granted, listed or done for them.
//! It is read when something is granted, and travels in the access token, so that
//! no call has to ask for it.

mod admins;
mod bound;
mod change;
mod pattern;
mod written;

pub use admins::{ADMINS_MAX, Admins, BadAdmins};
pub use bound::{
    ADMIN, ADMIN_ALLOWS, Assigned, BOUND_CHARS_MAX, Bound, ROLES_PER_USER_MAX, Standing, USER,
    USER_ALLOWS,
};
pub use change::{RoleChange, RoleHolder, RoleNames, RoleRefusal, bound, enter};
pub use written::{BadRole, ROLE_NAME_CHARS_MAX, ROLES_MAX, Role, is_role_name};
