//! How others ask an account's object, and what they say to each other.

mod client;
mod held;
mod logins;
mod overview;
pub mod wire;

pub(crate) use client::post;
pub use client::{
    Opening, begins, gone, keep_records, lent, open, over, policy_changed, session_record, stands,
    used, watch,
};
pub use held::{Held, Kind};
pub use logins::{LOGINS_MAX, LoginInfo, SignOut, Visit};
pub use overview::{GrantInfo, Numbers, Overview, SessionInfo};
