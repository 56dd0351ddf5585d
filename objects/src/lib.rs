//! The Worker of the Durable Objects: sessions, accounts, logins, handles, hubs,
//! tasks and calls at once.
//!
//! Each is a pure machine or rule set, with SQLite, sockets and alarms around it.
//! It has no address of its own: the other Workers reach the objects by name.

mod account;
mod calls;
mod config;
mod handle;
mod hub;
mod login;
mod session;
mod task;

pub use account::AccountObject;
pub use calls::CallsObject;
pub use handle::HandleObject;
pub use hub::HubObject;
pub use login::LoginObject;
pub use session::SessionObject;
pub use task::TaskObject;
