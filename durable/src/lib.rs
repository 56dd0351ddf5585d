//! The Durable Objects: thin shells around the pure crates, and how they and
//! the front Worker call tools.

pub mod account;
mod clock;
pub mod fetch;
mod handle;
pub mod hub;
pub mod json;
pub mod keys;
pub mod leases;
pub mod limits;
pub mod login;
pub mod panics;
pub mod provider;
pub mod quota;
mod random;
pub mod session;
pub mod task;
pub mod tools;
pub mod variable;

pub use account::AccountObject;
pub use handle::HandleObject;
pub use hub::HubObject;
pub use login::LoginObject;
pub use session::SessionObject;
pub use task::TaskObject;
