//! The Durable Objects: thin shells around the pure crates.

mod account;
mod handle;
mod login;
mod session;

pub use account::AccountObject;
pub use handle::HandleObject;
pub use login::LoginObject;
pub use session::SessionObject;
